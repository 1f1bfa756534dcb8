#ifndef BIHUAN_INGEST_VERBS_H
#define BIHUAN_INGEST_VERBS_H
/* The verbs of bihuan-ingest; each returns the exit code. */
#include "common/options.h"

extern const struct options_extra map_extras[], feed_extras[], dlq_extras[], accept_gap_extras[], fill_extras[];

int ingest_run(const struct options *options);
int ingest_feed(const struct options *options);
int ingest_map(const struct options *options);
int ingest_dlq(const struct options *options); /* operand "replay": send again */
int ingest_accept_gap(const struct options *options);
int ingest_fill(const struct options *options);
int ingest_status(const struct options *options);
int ingest_check(const struct options *options);

#endif
