#ifndef BIHUAN_SLA_VERBS_H
#define BIHUAN_SLA_VERBS_H
/* The verbs of bihuan-sla; each returns the exit code. */
#include "common/options.h"

extern const struct options_extra explain_extras[], replay_extras[], case_extras[], cases_extras[], dump_extras[],
    repeats_extras[];

int sla_explain(const struct options *options);
int sla_replay(const struct options *options);
int sla_run(const struct options *options);
int sla_case(const struct options *options);
int sla_cases(const struct options *options);
int sla_dump(const struct options *options);
int sla_repeats(const struct options *options);
int sla_verify(const struct options *options);
int sla_steps(const struct options *options);
int sla_check(const struct options *options);

#endif
