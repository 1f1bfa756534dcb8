/* Every fault that a policy may have, by its place and in its words; and what a policy without fault comes to. */
#include "tests/unit/rulebook.h"

/* A policy with every field there is. */
static const char full[] =
    "{'policy': 'full', 'title': 'a title', 'source': null, 'effective_from': '2024-01-01T00:00:00+08:00',\n"
    " 'counting': {'rest_day_receipt': 'as-received', 'outside_hours': 'next-opening', 'day_end': '17:30', 'opening': '09:00', 'closing': '17:30',\n"
    "  'hours': [['09:00', '11:30'], ['13:30', '17:30']], 'calendar': 'duty', 'last_rest_day': 'stays'},\n"
    " 'calendars': {'duty': {'counts': ['workday', 'weekend'], 'on': ['2026-02-16'], 'off': ['2026-02-17']}},\n"
    " 'extension': {'max_workdays_a_round': 10},\n"
    " 'suspension': {'max_workdays': 7, 'reasons': [{'reason': 'court', 'max_workdays': 15, 'then': 'restarts'}, {'reason': 'other'}]},\n"
    " 'due': 'earlier', 'merged': {'tell_duplicates': true},\n"
    " 'ladders': {'steps': [{'step': 'two-days', 'workdays_before': 2, 'to': ['handler']}, {'step': 'hours', 'hours_before': 4, 'to': ['leader']},\n"
    "   {'step': 'minutes', 'minutes_before': 30, 'to': ['supervision']}, {'step': 'overdue', 'overdue': true, 'to': ['dispatcher']},\n"
    "   {'step': 'after', 'workdays_after': [1, 2], 'to': ['circulation', 'handler']}, {'step': 'urged', 'on': 'ticket.urged', 'to': ['handler']}],\n"
    "  'none': []},\n"
    " 'classes': [\n"
    "  {'class': 'general', 'of': 'ticket', 'returns': {'max_a_round': 1, 'within_workdays': 2}, 'clocks': [\n"
    "   {'clock': 'answer', 'kind': 'case', 'limit_workdays': 5, 'counting': {'day_end': 'same-time', 'opening': '08:00'}, 'starts': 'each-round',\n"
    "    'stopped_by': ['ticket.answered', 'ticket.closed'], 'cancelled_by': ['ticket.voided'], 'suspends': true, 'extends': true, 'owed_by': 'hotline', 'ladder': 'steps'},\n"
    "   {'clock': 'sign', 'limit_work_hours': 2, 'starts': ['ticket.dispatched'], 'stopped_by': ['ticket.signed'], 'suspends': true, 'extends': false},\n"
    "   {'clock': 'contact', 'limit_hours': 3, 'starts': 'receipt', 'suspends': false, 'extends': false},\n"
    "   {'clock': 'share', 'kind': 'share', 'limit_days': 0, 'suspends': true, 'extends': true, 'ladder': 'steps'},\n"
    "   {'clock': 'approval', 'kind': 'approval', 'limit_days': 1, 'suspends': true, 'extends': true},\n"
    "   {'clock': 'member', 'kind': 'member', 'limit_days': 2, 'suspends': true, 'extends': true}]},\n"
    "  {'class': 'strict', 'of': 'ticket', 'clocks': [{'clock': 'answer', 'limit_workdays': 3, 'starts': 'each-round', 'suspends': true, 'extends': true, 'ladder': 'steps'}]},\n"
    "  {'class': 'bad', 'of': 'rating', 'clocks': [{'clock': 'rectify', 'limit_workdays': 4, 'starts': 'receipt', 'stopped_by': ['rating.rectified'], 'suspends': false, 'extends': false}]},\n"
    "  {'class': 'rating', 'of': 'rating', 'clocks': []}],\n"
    " 'effects': [{'on': 'ticket.supervised', 'in': ['general'], 'class': 'strict', 'from': 'event', 'deadline': 'earlier'},\n"
    "  {'on': 'ticket.called_back', 'satisfaction': [1, 2], 'solved': false, 'rework': true}],\n"
    " 'rules': [\n"
    "  {'of': 'ticket', 'kind': ['help', 'report'], 'urgency': ['critical'], 'simple': true, 'item': ['Pothole', 'Kerb'], 'area': ['north'], 'channel': ['web'], 'class': 'strict'},\n"
    "  {'of': 'ticket', 'class': 'general'},\n"
    "  {'of': 'rating', 'satisfaction': [1, 2], 'default': false, 'class': 'bad'},\n"
    "  {'of': 'rating', 'class': 'rating'}]}\n";

static char error[512];

static struct policy *parse(const char *text)
{
    char *json = quoted(text);
    struct policy *policy = policy_parse(json, strlen(json), "full.json", error, sizeof error);
    free(json);
    return policy;
}

/* `full` with the first `from` replaced by `to`, into text. */
static void alter(char *text, size_t room, const char *from, const char *to)
{
    const char *at = strstr(full, from);
    if (!at) fail_msg("there is no %s", from);
    assert_in_range(snprintf(text, room, "%.*s%s%s", (int)(at - full), full, to, at + strlen(from)), 1, room - 1);
}

/* So altered it is refused, in just these words behind the file's name. */
static void assert_fault(const char *from, const char *to, const char *expected)
{
    static char text[1 << 17];
    char whole[512];
    alter(text, sizeof text, from, to);
    snprintf(whole, sizeof whole, "full.json: %s", expected);
    struct policy *policy = parse(text);
    if (policy) fail_msg("%s for %s is taken", to, from);
    if (strcmp(error, whole) != 0) fail_msg("for %s: %s, not %s", to, error, whole);
}

struct fault {
    const char *from, *to, *expected;
};

static void assert_faults(const struct fault *faults, size_t count)
{
    for (size_t i = 0; i < count; i++) assert_fault(faults[i].from, faults[i].to, faults[i].expected);
}
#define ASSERT_FAULTS(faults) assert_faults(faults, sizeof(faults) / sizeof *(faults))

/* "[X, X, X]" */
static const char *times(int count, const char *one)
{
    static char text[1 << 16];
    *text = 0;
    for (int i = 0; i < count; i++) {
        text_append(text, sizeof text, i ? ", " : "[");
        text_append(text, sizeof text, one);
    }
    text_append(text, sizeof text, "]");
    return text;
}

#define NAME_32 "'abcdefghijklmnopqrstuvwxyz012345'"

static void faults_of_the_file_itself(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {"{'policy': 'full'", "{'policy': 'full',, ", "line 1: string or '}' expected near ','"},
        {"{'policy': 'full'", "{'policy': 'full', 'policy': 'full'", "line 1: duplicate object key near '\"policy\"'"},
        {"{'policy': 'full'", "{'polity': 'full'", "policy: unknown field \"polity\""},
        {"{'policy': 'full'", "{'title': 'x'", "line 1: duplicate object key near '\"title\"'"},
        {"'policy': 'full'", "'policy': ''", "policy: policy: expected text of 1 to 31 bytes"},
        {"'policy': 'full'", "'policy': 5", "policy: policy: expected text of 1 to 31 bytes"},
        {"'policy': 'full'", "'policy': " NAME_32, "policy: policy: expected text of 1 to 31 bytes"},
        {"'title': 'a title'", "'title': 5", "title: expected text or null"},
        {"'source': null", "'source': []", "source: expected text or null"},
        {"'2024-01-01T00:00:00+08:00'", "5", "effective_from: expected a time"},
        {"'2024-01-01T00:00:00+08:00'", "'2024-02-30T00:00:00+08:00'", "effective_from: no such date"},
        {"'due': 'earlier'", "'due': 'mine'", "due: expected \"ours\", \"theirs\" or \"earlier\""},
        {"'due': 'earlier'", "'due': null", "due: expected \"ours\", \"theirs\" or \"earlier\""},
        {"{'tell_duplicates': true}", "{'tell_duplicates': 1}", "merged: tell_duplicates: expected true or false"},
        {"{'tell_duplicates': true}", "{'tell': true}", "merged: unknown field \"tell\""},
        {"{'tell_duplicates': true}", "[]", "merged: expected an object"}};
    ASSERT_FAULTS(faults);
    assert_null(parse("[]"));
    assert_string_equal(error, "full.json: policy: expected an object");
    assert_null(parse(""));
    assert_non_null(strstr(error, "full.json: line 1: "));
    assert_null(policy_load("/nonexistent/policy.json", error, sizeof error));
    assert_non_null(strstr(error, "/nonexistent/policy.json: unable to open"));
    char small[12];
    assert_null(policy_load("/nonexistent/policy.json", small, sizeof small));
    assert_string_equal(small, "/nonexisten");
}

static void faults_of_counting(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {"'counting': {'rest_day_receipt'", "'counting': 5, 'x': {'rest_day_receipt'", "policy: unknown field \"x\""},
        {"'rest_day_receipt': 'as-received'", "'rest_day': 'as-received'", "counting: unknown field \"rest_day\""},
        {"'rest_day_receipt': 'as-received', ", "", "counting: rest_day_receipt: it is required"},
        {"'day_end': '17:30', ", "", "counting: day_end: it is required"},
        {"'opening': '09:00', ", "", "counting: opening: it is required"},
        {"'closing': '17:30',", "", "counting: closing: it is required"},
        {"'rest_day_receipt': 'as-received'", "'rest_day_receipt': 'later'", "counting: rest_day_receipt: expected \"as-received\" or \"next-workday\""},
        {"'outside_hours': 'next-opening'", "'outside_hours': true", "counting: outside_hours: expected \"as-received\" or \"next-opening\""},
        {"'last_rest_day': 'stays'", "'last_rest_day': 'goes'", "counting: last_rest_day: expected \"moves\" or \"stays\""},
        {"'day_end': '17:30'", "'day_end': '24:01'", "counting: day_end: expected a time of day as \"17:30\", at most \"24:00\""},
        {"'day_end': '17:30'", "'day_end': 'sometime'", "counting: day_end: expected a time of day as \"17:30\", at most \"24:00\""},
        {"'day_end': '17:30'", "'day_end': 17", "counting: day_end: expected a time of day as \"17:30\", at most \"24:00\""},
        {"'opening': '09:00'", "'opening': '9:00'", "counting: opening: expected a time of day as \"17:30\", at most \"24:00\""},
        {"'opening': '09:00'", "'opening': '09-00'", "counting: opening: expected a time of day as \"17:30\", at most \"24:00\""},
        {"'opening': '09:00'", "'opening': '0x:00'", "counting: opening: expected a time of day as \"17:30\", at most \"24:00\""},
        {"'opening': '09:00'", "'opening': '09:x0'", "counting: opening: expected a time of day as \"17:30\", at most \"24:00\""},
        {"'closing': '17:30'", "'closing': '17:60'", "counting: closing: expected a time of day as \"17:30\", at most \"24:00\""},
        {"[['09:00', '11:30'], ['13:30', '17:30']]", "[]", "counting: hours: expected an array of 1 to 6 periods [\"09:00\", \"11:30\"]"},
        {"[['09:00', '11:30'], ['13:30', '17:30']]", "'all'", "counting: hours: expected an array of 1 to 6 periods [\"09:00\", \"11:30\"]"},
        {"['13:30', '17:30']", "['13:30']", "counting: hours[1]: expected [from, to]"},
        {"['13:30', '17:30']", "['13:30', 5]", "counting: hours: expected a time of day as \"17:30\", at most \"24:00\""},
        {"['13:30', '17:30']", "[5, '17:30']", "counting: hours: expected a time of day as \"17:30\", at most \"24:00\""},
        {"['13:30', '17:30']", "['11:30', '17:30']", "counting: hours[1]: expected periods in order, apart from each other"},
        {"['13:30', '17:30']", "['13:30', '13:30']", "counting: hours[1]: expected periods in order, apart from each other"},
        {"'calendar': 'duty'", "'calendar': 'rota'", "counting: calendar: no calendar of that name in \"calendars\""},
        {"'calendar': 'duty'", "'calendar': 1", "counting: calendar: no calendar of that name in \"calendars\""},
        {"'counting': {'day_end': 'same-time', 'opening': '08:00'}", "'counting': null", "classes[0].clocks[0].counting: expected an object"},
        {"'counting': {'day_end': 'same-time', 'opening': '08:00'}", "'counting': {'day_end': null}",
         "classes[0].clocks[0].counting: day_end: expected a time of day as \"17:30\", at most \"24:00\""},
        {"'closing': '17:30',\n  'hours': [['09:00', '11:30'], ['13:30', '17:30']]", "'closing': '08:00'", "counting: opening: expected before closing"}};
    ASSERT_FAULTS(faults);
    assert_fault("[['09:00', '11:30'], ['13:30', '17:30']]", times(7, "['09:00', '11:30']"), "counting: hours: expected an array of 1 to 6 periods [\"09:00\", \"11:30\"]");
}

static void faults_of_calendars(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {"'calendars': {'duty': {", "'calendars': [], 'x': {'duty': {", "policy: unknown field \"x\""},
        {"{'duty': {'counts': ['workday', 'weekend'], 'on': ['2026-02-16'], 'off': ['2026-02-17']}}", "5", "calendars: expected an object of at most 4 calendars"},
        {"{'duty': {'counts'", "{'a': {}, 'b': {}, 'c': {}, 'd': {}, 'duty': {'counts'", "calendars: expected an object of at most 4 calendars"},
        {"{'duty': {'counts'", "{'': {'counts'", "calendars.: expected a name of 1 to 31 bytes"},
        {"{'duty': {'counts'", "{" NAME_32 ": {'counts'", "calendars.abcdefghijklmnopqrstuvwxyz012345: expected a name of 1 to 31 bytes"},
        {"['workday', 'weekend']", "['workday', 'sunday']", "calendars.duty: counts[1]: unknown name \"sunday\""},
        {"['workday', 'weekend']", "[]", "calendars.duty: counts: expected at least one kind of day"},
        {"'counts': ['workday', 'weekend'], ", "", "calendars.duty: counts: expected at least one kind of day"},
        {"'counts': ['workday', 'weekend']", "'counts': 'workday'", "calendars.duty: counts: expected an array of names"},
        {"'counts': ['workday', 'weekend']", "'counts': [5]", "calendars.duty: counts[0]: unknown name \"(no text)\""},
        {"'on': ['2026-02-16']", "'on': ['2026-02-30']", "calendars.duty: on[0]: expected a date \"YYYY-MM-DD\" of 1999 to 2210"},
        {"'on': ['2026-02-16']", "'on': ['1998-12-31']", "calendars.duty: on[0]: expected a date \"YYYY-MM-DD\" of 1999 to 2210"},
        {"'on': ['2026-02-16']", "'on': ['2211-01-01']", "calendars.duty: on[0]: expected a date \"YYYY-MM-DD\" of 1999 to 2210"},
        {"'off': ['2026-02-17']", "'off': [20260217]", "calendars.duty: off[0]: expected a date \"YYYY-MM-DD\" of 1999 to 2210"},
        {"'off': ['2026-02-17']", "'off': '2026-02-17'", "calendars.duty: off: expected an array of at most 512 dates"},
        {"'off': ['2026-02-17']", "'of': ['2026-02-17']", "calendars.duty: unknown field \"of\""}};
    ASSERT_FAULTS(faults);
    assert_fault("['2026-02-16']", times(513, "'2026-02-16'"), "calendars.duty: on: expected an array of at most 512 dates");
}

static void faults_of_extensions_and_suspensions(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {" 'extension': {'max_workdays_a_round': 10},\n", "", "extension: expected an object"},
        {"'max_workdays_a_round': 10", "'max': 10", "extension: unknown field \"max\""},
        {"'max_workdays_a_round': 10", "'max_workdays_a_round': -1", "extension: max_workdays_a_round: expected a whole number from 0 to 1000"},
        {"'max_workdays_a_round': 10", "'max_workdays_a_round': 1001", "extension: max_workdays_a_round: expected a whole number from 0 to 1000"},
        {"'max_workdays_a_round': 10", "'max_workdays_a_round': 1.5", "extension: max_workdays_a_round: expected a whole number from 0 to 1000"},
        {"'suspension': {'max_workdays': 7", "'suspension': {'longest': 7", "suspension: unknown field \"longest\""},
        {"'suspension': {'max_workdays': 7", "'suspension': {'max_workdays': 0", "suspension: max_workdays: expected a whole number from 1 to 1000"},
        {"[{'reason': 'court', 'max_workdays': 15, 'then': 'restarts'}, {'reason': 'other'}]", "{}", "suspension: reasons: expected an array of at most 16"},
        {"{'reason': 'other'}", "'other'", "suspension.reasons[1]: expected an object"},
        {"{'reason': 'other'}", "{'reason': ''}", "suspension.reasons[1]: reason: expected text of 1 to 31 bytes"},
        {"{'reason': 'other'}", "{'reason': 'other', 'max': 5}", "suspension.reasons[1]: unknown field \"max\""},
        {"'max_workdays': 15", "'max_workdays': 'long'", "suspension.reasons[0]: max_workdays: expected a whole number from 1 to 1000"},
        {"'then': 'restarts'", "'then': 'ends'", "suspension.reasons[0]: then: expected \"continues\" or \"restarts\""}};
    ASSERT_FAULTS(faults);
    assert_fault("[{'reason': 'court', 'max_workdays': 15, 'then': 'restarts'}, {'reason': 'other'}]", times(17, "{'reason': 'a'}"), "suspension: reasons: expected an array of at most 16");
}

#define WHEN "expected one of workdays_before, hours_before, minutes_before, overdue, workdays_after, on"

static void faults_of_ladders(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {"'none': []", "'none': 5", "ladders.none: expected an array of at most 24 steps"},
        {"'none': []", "'': []", "ladders.: expected a name of 1 to 31 bytes"},
        {"'none': []", NAME_32 ": []", "ladders.abcdefghijklmnopqrstuvwxyz012345: expected a name of 1 to 31 bytes"},
        {"'none': []", "'none': ['x']", "ladders.none[0]: expected an object"},
        {"'step': 'two-days', ", "", "ladders.steps[0]: step: expected text of 1 to 31 bytes"},
        {"'workdays_before': 2", "'days_before': 2", "ladders.steps[0]: unknown field \"days_before\""},
        {"'workdays_before': 2", "'workdays_before': -1", "ladders.steps[0]: workdays_before: expected a whole number from 0 to 1000"},
        {"'workdays_before': 2, ", "", "ladders.steps[0]: " WHEN},
        {"'workdays_before': 2", "'workdays_before': 2, 'overdue': true", "ladders.steps[0]: " WHEN},
        {"'hours_before': 4", "'hours_before': 241", "ladders.steps[1]: hours_before: expected a whole number from 0 to 240"},
        {"'minutes_before': 30", "'minutes_before': 14401", "ladders.steps[2]: minutes_before: expected a whole number from 0 to 14400"},
        {"'overdue': true", "'overdue': false", "ladders.steps[3]: overdue: expected true"},
        {"'workdays_after': [1, 2]", "'workdays_after': 1", "ladders.steps[4]: workdays_after: expected [first, last]"},
        {"'workdays_after': [1, 2]", "'workdays_after': [0, 2]", "ladders.steps[4]: workdays_after[0]: expected a whole number from 1 to 250"},
        {"'workdays_after': [1, 2]", "'workdays_after': [3, 2]", "ladders.steps[4]: workdays_after[1]: expected a whole number from 3 to 250"},
        {"'on': 'ticket.urged'", "'on': 'ticket.urge'", "ladders.steps[5]: on: expected an event type as \"ticket.urged\""},
        {"'on': 'ticket.urged'", "'on': 5", "ladders.steps[5]: on: expected an event type as \"ticket.urged\""},
        {"'to': ['leader']", "'to': []", "ladders.steps[1]: to: expected at least one role"},
        {"'to': ['leader']", "'to': 'leader'", "ladders.steps[1]: to: expected an array of names"},
        {"'to': ['leader']", "'to': ['head']", "ladders.steps[1]: to[0]: unknown name \"head\""},
        {"'ladder': 'steps'}", "'ladder': 'stairs'}", "classes[0].clocks[0]: ladder: no ladder \"stairs\""},
        {"'ladder': 'steps'}", "'ladder': ['steps']}", "classes[0].clocks[0]: ladder: no ladder \"(no text)\""}};
    ASSERT_FAULTS(faults);
    const char *step = "{'step': 'o', 'overdue': true, 'to': ['handler']}";
    char many[20000] = "'none': ", one[64];
    text_append(many, sizeof many, times(25, step));
    assert_fault("'none': []", many, "ladders.none: expected an array of at most 24 steps");
    snprintf(many, sizeof many, "'l0': []");
    for (int i = 1; i < 16; i++) {
        snprintf(one, sizeof one, ", 'l%d': []", i);
        text_append(many, sizeof many, one);
    }
    assert_fault("'none': []", many, "ladders: expected an object of at most 16 ladders");
    snprintf(many, sizeof many, "'none': []");
    for (int i = 0; i < 9; i++) {
        snprintf(one, sizeof one, ", 'l%d': ", i);
        text_append(many, sizeof many, one);
        text_append(many, sizeof many, times(24, step));
    }
    assert_fault("'none': []", many, "ladders.l8[2]: more than 200 steps in all"); /* six, eight times 24, and two */
    assert_null(parse("{'policy': 'x', 'effective_from': '2024-01-01T00:00:00Z', " COUNTING("") ", 'extension': {'max_workdays_a_round': 1}, 'ladders': []}"));
    assert_string_equal(error, "full.json: ladders: expected an object of at most 16 ladders");
}

static void faults_of_classes(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {"'classes': [\n  {", "'classes': [{}, {", "classes[0]: class: expected text of 1 to 31 bytes"},
        {"'class': 'general', 'of': 'ticket', 'returns'", "'class': 'general', 'of': 'ticket', 'return'", "classes[0]: unknown field \"return\""},
        {"'class': 'general', 'of': 'ticket'", "'class': 'general'", "classes[0]: of: expected \"ticket\" or \"rating\""},
        {"'class': 'general', 'of': 'ticket'", "'class': 'general', 'of': 'letter'", "classes[0]: of: expected \"ticket\" or \"rating\""},
        {"'max_a_round': 1", "'max_a_round': -1", "classes[0]: max_a_round: expected a whole number from 0 to 1000"},
        {"'within_workdays': 2", "'within_workdays': 0", "classes[0]: within_workdays: expected a whole number from 1 to 1000"},
        {"'within_workdays': 2", "'within': 0", "classes[0]: unknown field \"within\""},
        {"'class': 'strict', 'of': 'ticket'", "'class': 'general', 'of': 'ticket'", "classes[1]: class \"general\" is there twice"},
        {"'class': 'rating', 'of': 'rating', 'clocks': []", "'class': 'rating', 'of': 'rating'", "classes[3]: clocks: expected an array of at most 12"},
        {"{'clock': 'sign',", "'sign', {'clock': 'sign',", "classes[0].clocks[1]: expected an object"},
        {"{'clock': 'sign',", "{'clock': '',", "classes[0].clocks[1]: clock: expected text of 1 to 31 bytes"},
        {"{'clock': 'sign',", "{'clock': 'answer',", "classes[0].clocks[1]: clock: \"answer\" is there twice"},
        {"{'clock': 'sign',", "{'name': 'sign',", "classes[0].clocks[1]: unknown field \"name\""},
        {"'limit_work_hours': 2", "'limit_work_hours': 0", "classes[0].clocks[1]: limit_work_hours: expected a whole number from 1 to 2000"},
        {"'limit_workdays': 5", "'limit_workdays': 1001", "classes[0].clocks[0]: limit_workdays: expected a whole number from 1 to 1000"},
        {"'limit_days': 0", "'limit_days': -1", "classes[0].clocks[3]: limit_days: expected a whole number from 0 to 1000"},
        {"'limit_days': 0", "'limit_days': 0, 'limit_hours': 1", "classes[0].clocks[3]: expected one of limit_workdays, limit_days, limit_work_hours, limit_hours"},
        {"'limit_days': 0, ", "", "classes[0].clocks[3]: expected one of limit_workdays, limit_days, limit_work_hours, limit_hours"},
        {"'suspends': true, 'extends': false", "'suspends': 1, 'extends': false", "classes[0].clocks[1]: suspends: expected true or false"},
        {"'suspends': true, 'extends': false", "'suspends': true", "classes[0].clocks[1]: extends: expected true or false"},
        {"'owed_by': 'hotline'", "'owed_by': 'mayor'", "classes[0].clocks[0]: owed_by: expected \"handler\", \"dispatcher\", \"approver\" or \"hotline\""},
        {"'starts': 'each-round',\n", "", "classes[0].clocks[0]: starts: expected \"receipt\", \"each-round\" or an array of event types"},
        {"'starts': ['ticket.dispatched']", "'starts': []", "classes[0].clocks[1]: starts: expected \"receipt\", \"each-round\" or an array of event types"},
        {"'starts': ['ticket.dispatched']", "'starts': 'dispatch'", "classes[0].clocks[1]: starts: expected \"receipt\", \"each-round\" or an array of event types"},
        {"'starts': ['ticket.dispatched']", "'starts': ['ticket.dispatch']", "classes[0].clocks[1]: starts[0]: unknown name \"ticket.dispatch\""},
        {"'starts': ['ticket.dispatched']", "'starts': ['']", "classes[0].clocks[1]: starts[0]: unknown name \"\""},
        {"'starts': ['ticket.dispatched']", "'starts': ['rating.replied']", "classes[0].clocks[1]: rating.replied is no event of a ticket"},
        {"'stopped_by': ['rating.rectified']", "'stopped_by': ['ticket.signed']", "classes[2].clocks[0]: ticket.signed is no event of a rating"},
        {"'stopped_by': ['ticket.signed']", "'stopped_by': 'ticket.signed'", "classes[0].clocks[1]: stopped_by: expected an array of names"},
        {"'cancelled_by': ['ticket.voided']", "'cancelled_by': [1]", "classes[0].clocks[0]: cancelled_by[0]: unknown name \"(no text)\""},
        {"'kind': 'share'", "'kind': 'part'", "classes[0].clocks[3]: kind: expected \"case\", \"share\", \"approval\" or \"member\""},
        {"'kind': 'share'", "'kind': 'approval'", "classes[0].clocks[4]: kind: one clock of this kind a class"},
        {"'kind': 'share'", "'kind': 'share', 'starts': 'receipt'", "classes[0].clocks[3]: a clock of kind \"share\" starts and stops by itself: no starts, stopped_by, cancelled_by"},
        {"'kind': 'approval'", "'kind': 'approval', 'stopped_by': []", "classes[0].clocks[4]: a clock of kind \"approval\" starts and stops by itself: no starts, stopped_by, cancelled_by"},
        {"'kind': 'member'", "'kind': 'member', 'cancelled_by': []", "classes[0].clocks[5]: a clock of kind \"member\" starts and stops by itself: no starts, stopped_by, cancelled_by"},
        {"'limit_workdays': 4, 'starts': 'receipt', 'stopped_by': ['rating.rectified']", "'limit_workdays': 4, 'kind': 'share'", "classes[2].clocks[0]: kind: a rating has no clock of kind \"share\""},
        {"'starts': 'each-round',\n", "'starts': ['ticket.signed'],\n", "classes[0].clocks[0]: the first clock is the class's main one: expected kind \"case\", starts \"receipt\" or \"each-round\""},
        {"{'clock': 'answer', 'limit_workdays': 3, 'starts': 'each-round', 's", "{'clock': 'answer', 'limit_workdays': 3, 'kind': 'member', 's",
         "classes[1].clocks[0]: the first clock is the class's main one: expected kind \"case\", starts \"receipt\" or \"each-round\""}};
    ASSERT_FAULTS(faults);
}

static void too_many_classes_clocks_and_names(void **state)
{
    (void)state;
    char text[40000], one[160];
    assert_fault("'class': 'rating', 'of': 'rating', 'clocks': []", "'class': 'rating', 'of': 'rating', 'clocks': [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]", "classes[3]: clocks: expected an array of at most 12");
    snprintf(text, sizeof text, "'classes': %s, 'x': [\n", times(17, "{}"));
    assert_fault("'classes': [\n", text, "policy: unknown field \"x\"");
    static const char *const lists[] = {"[]", "5", NULL};
    for (int i = 0; i < 3; i++) {
        snprintf(text, sizeof text, "{'policy': 'x', 'effective_from': '2024-01-01T00:00:00Z', %s, 'extension': {'max_workdays_a_round': 1}, 'classes': %s}", COUNTING(""),
                 lists[i] ? lists[i] : times(17, "{}"));
        assert_null(parse(text));
        assert_string_equal(error, "full.json: classes: expected an array of 1 to 16 classes");
    }
    snprintf(text, sizeof text, "{'policy': 'x', 'effective_from': '2024-01-01T00:00:00Z', %s, 'extension': {'max_workdays_a_round': 1}, 'classes': [", COUNTING(""));
    for (int i = 0; i < 36; i++) { /* three classes of twelve clocks of 33 names */
        if (i % 12 == 0) {
            snprintf(one, sizeof one, "%s{'class': 'c%d', 'of': 'ticket', 'clocks': [", i ? "]}, " : "", i);
            text_append(text, sizeof text, one);
        }
        snprintf(one, sizeof one, "%s{'clock': 'n%d', 'limit_hours': 1, 'starts': 'receipt', 'suspends': true, 'extends': true}", i % 12 ? ", " : "", i);
        text_append(text, sizeof text, one);
    }
    text_append(text, sizeof text, "]}]}");
    assert_null(parse(text));
    assert_string_equal(error, "full.json: classes[2].clocks[8]: clock: more than 32 names of clocks");
}

static void faults_of_effects(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {"'on': 'ticket.supervised', 'in'", "'on': 'ticket.supervise', 'in'", "effects[0]: on: expected an event of a ticket as \"ticket.supervised\""},
        {"'on': 'ticket.supervised', 'in'", "'on': 'rating.replied', 'in'", "effects[0]: on: expected an event of a ticket as \"ticket.supervised\""},
        {"'on': 'ticket.supervised', 'in'", "'in'", "effects[0]: on: expected an event of a ticket as \"ticket.supervised\""},
        {"'in': ['general']", "'at': ['general']", "effects[0]: unknown field \"at\""},
        {"'in': ['general']", "'in': 'general'", "effects[0]: in: expected an array of classes"},
        {"'in': ['general']", "'in': ['special']", "effects[0]: in[0]: no such class"},
        {"'in': ['general']", "'in': [1]", "effects[0]: in[0]: no such class"},
        {"'class': 'strict', 'from'", "'class': 'severe', 'from'", "effects[0]: class: no class \"severe\" of a ticket"},
        {"'class': 'strict', 'from'", "'class': 'rating', 'from'", "effects[0]: class: no class \"rating\" of a ticket"},
        {"'class': 'strict', 'from'", "'class': 5, 'from'", "effects[0]: class: expected text of 1 to 31 bytes"},
        {"'class': 'strict', 'from'", "'from'", "effects[0]: expected class or rework"},
        {"'from': 'event'", "'from': 'now'", "effects[0]: from: expected \"round\" or \"event\""},
        {"'deadline': 'earlier'", "'deadline': 'later'", "effects[0]: deadline: expected \"new\" or \"earlier\""},
        {"'satisfaction': [1, 2], 'solved'", "'satisfaction': [0], 'solved'", "effects[1]: satisfaction: expected a whole number from 1 to 5"},
        {"'satisfaction': [1, 2], 'solved'", "'satisfaction': 1, 'solved'", "effects[1]: satisfaction: expected an array of stars"},
        {"'solved': false", "'solved': 'no'", "effects[1]: solved: expected true or false"},
        {"'rework': true", "'rework': 1", "effects[1]: rework: expected true or false"},
        {"'rework': true", "'rework': false", "effects[1]: expected class or rework"}};
    ASSERT_FAULTS(faults);
    char text[4096];
    snprintf(text, sizeof text, "'effects': %s, 'x': [{", times(25, "{'on': 'ticket.urged', 'rework': true}"));
    assert_fault("'effects': [{", text, "policy: unknown field \"x\"");
    snprintf(text, sizeof text, "'rework': true}%s", ", {'on': 'ticket.urged', 'rework': true}");
    for (int i = 0; i < 22; i++) text_append(text, sizeof text, ", {'on': 'ticket.urged', 'rework': true}");
    assert_fault("'rework': true}", text, "effects: expected an array of at most 24 effects");
    assert_fault("'effects': [{'on': 'ticket.supervised', 'in': ['general'], 'class': 'strict', 'from': 'event', 'deadline': 'earlier'},\n"
                 "  {'on': 'ticket.called_back', 'satisfaction': [1, 2], 'solved': false, 'rework': true}]", "'effects': {}", "effects: expected an array of at most 24 effects");
}

static void faults_of_rules(void **state)
{
    (void)state;
    static const struct fault faults[] = {
        {"{'of': 'ticket', 'class': 'general'}", "{'of': 'ticket'}", "rules[1]: class: expected text of 1 to 31 bytes"},
        {"{'of': 'ticket', 'class': 'general'}", "{'of': 'ticket', 'class': 'bad'}", "rules[1]: class: no class \"bad\" of a ticket"},
        {"{'of': 'ticket', 'class': 'general'}", "{'class': 'general'}", "rules[1]: of: expected \"ticket\" or \"rating\""},
        {"{'of': 'ticket', 'class': 'general'}", "'general'", "rules[1]: expected an object"},
        {"'kind': ['help', 'report']", "'kind': ['help', '']", "rules[0]: kind[1]: unknown name \"\""},
        {"'kind': ['help', 'report']", "'kinds': ['help']", "rules[0]: unknown field \"kinds\""},
        {"'kind': ['help', 'report']", "'kind': ['grief']", "rules[0]: kind[0]: unknown name \"grief\""},
        {"'urgency': ['critical']", "'urgency': ['high']", "rules[0]: urgency[0]: unknown name \"high\""},
        {"'simple': true", "'simple': 1", "rules[0]: simple: expected true or false"},
        {"'item': ['Pothole', 'Kerb']", "'item': 'Pothole'", "rules[0]: item: expected an array of at most 64 texts"},
        {"'item': ['Pothole', 'Kerb']", "'item': ['Pothole', 1]", "rules[0]: item[1]: expected text of at most 127 bytes"},
        {"'area': ['north']", "'area': {}", "rules[0]: area: expected an array of at most 64 texts"},
        {"'channel': ['web']", "'channel': [null]", "rules[0]: channel[0]: expected text of at most 127 bytes"},
        {"'satisfaction': [1, 2], 'default'", "'satisfaction': [6], 'default'", "rules[2]: satisfaction: expected a whole number from 1 to 5"},
        {"'default': false", "'default': null", "rules[2]: default: expected true or false"},
        {"{'of': 'ticket', 'class': 'general'},\n", "", "rules: no rule takes every other ticket"},
        {"{'of': 'ticket', 'class': 'general'}", "{'of': 'ticket', 'kind': ['other'], 'class': 'general'}", "rules: no rule takes every other ticket"},
        {"{'of': 'ticket', 'class': 'general'}", "{'of': 'ticket', 'urgency': ['normal'], 'class': 'general'}", "rules: no rule takes every other ticket"},
        {"{'of': 'ticket', 'class': 'general'}", "{'of': 'ticket', 'simple': false, 'class': 'general'}", "rules: no rule takes every other ticket"},
        {"{'of': 'ticket', 'class': 'general'}", "{'of': 'ticket', 'item': [''], 'class': 'general'}", "rules: no rule takes every other ticket"},
        {"{'of': 'ticket', 'class': 'general'}", "{'of': 'ticket', 'area': [''], 'class': 'general'}", "rules: no rule takes every other ticket"},
        {"{'of': 'ticket', 'class': 'general'}", "{'of': 'ticket', 'channel': [''], 'class': 'general'}", "rules: no rule takes every other ticket"},
        {"{'of': 'rating', 'class': 'rating'}", "{'of': 'rating', 'satisfaction': [5], 'class': 'rating'}", "rules: no rule takes every other rating"},
        {"{'of': 'rating', 'class': 'rating'}", "{'of': 'rating', 'default': false, 'class': 'rating'}", "rules: no rule takes every other rating"},
        {",\n  {'of': 'rating', 'class': 'rating'}", "", "rules: no rule takes every other rating"}};
    ASSERT_FAULTS(faults);
    char text[8192], word[200] = "'item': ['";
    for (int i = 0; i < 128; i++) text_append(word, sizeof word, "x");
    text_append(word, sizeof word, "']");
    assert_fault("'item': ['Pothole', 'Kerb']", word, "rules[0]: item[0]: expected text of at most 127 bytes");
    snprintf(text, sizeof text, "'item': %s", times(65, "'x'"));
    assert_fault("'item': ['Pothole', 'Kerb']", text, "rules[0]: item: expected an array of at most 64 texts");
    snprintf(text, sizeof text, "{'of': 'ticket', 'class': 'general'}");
    for (int i = 0; i < 125; i++) text_append(text, sizeof text, ", {'of': 'ticket', 'class': 'general'}");
    assert_fault("{'of': 'ticket', 'class': 'general'}", text, "rules: expected an array of at most 128 rules");
    assert_null(parse("{'policy': 'x', 'effective_from': '2024-01-01T00:00:00Z', " COUNTING("") ", 'extension': {'max_workdays_a_round': 1}, "
                      "'classes': [{'class': 'c', 'of': 'ticket', 'clocks': []}], 'rules': {}}"));
    assert_string_equal(error, "full.json: rules: expected an array of at most 128 rules");
}

/* --- without fault --- */

static void everything_is_as_it_says(void **state)
{
    (void)state;
    struct policy *policy = parse(full);
    if (!policy) fail_msg("%s", error);
    const struct policy_class *general = &policy->class[policy_class_named(policy, "general")];
    const struct policy_clock *answer = &general->clock[0], *sign = &general->clock[1];
    assert_string_equal(policy->title, "a title");
    assert_string_equal(policy->source, "");
    assert_int_equal(policy->due, DUE_EARLIER);
    assert_true(policy->tells_duplicates && policy->has_shares && policy->has_approvals && policy->has_members && policy->has_contact);
    assert_int_equal(policy->counting.day_end_ms, (17 * 60 + 30) * 60000);
    assert_int_equal(policy->counting.periods, 2);
    assert_int_equal(policy->counting.calendar, 1);
    assert_true(policy->counting.outside_moves && policy->counting.last_rest_day_stays && !policy->counting.rest_day_moves);
    assert_int_equal(answer->counting.day_end_ms, END_SAME_TIME);
    assert_int_equal(answer->counting.opening_ms, 8 * 3600000);
    assert_int_equal(answer->counting.periods, 2); /* listed by the policy */
    assert_int_equal(answer->owed_by, DEBTOR_HOTLINE);
    assert_int_equal(answer->steps, 6);
    assert_int_equal(general->clock[3].first_step, answer->first_step); /* one ladder, one place */
    assert_int_equal(policy->steps, 6);
    assert_int_equal(sign->steps, 0);
    assert_int_equal(sign->started_by, 1U << TICKET_DISPATCHED);
    assert_int_equal(general->share, 3);
    assert_int_equal(general->approval, 4);
    assert_int_equal(general->member, 5);
    assert_int_equal(general->clock[4].owed_by, DEBTOR_APPROVER);
    assert_int_equal(general->returns_max_a_round, 1);
    assert_int_equal(general->returns_within_workdays, 2);
    assert_int_equal(policy->class[1].returns_max_a_round, -1);
    assert_int_equal(policy->class[1].share, -1);
    assert_int_equal(policy->class[1].clock[0].name_index, answer->name_index);
    assert_int_equal(policy->suspension_max_workdays, 7);
    assert_int_equal(policy_reason(policy, TEXT("other"))->max_workdays, 7);
    assert_int_equal(policy_reason(policy, TEXT("court"))->max_workdays, 15);
    assert_true(policy_reason(policy, TEXT("court"))->restarts);
    assert_null(policy_reason(policy, TEXT("cour")));
    assert_int_equal(policy->nudges, 1U << TICKET_URGED);
    assert_int_equal(policy->effect[0].class, 1);
    assert_true(policy->effect[0].from_event && policy->effect[0].earlier && !policy->effect[0].rework);
    assert_int_equal(policy->effect[0].in, 1U << 0);
    assert_int_equal(policy->effect[0].solved, -1);
    assert_int_equal(policy->effect[1].stars, 1U << 1 | 1U << 2);
    assert_int_equal(policy->effect[1].solved, 0);
    assert_int_equal(policy->effect[1].class, -1);
    assert_string_equal(policy->clock_name[sign->name_index], "sign");
    assert_string_equal(policy->step[4].name, "after");
    assert_int_equal(policy->steps, 6);
    policy_free(policy);
    policy_free(NULL);
}

static void a_policy_may_say_little(void **state)
{
    (void)state;
    char *json = rulebook_text("");
    struct policy *policy = policy_parse(json, strlen(json), "small.json", error, sizeof error);
    if (!policy) fail_msg("%s", error);
    assert_string_equal(policy->title, "");
    assert_int_equal(policy->due, DUE_OURS);
    assert_false(policy->tells_duplicates || policy->reasons_listed || policy->has_shares || policy->has_contact);
    assert_int_equal(policy->counting.periods, 1);
    assert_int_equal(policy->counting.period[0].from_ms, 9 * 3600000);
    assert_int_equal(policy->suspension_max_workdays, 0);
    assert_string_equal(policy->json + strlen(policy->json) - 2, "]}");
    free(json);
    policy_free(policy);
}

static void hours_follow_opening_and_closing_unless_listed(void **state)
{
    (void)state;
    static char text[1 << 14];
    alter(text, sizeof text, ",\n  'hours': [['09:00', '11:30'], ['13:30', '17:30']]", "");
    struct policy *policy = parse(text);
    if (!policy) fail_msg("%s", error);
    const struct counting *own = &policy->class[0].clock[0].counting;
    assert_int_equal(own->periods, 1);
    assert_int_equal(own->period[0].from_ms, 8 * 3600000);
    assert_int_equal(own->period[0].to_ms, (17 * 60 + 30) * 60000);
    assert_int_equal(policy->class[0].clock[1].counting.period[0].from_ms, 9 * 3600000);
    policy_free(policy);
    alter(text, sizeof text, "'opening': '08:00'}", "'closing': '24:00'}"); /* the policy's hours stay */
    policy = parse(text);
    if (!policy) fail_msg("%s", error);
    assert_int_equal(policy->class[0].clock[0].counting.closing_ms, DAY_MS);
    assert_int_equal(policy->class[0].clock[0].counting.periods, 2);
    policy_free(policy);
    alter(text, sizeof text, "'opening': '08:00'}", "'hours': [['00:00', '24:00']]}");
    policy = parse(text);
    if (!policy) fail_msg("%s", error);
    assert_int_equal(policy->class[0].clock[0].counting.period[0].to_ms, DAY_MS);
    assert_int_equal(policy->class[0].clock[1].counting.periods, 2);
    policy_free(policy);
}

static struct policy_facts facts_of(enum kind kind)
{
    return (struct policy_facts){.of = OF_TICKET, .kind = kind, .urgency = URGENCY_CRITICAL, .simple = true, .item = TEXT("Kerb"), .area = TEXT("north"), .channel = TEXT("web")};
}

static void every_condition_of_a_rule_must_hold(void **state)
{
    (void)state;
    struct policy *policy = parse(full);
    struct policy_facts facts = facts_of(KIND_REPORT);
    int strict = policy_class_named(policy, "strict"), general = policy_class_named(policy, "general");
    assert_int_equal(policy_classify(policy, &facts), strict);
    facts.kind = KIND_COMPLAINT;
    assert_int_equal(policy_classify(policy, &facts), general);
    facts = facts_of(KIND_HELP);
    facts.urgency = URGENCY_NONE;
    assert_int_equal(policy_classify(policy, &facts), general);
    facts = facts_of(KIND_HELP);
    facts.simple = false;
    assert_int_equal(policy_classify(policy, &facts), general);
    facts = facts_of(KIND_HELP);
    facts.item = TEXT("Curb");
    assert_int_equal(policy_classify(policy, &facts), general);
    facts = facts_of(KIND_HELP);
    facts.area = (struct text){0};
    assert_int_equal(policy_classify(policy, &facts), general);
    facts = facts_of(KIND_HELP);
    facts.channel = TEXT("phone");
    assert_int_equal(policy_classify(policy, &facts), general);
    policy->rules--; /* the last, which takes every other rating */
    facts = (struct policy_facts){.of = OF_RATING, .satisfaction = 3};
    assert_int_equal(policy_classify(policy, &facts), -1);
    policy->rules++;
    facts = (struct policy_facts){.of = OF_RATING, .satisfaction = 2, .is_default = true};
    assert_int_equal(policy_classify(policy, &facts), policy_class_named(policy, "rating"));
    policy_free(policy);
}

static void words_have_names(void **state)
{
    (void)state;
    assert_string_equal(role_name(ROLE_CIRCULATION), "circulation");
    assert_string_equal(debtor_name(DEBTOR_APPROVER), "approver");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_of_the_file_itself), cmocka_unit_test(faults_of_counting), cmocka_unit_test(faults_of_calendars),
        cmocka_unit_test(faults_of_extensions_and_suspensions), cmocka_unit_test(faults_of_ladders), cmocka_unit_test(faults_of_classes),
        cmocka_unit_test(too_many_classes_clocks_and_names), cmocka_unit_test(faults_of_effects), cmocka_unit_test(faults_of_rules),
        cmocka_unit_test(everything_is_as_it_says), cmocka_unit_test(a_policy_may_say_little),
        cmocka_unit_test(hours_follow_opening_and_closing_unless_listed), cmocka_unit_test(every_condition_of_a_rule_must_hold),
        cmocka_unit_test(words_have_names)};
    return cmocka_run_group_tests_name("policy_read", tests, NULL, NULL);
}
