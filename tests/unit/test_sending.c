/* When notices may go, over the holidays of 2026, and when digests are due. The look-ups are held
 * to a walk over every minute. */
#include "notify/sending.h"
#include "tests/unit/life.h"

static struct buffer faults;

static struct sending *parsed(const char *json)
{
    buffer_clear(&faults);
    return sending_parse(json, strlen(json), "sending.json", &faults);
}

static struct sending *good(const char *json)
{
    struct sending *sending = parsed(json);
    if (!sending) fail_msg("%s", buffer_text(&faults));
    return sending;
}

static struct sending *shipped(void)
{
    buffer_clear(&faults);
    struct sending *sending = sending_load("conf/sending.json", &faults);
    if (!sending) fail_msg("%s", buffer_text(&faults));
    return sending;
}

static void at(int64_t at_ms, const char *expected)
{
    char said[INSTANT_TEXT_BYTES];
    if (at_ms == ms(expected)) return;
    instant_print(said, &life.zone, at_ms);
    fail_msg("%s, expected %s", said, expected);
}

static const struct sending_case mail = {.channel = CHANNEL_EMAIL, .roles = 1u << ROLE_HANDLER, .class = "general", .urgency = URGENCY_NORMAL};

static void opens(const struct sending *sending, const char *now, const char *expected)
{
    at(sending_opens(sending, &life.rules, &mail, ms(now)), expected);
}

static void outside_the_hours_it_waits(void **state)
{
    (void)state;
    struct sending *sending = shipped();
    opens(sending, "2026-03-03T08:29:59.999+08:00", "2026-03-03T08:30:00+08:00");
    opens(sending, "2026-03-03T08:30:00+08:00", "2026-03-03T08:30:00+08:00");
    opens(sending, "2026-03-03T17:59:59.999+08:00", "2026-03-03T17:59:59.999+08:00");
    opens(sending, "2026-03-03T18:00:00+08:00", "2026-03-04T08:30:00+08:00");
    opens(sending, "2026-03-06T20:00:00+08:00", "2026-03-09T08:30:00+08:00"); /* over a weekend */
    assert_true(sending_opens(NULL, &life.rules, &mail, 7) == 7);
    sending_free(sending);
}

static void holiday_weeks_are_waited_out(void **state)
{
    (void)state;
    struct sending *sending = shipped();
    opens(sending, "2026-09-30T18:00:00+08:00", "2026-10-08T08:30:00+08:00"); /* 国庆, 10-01 to 10-07 */
    opens(sending, "2026-10-04T03:00:00+08:00", "2026-10-08T08:30:00+08:00");
    opens(sending, "2026-10-09T18:00:00+08:00", "2026-10-10T08:30:00+08:00"); /* a Saturday worked */
    opens(sending, "2026-10-10T18:00:00+08:00", "2026-10-12T08:30:00+08:00");
    opens(sending, "2026-09-18T19:00:00+08:00", "2026-09-20T08:30:00+08:00"); /* a Sunday worked */
    opens(sending, "2026-09-20T12:00:00+08:00", "2026-09-20T12:00:00+08:00");
    opens(sending, "2026-02-13T18:30:00+08:00", "2026-02-14T08:30:00+08:00"); /* the Saturday before 春节 is worked */
    opens(sending, "2026-02-14T18:00:00+08:00", "2026-02-24T08:30:00+08:00"); /* and then nothing until the 24th */
    opens(sending, "2026-02-16T12:00:00+08:00", "2026-02-24T08:30:00+08:00");
    opens(sending, "2026-02-23T23:59:59+08:00", "2026-02-24T08:30:00+08:00");
    opens(sending, "2026-02-27T18:00:00+08:00", "2026-02-28T08:30:00+08:00");
    sending_free(sending);
}

static void what_is_critical_passes(void **state)
{
    (void)state;
    static const char json[] = "{\"version\":\"1\",\"hours\":[{\"periods\":[[\"08:30\",\"18:00\"]]}],\"digests\":[{\"times\":[\"09:00\"],\"gathers\":{\"when\":[\"workdays_before\",\"overdue\"]}}],"
                               "\"passes\":{\"urgencies\":[\"critical\"],\"classes\":[\"safety\"],\"steps\":[\"overdue\"],\"kinds\":[\"withdrawn\",\"cluster\"]}}";
    static const struct policy_step overdue = {.name = "overdue", .when = STEP_OVERDUE}, before = {.name = "remind-2d", .when = STEP_WORKDAYS_BEFORE};
    struct sending *sending = good(json);
    int64_t night_ms = ms("2026-10-03T02:00:00+08:00"), opening_ms = ms("2026-10-08T08:30:00+08:00");
    struct sending_case plain = mail, critical = mail, class = mail, step = mail, withdrawn = mail, corrected = mail, alert = mail;
    plain.step = &before;
    critical.urgency = URGENCY_CRITICAL;
    critical.step = &before;
    class.class = "safety";
    step.step = &overdue;
    withdrawn.kind = DEMAND_RETRACT;
    corrected.kind = DEMAND_CORRECTION;
    alert.kind = DEMAND_CLUSTER;
    alert.class = NULL;
    const struct sending_case *passes[] = {&critical, &class, &step, &withdrawn, &alert}, *waits[] = {&plain, &corrected};
    for (size_t i = 0; i < 5; i++) {
        assert_true(sending_is_critical(sending, passes[i]));
        assert_true(sending_opens(sending, &life.rules, passes[i], night_ms) == night_ms);
        assert_false(sending_gathers(sending, passes[i]));
    }
    for (size_t i = 0; i < 2; i++) {
        assert_false(sending_is_critical(sending, waits[i]));
        assert_true(sending_opens(sending, &life.rules, waits[i], night_ms) == opening_ms);
    }
    assert_true(sending_gathers(sending, &plain));
    assert_false(sending_gathers(sending, &corrected)); /* in no ladder */
    assert_false(sending_is_critical(NULL, &critical));
    sending_free(sending);
}

static void the_first_rule_that_covers_counts(void **state)
{
    (void)state;
    static const char json[] = "{\"version\":\"1\",\"calendars\":{\"duty\":{\"counts\":[\"workday\",\"weekend\"],\"on\":[\"2026-10-02\"],\"off\":[\"2026-10-03\",\"2026-09-29\"]}},"
                               "\"hours\":[{\"channels\":[\"kafka\"],\"any_hour\":true},{\"channels\":[\"sms\"],\"roles\":[\"leader\"],\"calendar\":\"duty\",\"periods\":[[\"07:00\",\"09:00\"],[\"20:00\",\"24:00\"]]},"
                               "{\"roles\":[\"leader\",\"supervision\"],\"periods\":[[\"10:00\",\"11:00\"]]}]}";
    struct sending *sending = good(json);
    struct sending_case machine = {.channel = CHANNEL_KAFKA, .roles = 1u << ROLE_LEADER}, sms = {.channel = CHANNEL_SMS, .roles = 1u << ROLE_LEADER | 1u << ROLE_HANDLER},
                        both = {.channel = CHANNEL_EMAIL, .roles = 1u << ROLE_SUPERVISION}, none = {.channel = CHANNEL_SMS, .roles = 1u << ROLE_HANDLER};
    int64_t now_ms = ms("2026-09-30T09:00:00+08:00");
    assert_true(sending_opens(sending, &life.rules, &machine, now_ms) == now_ms);
    at(sending_opens(sending, &life.rules, &sms, now_ms), "2026-09-30T20:00:00+08:00");
    at(sending_opens(sending, &life.rules, &sms, ms("2026-10-01T00:00:00+08:00")), "2026-10-02T07:00:00+08:00"); /* on, a holiday */
    at(sending_opens(sending, &life.rules, &sms, ms("2026-10-03T00:00:00+08:00")), "2026-10-08T07:00:00+08:00"); /* off; holidays */
    at(sending_opens(sending, &life.rules, &sms, ms("2026-10-09T23:59:59+08:00")), "2026-10-09T23:59:59+08:00");
    at(sending_opens(sending, &life.rules, &sms, ms("2026-10-10T00:00:00+08:00")), "2026-10-11T07:00:00+08:00"); /* a day made up does not count here, Sunday does */
    at(sending_opens(sending, &life.rules, &sms, ms("2026-09-29T08:00:00+08:00")), "2026-09-30T07:00:00+08:00"); /* a working day, off */
    at(sending_opens(sending, &life.rules, &both, now_ms), "2026-09-30T10:00:00+08:00");
    assert_true(sending_opens(sending, &life.rules, &none, now_ms) == now_ms); /* no rule: any hour */
    sending_free(sending);
}

static void a_calendar_without_days_holds_nothing_back(void **state)
{
    (void)state;
    struct sending *sending = good("{\"version\":\"1\",\"calendars\":{\"odd\":{\"counts\":[\"makeup_workday\"]}},"
                                   "\"hours\":[{\"calendar\":\"odd\",\"periods\":[[\"08:00\",\"09:00\"]]}],\"digests\":[{\"calendar\":\"odd\",\"times\":[\"09:00\"]}]}");
    int64_t now_ms = ms("2031-05-01T12:00:00+08:00"); /* no year with such days is near */
    bool morning;
    assert_true(sending_opens(sending, &life.rules, &mail, now_ms) == now_ms);
    assert_true(sending_next_digest(sending, &life.rules, CHANNEL_EMAIL, 1, now_ms) == INT64_MAX);
    assert_true(sending_last_digest(sending, &life.rules, CHANNEL_EMAIL, 1, now_ms, &morning) == INT64_MIN);
    sending_free(sending);
}

/* --- digests --- */

static void next(const struct sending *sending, const char *now, const char *expected)
{
    at(sending_next_digest(sending, &life.rules, CHANNEL_WECOM, 1u << ROLE_HANDLER, ms(now)), expected);
}

static void last(const struct sending *sending, const char *now, const char *expected, bool is_morning)
{
    bool morning = !is_morning;
    at(sending_last_digest(sending, &life.rules, CHANNEL_WECOM, 1u << ROLE_HANDLER, ms(now), &morning), expected);
    assert_int_equal(morning, is_morning);
}

static void digests_keep_to_working_days(void **state)
{
    (void)state;
    struct sending *sending = shipped();
    next(sending, "2026-09-30T08:59:59.999+08:00", "2026-09-30T09:00:00+08:00");
    next(sending, "2026-09-30T09:00:00+08:00", "2026-09-30T11:30:00+08:00"); /* after, not at */
    next(sending, "2026-09-30T17:00:00+08:00", "2026-10-08T09:00:00+08:00");
    next(sending, "2026-10-09T17:00:00+08:00", "2026-10-10T09:00:00+08:00");
    next(sending, "2026-02-14T17:00:00+08:00", "2026-02-24T09:00:00+08:00");
    next(sending, "2026-09-19T12:00:00+08:00", "2026-09-20T09:00:00+08:00");
    last(sending, "2026-10-08T08:59:59.999+08:00", "2026-09-30T17:00:00+08:00", false);
    last(sending, "2026-10-08T09:00:00+08:00", "2026-10-08T09:00:00+08:00", true);
    last(sending, "2026-10-08T12:00:00+08:00", "2026-10-08T11:30:00+08:00", false);
    last(sending, "2026-10-11T23:00:00+08:00", "2026-10-10T17:00:00+08:00", false);
    last(sending, "2026-02-20T10:00:00+08:00", "2026-02-14T17:00:00+08:00", false);
    bool morning = true;
    assert_true(sending_next_digest(sending, &life.rules, CHANNEL_KAFKA, 1, 0) == INT64_MAX); /* machines get none */
    assert_true(sending_last_digest(sending, &life.rules, CHANNEL_WEBHOOK, 1, 0, &morning) == INT64_MIN);
    assert_false(morning);
    assert_true(sending_next_digest(NULL, &life.rules, CHANNEL_EMAIL, 1, 0) == INT64_MAX);
    assert_true(sending_last_digest(NULL, &life.rules, CHANNEL_EMAIL, 1, 0, &morning) == INT64_MIN);
    sending_free(sending);
}

static void steps_go_with_the_digest(void **state)
{
    (void)state;
    struct sending *sending = shipped();
    struct policy_step step = {.name = "remind-2d", .when = STEP_WORKDAYS_BEFORE};
    struct sending_case notice = mail, machine = mail, urgent = mail;
    notice.step = machine.step = urgent.step = &step;
    machine.channel = CHANNEL_WEBHOOK;
    urgent.urgency = URGENCY_URGENT;
    assert_true(sending_gathers(sending, &notice));
    assert_false(sending_gathers(sending, &machine));
    assert_false(sending_gathers(sending, &urgent));
    assert_false(sending_gathers(NULL, &notice));
    step.when = STEP_HOURS_BEFORE;
    assert_false(sending_gathers(sending, &notice));
    step.when = STEP_WORKDAYS_AFTER;
    assert_true(sending_gathers(sending, &notice));
    sending_free(sending);
    sending = good("{\"version\":\"1\",\"digests\":[{\"channels\":[\"email\"],\"times\":[\"09:00\"],\"gathers\":{\"steps\":[\"remind-4h\"]}}]}");
    assert_false(sending_gathers(sending, &notice));
    snprintf(step.name, sizeof step.name, "remind-4h");
    assert_true(sending_gathers(sending, &notice));
    sending_free(sending);
}

/* --- every minute --- */

/* Whether it is open, straight from the definition of the shipped hours. */
static bool open_at(int64_t at_ms)
{
    int32_t on = zone_day(&life.zone, at_ms);
    int64_t of_day_ms = at_ms - zone_instant_ms(&life.zone, on, 0);
    return calendar_is_workday(life.calendar, on) && of_day_ms >= 30600000 && of_day_ms < 64800000;
}

static void each_minute_of_two_holidays(void **state)
{
    (void)state;
    static const char *const from[] = {"2026-02-12T00:00:00+08:00", "2026-09-18T00:00:00+08:00"}, *const to[] = {"2026-03-02T00:00:00+08:00", "2026-10-13T00:00:00+08:00"};
    struct sending *sending = shipped();
    for (int i = 0; i < 2; i++) {
        int64_t opens_ms = ms(to[i]) + 8 * 3600000 + 30 * 60000; /* both are Mondays that are worked */
        for (int64_t at_ms = ms(to[i]); at_ms >= ms(from[i]); at_ms -= 60000) {
            if (open_at(at_ms)) opens_ms = at_ms;
            int64_t found_ms = sending_opens(sending, &life.rules, &mail, at_ms);
            if (found_ms != opens_ms) fail_msg("at %lld: %lld, expected %lld", (long long)at_ms, (long long)found_ms, (long long)opens_ms);
        }
    }
    sending_free(sending);
}

/* In a zone whose clocks change, 02:00 to 03:00 is missing once and there twice once. */
static void other_zones_and_their_changes(void **state)
{
    (void)state;
    struct zone paris;
    assert_true(zone_load(&paris, "Europe/Paris"));
    struct rules rules = life.rules;
    rules.zone = &paris;
    struct sending *sending = good("{\"version\":\"1\",\"calendars\":{\"all\":{\"counts\":[\"workday\",\"weekend\",\"holiday\",\"makeup_workday\"]}},"
                                   "\"hours\":[{\"calendar\":\"all\",\"periods\":[[\"02:30\",\"04:00\"]]}],\"digests\":[{\"calendar\":\"all\",\"times\":[\"02:30\"]}]}");
    at(sending_opens(sending, &rules, &mail, ms("2026-03-29T00:00:00+01:00")), "2026-03-29T03:00:00+02:00");
    at(sending_opens(sending, &rules, &mail, ms("2026-10-25T00:00:00+02:00")), "2026-10-25T02:30:00+02:00");
    at(sending_next_digest(sending, &rules, CHANNEL_SMS, 1, ms("2026-03-29T00:00:00+01:00")), "2026-03-29T03:00:00+02:00");
    sending_free(sending);
}

static void each_fault_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *json, *said;
    } bad[] = {
        {"[]", "sending.json: expected an object\n"},
        {"{\"x\":1}", "sending.json: unknown field \"x\"\nsending.json: version: expected text"},
        {"{\"version\":\"1\",\"calendars\":{\"duty\":{\"counts\":[]}},\"hours\":[{\"calendar\":\"else\",\"periods\":[]}]}",
         "sending.json: calendars.duty: counts: expected at least one kind of day\nsending.json: hours[0]: calendar: none in calendars is called \"else\"\n"
         "sending.json: hours[0]: periods: expected an array of 1 to 6 periods\n"},
        {"{\"version\":\"1\",\"hours\":[{}]}", "hours[0]: periods: expected"},
        {"{\"version\":\"1\",\"hours\":[7,{\"any_hour\":true,\"periods\":[[\"08:00\",\"09:00\"]]}]}", "hours[0]: expected an object\nsending.json: hours[1]: any_hour: no periods or calendar then\n"},
        {"{\"version\":\"1\",\"hours\":[{\"channels\":[],\"roles\":[\"x\"],\"periods\":[[\"09:00\",\"08:00\"]]}]}",
         "roles[0]: unknown name \"x\"\nsending.json: hours[0]: channels: empty, so the rule is for nobody\n"},
        {"{\"version\":\"1\",\"hours\":[{\"periods\":[[\"08:00\",\"10:00\"],[\"09:00\",\"11:00\"]]}]}", "periods[1]: expected periods one after the other\n"},
        {"{\"version\":\"1\",\"hours\":[{\"periods\":[[\"08:00\"],[\"9:00\",\"11:00\"]]}]}", "periods[0]: expected [from, to]\nsending.json: hours[0]: periods: expected a time of day"},
        {"{\"version\":\"1\",\"digests\":[{\"times\":[\"11:00\",\"09:00\"]},{\"times\":[\"24:00\"]},{}]}",
         "digests[0]: times[1]: expected times one after the other, before 24:00\nsending.json: digests[1]: times[0]: expected times one after the other, before 24:00\n"
         "sending.json: digests[2]: times: expected an array"},
        {"{\"version\":\"1\",\"digests\":[{\"times\":[],\"gathers\":{\"when\":[\"x\"],\"steps\":[\"\"],\"y\":1}}]}",
         "unknown field \"y\"\nsending.json: digests[0]: when[0]: unknown name \"x\"\nsending.json: digests[0]: steps[0]: expected a name of 1 to 31 bytes\n"},
        {"{\"version\":\"1\",\"passes\":{\"kinds\":[\"x\"],\"urgencies\":[\"y\"],\"classes\":7}}",
         "passes: urgencies[0]: unknown name \"y\"\nsending.json: passes: kinds[0]: unknown name \"x\"\nsending.json: passes: classes: expected an array of at most 64 names\n"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_null(parsed(bad[i].json));
        if (!strstr(buffer_text(&faults), bad[i].said)) fail_msg("%s gives %s, not %s", bad[i].json, buffer_text(&faults), bad[i].said);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(outside_the_hours_it_waits),        cmocka_unit_test(holiday_weeks_are_waited_out),
        cmocka_unit_test(what_is_critical_passes),           cmocka_unit_test(the_first_rule_that_covers_counts),
        cmocka_unit_test(a_calendar_without_days_holds_nothing_back), cmocka_unit_test(digests_keep_to_working_days),
        cmocka_unit_test(steps_go_with_the_digest),          cmocka_unit_test(each_minute_of_two_holidays),
        cmocka_unit_test(other_zones_and_their_changes),     cmocka_unit_test(each_fault_is_said),
    };
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    buffer_init(&faults, SENDING_FAULTS_BYTES);
    int failed = cmocka_run_group_tests_name("sending", tests, NULL, NULL);
    buffer_free(&faults);
    life_close();
    return failed;
}
