/* Headers of records: made and read. */
#include "sla/told_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(struct told_headers *headers, const char *name, const void *value, size_t bytes)
{
    headers->header[headers->count++] = (struct kafka_header){name, value, bytes};
}

void told_headers_make(struct told_headers *headers, struct text field, const struct told_record *record)
{
    headers->count = 0;
    add(headers, TOLD_HEADER_CASE, field.at, field.bytes);
    for (size_t i = 0; i < record->tolds; i++) add(headers, TOLD_HEADER_TOLD, headers->told[i], told_print(headers->told[i], &record->told[i]));
    if (record->revision)
        add(headers, TOLD_HEADER_REVISION, headers->revision, (size_t)snprintf(headers->revision, sizeof headers->revision, "%" PRIu64, record->revision));
    if (!record->counted) return;
    add(headers, TOLD_HEADER_COUNTS, headers->counts, told_counts_print(headers->counts, record->counts));
    add(headers, TOLD_HEADER_UNIT, record->unit.at, record->unit.bytes);
}

static bool read_revision(struct text text, uint64_t *revision)
{
    char *end, copy[24];
    if (text.bytes == 0 || text.bytes >= sizeof copy) return false;
    memcpy(copy, text.at, text.bytes);
    copy[text.bytes] = 0;
    *revision = strtoull(copy, &end, 10);
    return *end == 0;
}

/* False: it is damaged. */
static bool read_header(const char *name, struct text value, struct text *field, struct told_record *record)
{
    if (!strcmp(name, TOLD_HEADER_CASE)) *field = value;
    else if (!strcmp(name, TOLD_HEADER_UNIT)) record->unit = value;
    else if (!strcmp(name, TOLD_HEADER_REVISION)) return read_revision(value, &record->revision);
    else if (!strcmp(name, TOLD_HEADER_COUNTS)) return record->counted = told_counts_parse(value, record->counts);
    else if (!strcmp(name, TOLD_HEADER_TOLD)) return record->tolds < TOLD_RECORD_MAX && told_parse(value, &record->told[record->tolds++]);
    return true;
}

enum told_read told_record_of(const rd_kafka_headers_t *headers, struct text *field, struct told_record *record)
{
    const char *name;
    const void *value;
    size_t bytes;
    *field = (struct text){0};
    *record = (struct told_record){.tolds = 0};
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &bytes) == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
        if (!read_header(name, (struct text){value, bytes}, field, record)) return TOLD_UNREADABLE;
    return field->bytes ? TOLD_READ : TOLD_NOT_BORNE;
}

enum told_read told_record_read(const rd_kafka_message_t *message, struct text *field, struct told_record *record)
{
    rd_kafka_headers_t *headers;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return TOLD_NOT_BORNE;
    return told_record_of(headers, field, record);
}
