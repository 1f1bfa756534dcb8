#ifndef BIHUAN_SLA_VERBS_H
#define BIHUAN_SLA_VERBS_H
/* The verbs of bihuan-sla; each returns the exit code. */
#include "common/options.h"

extern const struct options_extra explain_extras[], replay_extras[], cases_extras[], dump_extras[];

int explain_verb(const struct options *options);
int replay_verb(const struct options *options);
int run_verb(const struct options *options);
int case_verb(const struct options *options);
int cases_verb(const struct options *options);
int dump_verb(const struct options *options);
int check_verb(const struct options *options);

#endif
