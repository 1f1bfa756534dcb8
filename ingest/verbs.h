#ifndef BIHUAN_INGEST_VERBS_H
#define BIHUAN_INGEST_VERBS_H
/* The verbs of bihuan-ingest; each returns the exit code. */
#include "common/options.h"

extern const struct options_extra map_extras[], feed_extras[], dlq_extras[], accept_gap_extras[];

int run_verb(const struct options *options);
int feed_verb(const struct options *options);
int map_verb(const struct options *options);
int dlq_verb(const struct options *options); /* operand "replay": send again */
int accept_gap_verb(const struct options *options);
int status_verb(const struct options *options);
int check_verb(const struct options *options);

#endif
