#ifndef BIHUAN_NOTIFY_LEDGER_CSV_H
#define BIHUAN_NOTIFY_LEDGER_CSV_H
/* Records of the ledger as comma-separated values (RFC 4180), for spreadsheets; notify/NOTICES.md documents the columns. Pure. */
#include <jansson.h>

#include "common/buffer.h"
#include "common/zone.h"

enum { LEDGER_CSV_LINE_BYTES = 1 << 20 };

/* A byte order mark, by which spreadsheets know UTF-8, and the names of the columns. */
void ledger_csv_begin(struct buffer *out);
/* A record. A cell that a spreadsheet would take for a formula has an apostrophe before it. */
void ledger_csv_add(struct buffer *out, const json_t *record, const struct zone *zone);

#endif
