#ifndef BIHUAN_SLA_EVENT_H
#define BIHUAN_SLA_EVENT_H
/* What can happen to a case: the vocabulary that feeds, core, store and tests
 * share. Pure; decoding of JSON is in sla/event_decode.h.
 *
 * The order of enum event_type is the order of rule 2.1 (ties at one instant)
 * and is kept in stored cases: append only. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes, not terminated. bytes = 0: absent or empty. */
struct text {
    const char *at;
    size_t bytes;
};
#define TEXT(literal) ((struct text){literal, sizeof(literal) - 1})
bool text_equal(struct text a, struct text b);
/* Order by bytes, as memcmp; a prefix comes first. */
int text_compare(struct text a, struct text b);
/* Takes the next of texts that each have a NUL behind them off *list; false at the end. */
bool text_next(struct text *list, struct text *one);
/* Is it one of them? */
bool text_among(struct text list, struct text one);
/* Place of a name in a table, or count. */
size_t text_find(const struct text *table, size_t count, const char *name, size_t bytes);

enum event_type {
    EVENT_NONE,
    TICKET_RECEIVED,            /* 受理 */
    TICKET_AMENDED,             /* 修改 */
    TICKET_DISPATCHED,          /* 派单 */
    TICKET_SIGNED,              /* 签收 */
    TICKET_CONTACTED,           /* 先行联系 */
    TICKET_TRANSFERRED,         /* 转派 */
    TICKET_RETURNED,            /* 退单 */
    TICKET_SUSPENDED,           /* 挂起 */
    TICKET_RESUMED,             /* 恢复 */
    TICKET_EXTENSION_REQUESTED, /* 延期申请 */
    TICKET_EXTENSION_GRANTED,   /* 延期同意 */
    TICKET_EXTENSION_REFUSED,   /* 延期不同意 */
    TICKET_URGED,               /* 催单 */
    TICKET_SUPERVISED,          /* 督办 */
    TICKET_ANSWERED,            /* 办结, 答复 */
    TICKET_CALLED_BACK,         /* 回访 */
    TICKET_CLOSED,              /* 结案 */
    TICKET_REOPENED,            /* 重办 */
    TICKET_VOIDED,              /* 作废 */
    TICKET_MERGED,              /* 并单 */
    RATING_SUBMITTED,           /* 评价 */
    RATING_VERIFIED,            /* 核实 */
    RATING_RECTIFIED,           /* 整改 */
    RATING_APPEALED,            /* 申诉 */
    RATING_APPEAL_UPHELD,
    RATING_APPEAL_REJECTED,
    RATING_REPLIED,             /* 反馈 */
    RATING_CALLED_BACK,         /* 回访 */
    RATING_PUBLISHED,           /* 公开 */
    TICKET_SEEN,                /* 已阅: a notice about it was acknowledged */
    RATING_SEEN,
    EVENT_TYPES
};

/* Cases, and what gathers the appeals of tickets (sla/appeals.h); kept as letters before the names in Redis. */
enum of {
    OF_TICKET,
    OF_RATING,
    OF_APPELLANT, /* one citizen about one item in one area */
    OF_PLACE,     /* one item in one area */
    OFS
};

/* Name as "ticket.received"; EVENT_NONE for no such name. */
const char *event_type_name(enum event_type type);
/* 受理 and so on. */
const char *event_type_chinese(enum event_type type);
enum event_type event_type_parse(const char *name, size_t bytes);
enum of event_type_of(enum event_type type);
const char *of_name(enum of of);
/* 't', 'r', 'a' or 'p'. */
char of_letter(enum of of);
/* Is it a case? */
bool of_case(enum of of);

enum kind { KIND_NONE, KIND_CONSULTATION, KIND_SUGGESTION, KIND_OPINION, KIND_HELP, KIND_COMPLAINT, KIND_REPORT, KIND_PRAISE, KIND_OTHER, KINDS };
enum urgency { URGENCY_NONE, URGENCY_NORMAL, URGENCY_URGENT, URGENCY_CRITICAL, URGENCIES };
enum outcome { OUTCOME_NONE, OUTCOME_SOLVED, OUTCOME_EXPLAINED, OUTCOMES };
const char *kind_name(enum kind kind);
const char *urgency_name(enum urgency urgency);
const char *outcome_name(enum outcome outcome);

enum event_flag {
    EVENT_LINK = 1 << 0,        /* seen from the case that a merge or rating names */
    EVENT_VOID_OF_EFFECT = 1 << 1, /* a merge into itself: history only */
    EVENT_HAS_UNIT = 1 << 2,    /* `unit` was there, maybe empty (none) */
    EVENT_HAS_SIMPLE = 1 << 3,
    EVENT_SIMPLE = 1 << 4,
    EVENT_REACHED = 1 << 5,
    EVENT_DIRECT = 1 << 6,
    EVENT_DEFAULT = 1 << 7,     /* a rating that nobody gave */
    EVENT_HAS_TITLE = 1 << 8,
    EVENT_HAS_ITEM = 1 << 9,
    EVENT_HAS_AREA = 1 << 10,
    EVENT_HAS_CHANNEL = 1 << 11,
    EVENT_HAS_DUE = 1 << 12,
    EVENT_HAS_SOLVED = 1 << 13,
    EVENT_SOLVED = 1 << 14,     /* of a call-back: the citizen says so */
    EVENT_HAS_CO_UNITS = 1 << 15,
};

/* The rarer fields, of received, amended, dispatched, suspended, merged and submitted. */
struct event_detail {
    struct text item, area, channel;
    struct text title;   /* as it may leave ingest: cut and scrubbed */
    struct text citizen; /* keyed hash and masks (ingest/citizen.h); never clear */
    struct text target;  /* `into` or `case`; of a link the case at its other end */
    struct text co_units; /* 会办单位, each with a NUL behind it: text_next walks them */
    struct text reason;  /* of a suspension, where the policy lists it as a code */
    int64_t due_ms;      /* the platform's own deadline */
};

struct event {
    int64_t at_ms;
    uint8_t key[8];          /* first 8 bytes of SHA-256(source, newline, id) */
    uint8_t type;            /* enum event_type */
    uint8_t kind;            /* enum kind */
    uint8_t urgency;         /* enum urgency */
    uint8_t outcome;         /* enum outcome */
    uint8_t satisfaction;    /* 1–5, 0 absent */
    uint8_t days;            /* working days 1–250, 0 absent */
    uint16_t flags;          /* enum event_flag */
    struct text unit;
    const struct event_detail *detail; /* NULL for none */
};

/* Rule 2.1: time, then number of the type, then key. */
int event_compare(const struct event *a, const struct event *b);

/* KEYID:HASH of the citizen that the event names, as kept (ingest/citizen.h); empty where there is no hash. Borrowed. */
struct text event_citizen(const struct event *event);

#endif
