#ifndef BIHUAN_NOTIFY_SENDING_TABLE_H
#define BIHUAN_NOTIFY_SENDING_TABLE_H
/* The table behind notify/sending.h, as reading fills it. For notify/sending*.c alone. */
#include "notify/sending.h"

/* Kinds of notice that a file can name: its place in the list of names. */
enum sending_kind { SENDING_NOTICE, SENDING_WITHDRAWN, SENDING_CORRECTED, SENDING_CLUSTER, SENDING_KINDS };

/* Whom a rule is for: bits, 0: any; and on which days. */
struct scope {
    unsigned channels, roles;
    int calendar; /* 0: working days; else 1 + index of the file's own */
};

struct hours {
    struct scope scope;
    bool any_hour;
    int periods;
    struct period period[SENDING_PERIODS_MAX];
};

struct digests {
    struct scope scope;
    int times;
    int32_t time_ms[SENDING_TIMES_MAX]; /* the first is the morning's */
    unsigned whens;                     /* steps of these kinds go with it: bits 1 << enum step_when */
    int steps;                          /* and those named */
    char (*step)[POLICY_NAME_BYTES];
};

struct sending {
    int calendars, hours, digests, classes, steps;
    struct policy_calendar calendar[POLICY_CALENDARS_MAX];
    struct hours hour[SENDING_RULES_MAX];
    struct digests digest[SENDING_RULES_MAX];
    /* What passes at any hour. */
    unsigned urgencies, kinds; /* bits 1 << enum urgency, enum sending_kind */
    char (*class)[POLICY_NAME_BYTES], (*step)[POLICY_NAME_BYTES];
};

#endif
