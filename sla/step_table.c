/* The table, and the words for what is in it. */
#include "sla/step_table.h"

const char *case_state_name(enum case_state state)
{
    static const char *const names[CASE_STATES] = {"incomplete", "received", "dispatched", "signed", "returned", "suspended",
                                                   "answered",   "closed",   "voided",     "merged", "open"};
    return names[state];
}

const char *case_state_chinese(enum case_state state)
{
    static const char *const names[CASE_STATES] = {"待受理", "已受理", "已派单", "已签收", "已退单", "挂起",
                                                   "已办结", "已结案", "已作废", "已并单", "处置中"};
    return names[state];
}

static const struct {
    const char *name, *words;
} actions[ACTIONS] = {
    [ACTION_NOTHING] = {"nothing", "nothing, and this is recorded"},
    [ACTION_AMEND] = {"amend", "its fields replace those of the receipt, its unit takes the case"},
    [ACTION_DISPATCH] = {"dispatch", "its unit takes the case, co-handling units join"},
    [ACTION_SIGN] = {"sign", "signed for"},
    [ACTION_CONTACT] = {"contact", "a first contact, where it reached somebody"},
    [ACTION_TRANSFER] = {"transfer", "its unit takes the case"},
    [ACTION_SEND_BACK] = {"send-back", "back at the dispatcher, unless the class limits returns"},
    [ACTION_SUSPEND] = {"suspend", "clocks rest, if the main deadline is not past and the policy knows the reason"},
    [ACTION_RESUME] = {"resume", "clocks go on, or begin anew where the reason says so"},
    [ACTION_REQUEST] = {"request", "an extension is asked for; in time if the main deadline is not past"},
    [ACTION_GRANT] = {"grant", "days are added, if asked for in time and the round's most is not used up"},
    [ACTION_REFUSE] = {"refuse", "an extension is refused"},
    [ACTION_URGE] = {"urge", "counted; effects and reminders of the policy"},
    [ACTION_SUPERVISE] = {"supervise", "counted; effects and reminders of the policy"},
    [ACTION_ANSWER] = {"answer", "the round is answered; or a co-handling unit's part is"},
    [ACTION_MEMBER] = {"member", "only a co-handling unit's own answer"},
    [ACTION_CALL_BACK] = {"call-back", "counted; satisfaction; rework where the policy says so"},
    [ACTION_CLOSE] = {"close", "the round ends"},
    [ACTION_REOPEN] = {"reopen", "a new round"},
    [ACTION_VOID] = {"void", "final: clocks are cancelled"},
    [ACTION_MERGE] = {"merge", "final: clocks are cancelled; nothing for a merge into itself"},
    [ACTION_STAGE] = {"stage", "starts and stops the clocks that the policy ties to it"},
    [ACTION_RECTIFY] = {"rectify", "the bad review is put right, if it is one"},
    [ACTION_UPHOLD] = {"uphold", "the bad review counts no more, if it is one"},
};

const char *action_name(enum action action) { return actions[action].name; }
const char *action_words(enum action action) { return actions[action].words; }

#define TICKET_STEP(event, received, dispatched, signed_, returned, suspended, answered, closed, voided, merged)                  \
    [event] = {[STATE_RECEIVED] = ACTION_##received, [STATE_DISPATCHED] = ACTION_##dispatched, [STATE_SIGNED] = ACTION_##signed_, \
               [STATE_RETURNED] = ACTION_##returned, [STATE_SUSPENDED] = ACTION_##suspended, [STATE_ANSWERED] = ACTION_##answered, \
               [STATE_CLOSED] = ACTION_##closed, [STATE_VOIDED] = ACTION_##voided, [STATE_MERGED] = ACTION_##merged},
#define RATING_STEP(event, open, closed) [event] = {[STATE_OPEN] = ACTION_##open, [STATE_CLOSED] = ACTION_##closed},
const uint8_t step_actions[EVENT_TYPES][CASE_STATES] = {
#include "sla/step_table.def"
};

static const struct {
    const char *name, *english, *chinese;
} effects[EFFECTS] = {
    [EFFECT_DONE] = {"done", "takes effect", "生效"},
    [EFFECT_NOTHING] = {"nothing", "does nothing in this state; recorded", "在此状态下不生效,仅记录"},
    [EFFECT_BEFORE_RECEIPT] = {"before-receipt", "before the receipt: recorded only", "早于受理,仅记录"},
    [EFFECT_LATE] = {"late", "after the deadline: does nothing; recorded", "已过期限,不生效,仅记录"},
    [EFFECT_REASON] = {"reason", "for a reason that the policy does not list: does nothing; recorded", "理由不在规定之列,不生效,仅记录"},
    [EFFECT_TOO_OFTEN] = {"too-often", "more returns than the class allows: does nothing; recorded", "超过允许的退单次数,不生效,仅记录"},
    [EFFECT_TOO_LATE] = {"too-late", "returned later than the class allows: does nothing; recorded", "超过允许的退单时间,不生效,仅记录"},
    [EFFECT_ITSELF] = {"itself", "a merge into itself: does nothing; recorded", "并入自身,不生效,仅记录"},
    [EFFECT_NO_CLOCK] = {"no-clock", "nothing to put right: does nothing; recorded", "无可整改事项,不生效,仅记录"},
    [EFFECT_NO_MEMBER] = {"no-member", "an answer after the answer: does nothing; recorded", "已办结后的答复,不生效,仅记录"},
    [EFFECT_MEMBER] = {"member", "a co-handling unit's own answer", "会办单位的答复"},
    [EFFECT_REWORK] = {"rework", "takes effect, and a new round begins", "生效,返工重办"},
    [EFFECT_LINK] = {"link", "from a linked case", "来自关联事项"},
    [EFFECT_ENDED] = {"ended", "the suspension reached its longest time; the clocks go on", "挂起达到最长时限,自动恢复计时"},
};

const char *effect_name(enum effect effect) { return effects[effect].name; }
const char *effect_english(enum effect effect) { return effects[effect].english; }
const char *effect_chinese(enum effect effect) { return effects[effect].chinese; }
