#ifndef BIHUAN_SLA_POLICY_H
#define BIHUAN_SLA_POLICY_H
/* A policy: which class a case has, which clocks a class runs, how they count,
 * what an event does to them, and which reminders and escalations a clock's
 * ladder holds. Data (conf/policy, conf/schema/policy.json, docs/POLICY.md); the
 * code knows no limit of its own. */
#include "sla/event.h"

enum {
    POLICY_CLASSES_MAX = 16,
    POLICY_RULES_MAX = 128,
    POLICY_CLOCKS_MAX = 12,    /* of a class */
    POLICY_NAMES_MAX = 32,     /* names of clocks in all */
    POLICY_LADDERS_MAX = 16,
    POLICY_STEPS_MAX = 24,     /* of a ladder */
    POLICY_ALL_STEPS_MAX = 200,
    POLICY_CALENDARS_MAX = 4,
    POLICY_DATES_MAX = 512,    /* of one calendar's on and off */
    POLICY_PERIODS_MAX = 6,
    POLICY_REASONS_MAX = 16,
    POLICY_EFFECTS_MAX = 24,
    POLICY_WORDS_MAX = 64,     /* of one condition of a rule */
    POLICY_WORD_MAX_BYTES = 127, /* ingest keeps 128 of a field */
    POLICY_NAME_BYTES = 32,
    POLICY_LIMIT_MAX_DAYS = 1000,
    POLICY_LIMIT_MAX_HOURS = 2000,
    COUNTED_DAYS_MAX = 1 << 20, /* more than any calendar holds */
};

/* Whom a step of a ladder addresses: handlers and leaders of the unit that owes the step, the handlers of other parts, of the unit that
 * holds the case 主办, of those that handle it jointly 会办. */
enum role { ROLE_HANDLER, ROLE_LEADER, ROLE_SUPERVISION, ROLE_DISPATCHER, ROLE_CIRCULATION, ROLE_LEAD, ROLE_CO_HANDLERS, ROLES };
const char *role_name(enum role role);

/* Who owes the step that stops a clock. */
enum debtor { DEBTOR_HANDLER, DEBTOR_DISPATCHER, DEBTOR_APPROVER, DEBTOR_HOTLINE, DEBTORS };
const char *debtor_name(enum debtor debtor);

/* How a clock counts. */
struct period {
    int32_t from_ms, to_ms; /* wall clock; the end is not in it */
};
enum { END_SAME_TIME = -1 };
struct counting {
    int calendar;             /* 0: the configured one; else 1 + index of the policy's own */
    bool rest_day_moves;      /* the second reading of receipt on a rest day */
    bool outside_moves;       /* what comes outside the hours begins at the next opening */
    bool last_rest_day_stays; /* of limits in calendar days (otherwise 民法典 203) */
    int32_t day_end_ms;       /* wall clock, or END_SAME_TIME */
    int32_t opening_ms, closing_ms;
    bool hours_listed;        /* else one period, from opening to closing */
    int periods;
    struct period period[POLICY_PERIODS_MAX];
};

enum limit_unit { LIMIT_WORKDAYS, LIMIT_DAYS, LIMIT_WORK_HOURS, LIMIT_HOURS };
struct limit {
    enum limit_unit unit;
    int amount; /* days or hours */
};

/* One step of a ladder. */
enum step_when {
    STEP_WORKDAYS_BEFORE, /* opening of the n-th working day before the last day */
    STEP_HOURS_BEFORE,    /* n hours before closing of the last day, or the deadline where that is earlier */
    STEP_MINUTES_BEFORE,  /* n minutes before the deadline */
    STEP_OVERDUE,         /* the deadline itself */
    STEP_WORKDAYS_AFTER,  /* opening of each working day n … until after the last day */
    STEP_ON_EVENT,        /* at each event of type n */
};
struct policy_step {
    char name[POLICY_NAME_BYTES];
    enum step_when when;
    int n, until;
    unsigned roles; /* bits 1 << enum role */
    uint16_t told_as; /* its place in the vocabulary (sla/vocabulary.h) */
};

/* What a clock is for; where it is printed. */
enum clock_kind { CLOCK_OF_CASE, CLOCK_SHARE, CLOCK_APPROVAL, CLOCK_MEMBER, CLOCK_KINDS };

enum clock_starts { STARTS_RECEIPT, STARTS_EACH_ROUND, STARTS_ON_EVENT };

struct policy_ladder {
    char name[POLICY_NAME_BYTES];
    int first_step, steps; /* of the policy's steps */
};

struct policy_clock {
    const char *name;      /* of the policy's table of names */
    uint8_t name_index;    /* the place there */
    uint8_t told_as;       /* the name's place in the vocabulary (sla/vocabulary.h) */
    uint8_t kind;          /* enum clock_kind */
    uint8_t starts;        /* enum clock_starts */
    uint8_t owed_by;       /* enum debtor */
    bool main;             /* the first of its class */
    bool suspends, extends;
    struct limit limit;
    struct counting counting;
    uint32_t started_by, stopped_by, cancelled_by; /* bits 1 << enum event_type */
    int first_step, steps; /* its ladder's */
};

struct policy_class {
    char name[POLICY_NAME_BYTES];
    enum of of;
    int clocks; /* clock[0], if any, is the class's main clock: `answer` or `rectify` */
    struct policy_clock clock[POLICY_CLOCKS_MAX];
    int share, approval, member;             /* index of the clock of that kind, -1 for none */
    int returns_max_a_round, returns_within_workdays; /* -1: without limit */
};

/* A set of words that a field must be one of. */
struct word_list {
    int count; /* 0: any */
    struct text *word;
};

/* A case is of the first rule's class whose every condition holds. */
struct policy_rule {
    enum of of;
    int class;
    uint32_t kinds, urgencies, stars; /* bits; 0: any */
    int simple, is_default;           /* -1: any */
    struct word_list items, areas, channels;
};

struct policy_reason {
    struct text code;
    int max_workdays; /* 0: without end */
    bool restarts;
};

/* What an event does beyond what it does everywhere. */
struct policy_effect {
    uint8_t on;       /* enum event_type */
    uint32_t in;      /* bits 1 << class; 0: any */
    uint32_t stars;   /* bits; 0: any */
    int solved;       /* -1: any */
    int class;        /* entered; -1: none */
    bool from_event;  /* the new limit counts from the event */
    bool earlier;     /* only where it comes before the present deadline */
    bool rework;      /* 返工: a new round */
};

/* A calendar of the policy's own: which kinds of day count, and single days. */
struct policy_calendar {
    char name[POLICY_NAME_BYTES];
    unsigned kinds; /* bits 1 << enum day_kind */
    int ons, offs;
    int32_t *on, *off;
};

enum due_counts { DUE_OURS, DUE_THEIRS, DUE_EARLIER };

struct policy {
    char name[POLICY_NAME_BYTES];
    char *title, *source;        /* of the rule it rests on, or "" */
    char *json;                  /* the file's content, in compact form */
    int64_t effective_from_ms;
    int extension_max_days;      /* a round, all grants together */
    struct counting counting;
    enum due_counts due;
    bool tells_duplicates;
    uint32_t nudges;             /* events at which a ladder reminds; bits 1 << enum event_type */
    uint32_t ticks;              /* events that start, stop or cancel a clock of any class */
    uint32_t alters;             /* events that have an effect */
    bool has_contact, has_shares, has_approvals, has_members;
    int suspension_max_workdays; /* 0: without end */
    bool reasons_listed;
    int reasons, names, calendars, ladders, steps, classes, effects, rules;
    char clock_name[POLICY_NAMES_MAX][POLICY_NAME_BYTES];
    struct policy_reason reason[POLICY_REASONS_MAX];
    struct policy_calendar calendar[POLICY_CALENDARS_MAX];
    struct policy_ladder ladder[POLICY_LADDERS_MAX];
    struct policy_step step[POLICY_ALL_STEPS_MAX];
    struct policy_class class[POLICY_CLASSES_MAX];
    struct policy_effect effect[POLICY_EFFECTS_MAX];
    struct policy_rule rule[POLICY_RULES_MAX];
};

/* Loads a policy file, or reads its content from JSON text (a certificate holds
 * it). The caller owns the result (policy_free). NULL on error, with
 * "FILE: path: reason" in error[error_bytes]. */
struct policy *policy_load(const char *file, char *error, size_t error_bytes);
struct policy *policy_parse(const char *text, size_t bytes, const char *called, char *error, size_t error_bytes);
void policy_free(struct policy *policy);

/* What rules look at. */
struct policy_facts {
    enum of of;
    enum kind kind;
    enum urgency urgency;
    bool simple, is_default;
    int satisfaction;
    struct text item, area, channel;
};
/* Index of the class, or -1 when no rule holds. */
int policy_classify(const struct policy *policy, const struct policy_facts *facts);
/* Index of the class of that name, or -1. */
int policy_class_named(const struct policy *policy, const char *name);
/* The reason of a suspension as the policy lists it, or NULL. */
const struct policy_reason *policy_reason(const struct policy *policy, struct text code);

#endif
