#ifndef BIHUAN_SLA_VERBS_H
#define BIHUAN_SLA_VERBS_H
/* The verbs of bihuan-sla; each returns the exit code. */
#include "common/options.h"

extern const struct options_extra explain_extras[], replay_extras[], backtest_extras[], case_extras[], cases_extras[], dump_extras[], foresight_extras[], rules_extras[], recalc_extras[],
    forget_extras[], rebuild_extras[], repeats_extras[];

int sla_explain(const struct options *options);
int sla_replay(const struct options *options);
int sla_backtest(const struct options *options);
int sla_run(const struct options *options);
int sla_case(const struct options *options);
int sla_cases(const struct options *options);
int sla_dump(const struct options *options);
int sla_foresight(const struct options *options);
int sla_repeats(const struct options *options);
int sla_verify(const struct options *options);
int sla_steps(const struct options *options);
int sla_rebuild(const struct options *options);
int sla_rules(const struct options *options);
int sla_recalc(const struct options *options);
int sla_forget(const struct options *options);
int sla_check(const struct options *options);

#endif
