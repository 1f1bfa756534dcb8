#ifndef BIHUAN_SLA_STEP_TABLE_H
#define BIHUAN_SLA_STEP_TABLE_H
/* What an event does to a case in a state: the table of sla/step_table.def, and the
 * words for its entries. Pure data; what an action is in full is the fold's business. */
#include "sla/event.h"

enum case_state {
    STATE_INCOMPLETE,
    STATE_RECEIVED,
    STATE_DISPATCHED,
    STATE_SIGNED,
    STATE_RETURNED,
    STATE_SUSPENDED,
    STATE_ANSWERED,
    STATE_CLOSED,
    STATE_VOIDED,
    STATE_MERGED,
    STATE_OPEN, /* a rating that still needs something */
    CASE_STATES
};
const char *case_state_name(enum case_state state);
/* 已受理 and so on. */
const char *case_state_chinese(enum case_state state);

enum action {
    ACTION_NOTHING,
    ACTION_AMEND,
    ACTION_DISPATCH,
    ACTION_SIGN,
    ACTION_CONTACT,
    ACTION_TRANSFER,
    ACTION_SEND_BACK,
    ACTION_SUSPEND,
    ACTION_RESUME,
    ACTION_REQUEST,
    ACTION_GRANT,
    ACTION_REFUSE,
    ACTION_URGE,
    ACTION_SUPERVISE,
    ACTION_ANSWER,
    ACTION_MEMBER, /* only a co-handling unit's own answer */
    ACTION_CALL_BACK,
    ACTION_CLOSE,
    ACTION_REOPEN,
    ACTION_VOID,
    ACTION_MERGE,
    ACTION_STAGE, /* of a rating: only its clocks */
    ACTION_RECTIFY,
    ACTION_UPHOLD,
    ACTIONS
};
/* As "dispatch", and what it does in a sentence. */
const char *action_name(enum action action);
const char *action_words(enum action action);

extern const uint8_t step_actions[EVENT_TYPES][CASE_STATES]; /* enum action */

static inline enum action step_action(enum case_state state, enum event_type type)
{
    return (enum action)step_actions[type][state];
}

/* How a step came out. All but EFFECT_DONE, EFFECT_REWORK, EFFECT_MEMBER and EFFECT_LINK changed nothing. */
enum effect {
    EFFECT_DONE,
    EFFECT_NOTHING,        /* the table says so */
    EFFECT_BEFORE_RECEIPT,
    EFFECT_LATE,           /* after the deadline it had to come before */
    EFFECT_REASON,         /* a suspension for a reason that the policy does not list */
    EFFECT_TOO_OFTEN,      /* a return beyond the policy's number */
    EFFECT_TOO_LATE,       /* a return after the policy's days */
    EFFECT_ITSELF,         /* a merge into itself */
    EFFECT_NO_CLOCK,       /* nothing to rectify, no appeal to uphold */
    EFFECT_NO_MEMBER,      /* an answer after the answer, by no co-handling unit */
    EFFECT_MEMBER,         /* a co-handling unit's own answer */
    EFFECT_REWORK,         /* done, and a new round began */
    EFFECT_LINK,           /* seen from the case at the other end of a merge or rating */
    EFFECT_ENDED,          /* no event: a suspension reached its longest time */
    EFFECTS
};
const char *effect_name(enum effect effect);
const char *effect_english(enum effect effect);
const char *effect_chinese(enum effect effect);

#endif
