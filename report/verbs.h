#ifndef BIHUAN_REPORT_VERBS_H
#define BIHUAN_REPORT_VERBS_H
/* The verbs of bihuan-report; each returns the exit code. */
#include "common/options.h"

extern const struct options_extra summary_extras[];

int report_summary(const struct options *options);
int report_check(const struct options *options);

#endif
