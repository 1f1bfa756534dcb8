/* Every cell of the table of state × event: as docs/STEPS.md prints it, and tried on the fold. */
#include "tests/unit/lives.h"

static const enum case_state ticket_states[] = {STATE_RECEIVED, STATE_DISPATCHED, STATE_SIGNED, STATE_RETURNED, STATE_SUSPENDED,
                                                STATE_ANSWERED, STATE_CLOSED,     STATE_VOIDED, STATE_MERGED};
static const enum case_state rating_states[] = {STATE_OPEN, STATE_CLOSED};
enum { TICKET_STATES = sizeof ticket_states / sizeof *ticket_states, RATING_STATES = sizeof rating_states / sizeof *rating_states };

static char document[1 << 15];

static void assert_printed(const char *line)
{
    if (!strstr(document, line)) fail_msg("docs/STEPS.md has no line %s", line);
}

static void assert_row(enum event_type type, const enum case_state *states, int count)
{
    char line[1024] = "", cell[64];
    snprintf(line, sizeof line, "\n| `%s` %s |", event_type_name(type), event_type_chinese(type));
    for (int i = 0; i < count; i++) {
        enum action action = step_action(states[i], type);
        snprintf(cell, sizeof cell, " %s |", action == ACTION_NOTHING ? "–" : action_name(action));
        text_append(line, sizeof line, cell);
    }
    text_append(line, sizeof line, "\n");
    assert_printed(line);
}

static void the_document_has_every_cell(void **state)
{
    (void)state;
    for (int type = EVENT_NONE + 1; type < EVENT_TYPES; type++) {
        if (event_type_of((enum event_type)type) == OF_TICKET) assert_row((enum event_type)type, ticket_states, TICKET_STATES);
        else assert_row((enum event_type)type, rating_states, RATING_STATES);
    }
}

static void and_every_word(void **state)
{
    (void)state;
    char line[512];
    assert_printed("`incomplete` 待受理");
    for (int i = STATE_RECEIVED; i < CASE_STATES; i++) {
        snprintf(line, sizeof line, " %s %s |", case_state_name((enum case_state)i), case_state_chinese((enum case_state)i));
        assert_printed(line);
    }
    for (int i = ACTION_NOTHING + 1; i < ACTIONS; i++) {
        snprintf(line, sizeof line, "\n| %s | %s |\n", action_name((enum action)i), action_words((enum action)i));
        assert_printed(line);
    }
    for (int i = EFFECT_DONE; i < EFFECTS; i++) {
        snprintf(line, sizeof line, "\n| `%s` | %s | %s |\n", effect_name((enum effect)i), effect_english((enum effect)i), effect_chinese((enum effect)i));
        assert_printed(line);
    }
    assert_string_equal(case_state_name(STATE_INCOMPLETE), "incomplete");
    assert_string_equal(case_state_chinese(STATE_INCOMPLETE), "待受理");
    assert_string_equal(action_name(ACTION_NOTHING), "nothing");
    assert_non_null(action_words(ACTION_NOTHING));
}

static void what_lies_outside_the_table_is_nothing(void **state)
{
    (void)state;
    for (int type = EVENT_NONE; type < EVENT_TYPES; type++) {
        assert_int_equal(step_action(STATE_INCOMPLETE, (enum event_type)type), ACTION_NOTHING);
        if (event_type_of((enum event_type)type) == OF_TICKET) assert_int_equal(step_action(STATE_OPEN, (enum event_type)type), ACTION_NOTHING);
        for (int i = STATE_RECEIVED; i < STATE_ANSWERED; i++)
            if (event_type_of((enum event_type)type) == OF_RATING) assert_int_equal(step_action((enum case_state)i, (enum event_type)type), ACTION_NOTHING);
    }
}

/* --- tried on the fold --- */

#define NOON "2024-09-03T12:00:00+08:00"
#define AFTER "2024-09-03T13:00:00+08:00"

/* A case brought to a state by noon of 2024-09-03, one day after its receipt. */
static void bring_to(enum of of, enum case_state wanted)
{
    static const enum event_type last[CASE_STATES] = {
        [STATE_DISPATCHED] = TICKET_DISPATCHED, [STATE_SIGNED] = TICKET_SIGNED,     [STATE_RETURNED] = TICKET_RETURNED, [STATE_SUSPENDED] = TICKET_SUSPENDED,
        [STATE_ANSWERED] = TICKET_ANSWERED,     [STATE_CLOSED] = TICKET_CLOSED,     [STATE_VOIDED] = TICKET_VOIDED,     [STATE_MERGED] = TICKET_MERGED};
    life_begin(of);
    struct event receipt = event_at(of == OF_RATING ? RATING_SUBMITTED : TICKET_RECEIVED, "2024-09-02T12:00:00+08:00");
    receipt.satisfaction = of == OF_RATING ? 1 : 0;
    receipt = of_unit(receipt, "wuye");
    happens(of == OF_RATING ? receipt : with_co_units(receipt, CO_UNITS("shequ\0chengguan")));
    if (of == OF_RATING && wanted == STATE_CLOSED) step(RATING_RECTIFIED, NOON);
    if (of == OF_RATING || wanted == STATE_RECEIVED) return;
    struct event event = event_at(last[wanted], NOON);
    happens(wanted == STATE_DISPATCHED ? of_unit(event, "wuye") : event);
}

/* An event whose fields let it do what it can. */
static struct event trial(enum event_type type)
{
    struct event event = event_at(type, AFTER);
    bool unit = type == TICKET_AMENDED || type == TICKET_DISPATCHED || type == TICKET_TRANSFERRED;
    event.days = type == TICKET_EXTENSION_GRANTED || type == TICKET_EXTENSION_REQUESTED ? 2 : 0;
    event.satisfaction = type == TICKET_CALLED_BACK || type == RATING_CALLED_BACK || type == RATING_SUBMITTED ? 3 : 0;
    if (type == TICKET_CONTACTED) event.flags |= EVENT_REACHED;
    return unit ? of_unit(event, "jiedao") : event;
}

static enum case_state state_after(enum action action, enum case_state before)
{
    switch (action) {
    case ACTION_DISPATCH:
    case ACTION_TRANSFER: return STATE_DISPATCHED;
    case ACTION_SIGN: return STATE_SIGNED;
    case ACTION_SEND_BACK: return STATE_RETURNED;
    case ACTION_SUSPEND: return STATE_SUSPENDED;
    case ACTION_RESUME: return STATE_RECEIVED;
    case ACTION_ANSWER: return STATE_ANSWERED;
    case ACTION_CLOSE:
    case ACTION_RECTIFY:
    case ACTION_UPHOLD: return STATE_CLOSED;
    case ACTION_REOPEN: return STATE_DISPATCHED;
    case ACTION_VOID: return STATE_VOIDED;
    case ACTION_MERGE: return STATE_MERGED;
    default: return before == STATE_SUSPENDED ? STATE_RECEIVED : before;
    }
}

/* What an action must alter besides the state, and what it leaves alone. */
static void assert_deed(enum action action, const struct fold *fold)
{
    bool takes = action == ACTION_AMEND || action == ACTION_DISPATCH || action == ACTION_TRANSFER;
    if (takes) assert_true(text_equal(fold->unit, TEXT("jiedao")));
    if (action == ACTION_SEND_BACK) assert_int_equal(fold->unit.bytes, 0);
    if (action == ACTION_GRANT) assert_int_equal(fold->clock[0].extended_days, 2);
    if (action == ACTION_REQUEST) assert_int_equal(clocks_named(fold, "approval"), 1);
    if (action == ACTION_CALL_BACK && fold->of == OF_TICKET) assert_int_equal(fold->satisfaction, 3);
    if (action == ACTION_URGE) assert_int_equal(counted(fold, COUNT_URGED, "wuye") + counted(fold, COUNT_URGED, ""), 1);
    if (action == ACTION_SUPERVISE) assert_int_equal(counted(fold, COUNT_SUPERVISED, "wuye") + counted(fold, COUNT_SUPERVISED, ""), 1);
    if (action == ACTION_REOPEN) assert_int_equal(main_of(fold)->round, 2);
    if (action == ACTION_VOID || action == ACTION_MERGE) assert_int_equal(fold->clock[fold->clocks - 1].outcome, CLOCK_CANCELLED);
    if (action == ACTION_UPHOLD) assert_int_equal(counted(fold, COUNT_APPEALS_UPHELD, "wuye"), 1);
}

static void try_cell(enum of of, enum case_state before, enum event_type type)
{
    char stood[FOLD_TEXT_BYTES], stands[FOLD_TEXT_BYTES];
    enum action action = step_action(before, type);
    bring_to(of, before);
    const struct fold *fold = fold_at(AFTER);
    assert_int_equal(fold->state, before);
    fold_print(fold, stood);
    happens(trial(type));
    fold = fold_at(AFTER);
    fold_print(fold, stands);
    const struct trace *trace = &fold->trace[fold->traces - 1];
    assert_int_equal(trace->event->type, type);
    if ((trace->effect == EFFECT_NOTHING) != (action == ACTION_NOTHING))
        fail_msg("%s when %s: %s, but the table says %s", event_type_name(type), case_state_name(before), effect_name((enum effect)trace->effect), action_name(action));
    if (action == ACTION_NOTHING) {
        assert_string_equal(stands, stood);
        return;
    }
    if (action == ACTION_MEMBER) {
        assert_int_equal(trace->effect, EFFECT_NO_MEMBER);
        assert_string_equal(stands, stood);
        return;
    }
    assert_int_equal(trace->effect, EFFECT_DONE);
    assert_deed(action, fold);
    bool ends = action == ACTION_ANSWER || action == ACTION_CLOSE || action == ACTION_VOID || action == ACTION_MERGE || action == ACTION_RESUME;
    if (before == STATE_SUSPENDED && !ends) {
        assert_int_equal(fold->state, STATE_SUSPENDED); /* it moves underneath */
        step(TICKET_RESUMED, AFTER);
        fold = fold_at(AFTER);
    }
    if (fold->state != state_after(action, before))
        fail_msg("%s when %s: %s", event_type_name(type), case_state_name(before), case_state_name(fold->state));
}

#define SIDE(name, kind, limit) "{'clock': '" name "', 'kind': '" kind "', " limit ", 'suspends': true, 'extends': true}"

static void the_fold_does_what_each_cell_says(void **state)
{
    (void)state;
    rulebook("'classes': [" CLASS("general", MAIN("'limit_workdays': 5") ", " SIDE("approval", "approval", "'limit_workdays': 1") ", "
                                  SIDE("member", "member", "'limit_workdays': 3")) ", {'class': 'rating', 'of': 'rating', 'clocks': ["
             "{'clock': 'rectify', 'limit_workdays': 5, 'starts': 'receipt', 'stopped_by': ['rating.rectified'], 'cancelled_by': ['rating.appeal_upheld'],"
             " 'suspends': false, 'extends': false}]}]", "Asia/Shanghai");
    life.fold.tracing = true;
    for (int type = EVENT_NONE + 1; type < EVENT_TYPES; type++) {
        enum of of = event_type_of((enum event_type)type);
        for (int i = 0; i < (of == OF_TICKET ? TICKET_STATES : RATING_STATES); i++)
            try_cell(of, of == OF_TICKET ? ticket_states[i] : rating_states[i], (enum event_type)type);
    }
}

/* Before its receipt a case waits, whatever comes. */
static void before_its_receipt_everything_waits(void **state)
{
    (void)state;
    rulebook("", "Asia/Shanghai");
    life.fold.tracing = true;
    for (int type = TICKET_AMENDED; type < EVENT_TYPES; type++) {
        if (type == RATING_SUBMITTED) continue;
        life_begin(event_type_of((enum event_type)type));
        happens(trial((enum event_type)type));
        const struct fold *fold = fold_at(AFTER);
        assert_int_equal(fold->state, STATE_INCOMPLETE);
        assert_int_equal(fold->trace[0].effect, EFFECT_BEFORE_RECEIPT);
        assert_int_equal(fold->trace[0].class, -1);
        assert_int_equal(fold->clocks + fold->contributions + fold->holdings + fold->milestones, 0);
    }
}

static void what_is_seen_from_elsewhere_is_a_link(void **state)
{
    (void)state;
    rulebook("", "Asia/Shanghai");
    life.fold.tracing = true;
    bring_to(OF_TICKET, STATE_RECEIVED);
    struct event link = event_at(TICKET_MERGED, AFTER);
    link.flags = EVENT_LINK;
    detail_of(&link)->target = TEXT("ML2024090200009");
    happens(link);
    link = event_at(TICKET_MERGED, AFTER); /* of no known case */
    link.flags = EVENT_LINK;
    happens(link);
    link = event_at(RATING_RECTIFIED, AFTER); /* says nothing here */
    link.flags = EVENT_LINK;
    happens(link);
    const struct fold *fold = fold_at(AFTER);
    assert_int_equal(fold->state, STATE_RECEIVED);
    assert_int_equal(fold->duplicates, 1);
    for (size_t i = 1; i < 4; i++) assert_int_equal(fold->trace[i].effect, EFFECT_LINK);
    step(TICKET_VOIDED, AFTER);
    link = event_at(RATING_SUBMITTED, AFTER); /* of a void case: too late */
    link.flags = EVENT_LINK;
    link.satisfaction = 4;
    happens(link);
    assert_int_equal(fold_at(AFTER)->satisfaction, 0);
}

int main(void)
{
    FILE *in = fopen("docs/STEPS.md", "rb");
    if (!in) return perror("docs/STEPS.md"), 1;
    document[fread(document, 1, sizeof document - 1, in)] = 0;
    fclose(in);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_document_has_every_cell), cmocka_unit_test(and_every_word), cmocka_unit_test(what_lies_outside_the_table_is_nothing),
        cmocka_unit_test(the_fold_does_what_each_cell_says), cmocka_unit_test(before_its_receipt_everything_waits),
        cmocka_unit_test(what_is_seen_from_elsewhere_is_a_link)};
    int failed = cmocka_run_group_tests_name("steps", tests, NULL, NULL);
    rulebook_close();
    return failed;
}
