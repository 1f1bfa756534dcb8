/* Notices and digests in words: the shipped templates of both languages, for every channel. */
#include <jansson.h>
#include <unistd.h>

#include "notify/left.h"
#include "notify/names.h"
#include "tests/unit/wording.h"

static const struct wording plainly = {0};

/* A ticket of 2026-09-28, before the holidays of National Day (10-01 to 10-07; 10-10, a Saturday, is worked). Five working days end with 10-10. */
static void before_the_holidays(const char *policy, const char *title)
{
    rulebook_of(policy);
    life_begin(OF_TICKET);
    struct event receipt = of_unit(event_at(TICKET_RECEIVED, "2026-09-28T10:00:00+08:00"), "wuye");
    detail_of(&receipt)->title = text_of(title);
    receipt.flags |= EVENT_HAS_TITLE;
    happens(receipt);
}

/* --- working time --- */

static struct left left_of(const char *now, const char *clock_name)
{
    const struct clock *clock = clock_named(fold_at(now), clock_name, 0);
    return left_at(clock->rule, &life.rules, clock->deadline_ms, clock->last_day, ms(now));
}

#define assert_left(now, d, h, m) assert_left_at(left_of(now, "answer"), false, false, d, h, m, __LINE__)
#define assert_late(now, d) assert_left_at(left_of(now, "answer"), true, false, d, 0, 0, __LINE__)
static void assert_left_at(struct left left, bool late, bool after_hours, int days, int hours, int minutes, int line)
{
    if (left.known && left.late == late && left.after_hours == after_hours && left.days == days && left.hours == hours && left.minutes == minutes) return;
    fail_msg("line %d: late %d after hours %d: %d days %d hours %d minutes", line, left.late, left.after_hours, left.days, left.hours, left.minutes);
}

/* The office is open from 09:00 to 17:30. */
static void working_time_left_around_the_holidays(void **state)
{
    (void)state;
    before_the_holidays("conf/policy/meilong-2024.json", "x");
    assert_day(clock_named(fold_at("2026-09-28T10:00:00+08:00"), "answer", 0)->last_day, "2026-10-10");
    assert_left("2026-09-28T10:00:00+08:00", 5, 7, 0); /* today 7.5 hours; 29, 30, 8, 9, 10 */
    assert_left("2026-09-30T14:30:00+08:00", 3, 3, 0); /* today 3 hours; 8, 9, 10 */
    assert_left("2026-09-30T17:30:00+08:00", 3, 0, 0);
    assert_left("2026-10-03T12:00:00+08:00", 3, 0, 0); /* a holiday */
    assert_left("2026-10-08T09:00:00+08:00", 3, 0, 0);
    assert_left("2026-10-08T09:01:00+08:00", 2, 8, 0);
    assert_left("2026-10-09T14:30:00+08:00", 1, 3, 0);
    assert_left("2026-10-10T09:00:00+08:00", 1, 0, 0); /* a worked Saturday */
    assert_left("2026-10-10T15:10:00+08:00", 0, 2, 20);
    assert_left_at(left_of("2026-10-10T18:00:00+08:00", "answer"), false, true, 0, 6, 0, __LINE__);
    assert_left_at(left_of("2026-10-10T23:59:30+08:00", "answer"), false, false, 0, 0, 0, __LINE__);
}

static void working_days_overdue_around_the_holidays(void **state)
{
    (void)state;
    before_the_holidays("conf/policy/meilong-2024.json", "x");
    assert_late("2026-10-11T00:00:01+08:00", 0);
    assert_late("2026-10-11T12:00:00+08:00", 0); /* a Sunday */
    assert_late("2026-10-12T09:00:00+08:00", 1);
    assert_late("2026-10-13T17:00:00+08:00", 2);
    assert_late("2026-10-18T17:00:00+08:00", 5);
    life_begin(OF_TICKET);
    happens(of_unit(event_at(TICKET_RECEIVED, "2026-09-22T10:00:00+08:00"), "wuye")); /* 23, 24, 28, 29, 30: the 25th is a holiday */
    assert_late("2026-10-01T00:00:01+08:00", 0);
    assert_late("2026-10-07T12:00:00+08:00", 0);
    assert_late("2026-10-08T00:00:00+08:00", 1);
    assert_late("2026-10-11T12:00:00+08:00", 3);
    assert_late("2026-10-12T12:00:00+08:00", 4);
}

/* Working hours from 09:00 to 11:30 and 13:30 to 17:30: six of them from 10:00 on end at 09:30 of the next day. */
static void working_hours_left(void **state)
{
    (void)state;
    before_the_holidays("conf/policy/city-hours.json", "x");
    assert_left_at(left_of("2026-09-28T10:00:00+08:00", "contact"), false, false, 0, 6, 0, __LINE__);
    assert_left_at(left_of("2026-09-28T12:00:00+08:00", "contact"), false, false, 0, 4, 30, __LINE__);
    assert_left_at(left_of("2026-09-28T20:00:00+08:00", "contact"), false, false, 0, 0, 30, __LINE__);
    assert_left_at(left_of("2026-09-29T11:00:00+08:00", "contact"), true, false, 0, 1, 30, __LINE__);
    assert_left_at(left_of("2026-09-29T14:00:00+08:00", "contact"), true, false, 0, 2, 30, __LINE__);
}

/* --- what is said --- */

static void a_reminder_says_what_is_owed_until_when(void **state)
{
    (void)state;
    before_the_holidays("conf/policy/meilong-2024.json", "\u5C0F\u533A\u7535\u68AF\u6545\u969C");
    wording_of("2026-10-09T14:30:00+08:00", "answer", "remind-1d", 0);
    const struct message *zh = wording_at(LANGUAGE_ZH, AT_WECOM, plainly);
    assert_true(says(zh->body, "\u8BF7\u4E8E 2026\u5E7410\u670810\u65E5\uFF08\u5468\u516D\uFF0924:00 \u524D\u7B54\u590D\u8BC9\u6C42\u4EBA"));
    assert_true(says(zh->body, "\u8FD8\u5269 1 \u4E2A\u5DE5\u4F5C\u65E5 3 \u5C0F\u65F6"));
    assert_true(says(zh->body, "ML2024093000123") && says(zh->body, "wuye") && says(zh->body, "\u5C0F\u533A\u7535\u68AF\u6545\u969C"));
    assert_true(says(zh->body, "5 \u4E2A\u5DE5\u4F5C\u65E5\uFF08\u4E00\u822C\u4EF6\uFF09"));
    assert_true(says(zh->body, "2024\u5E74\u6885\u9647\u9547\u653F\u52A1\u516C\u5F00\u5DE5\u4F5C\u8981\u70B9"));
    assert_true(says(zh->body, "](https://platform.example.cn/case/ticket?id=ML2024093000123)"));
    assert_string_equal(zh->link, "https://platform.example.cn/case/ticket?id=ML2024093000123");
    assert_false(says(zh->body, "{{") || says(zh->body, "\u6D4B\u8BD5") || says(zh->body, "\u903E\u671F"));
    const struct message *en = wording_at(LANGUAGE_EN, AT_WECOM, plainly);
    assert_true(says(en->body, "Please answer the citizen by Sat 10 Oct 2026, 24:00: 1 working day 3 hours left."));
    assert_true(says(en->body, "Limit: answer, 5 working days (class: general)"));
    assert_string_equal(en->key, "ML2024093000123");
    assert_string_equal(en->id, "ntc_1");
}

static void an_overdue_notice_says_how_long_in_working_days(void **state)
{
    (void)state;
    before_the_holidays("conf/policy/meilong-2024.json", "Lift");
    wording_of("2026-10-14T09:00:00+08:00", "answer", "supervise", 3);
    const struct message *zh = wording_at(LANGUAGE_ZH, AT_WECOM, plainly);
    assert_true(says(zh->body, "\u73B0\u5DF2\u903E\u671F 3 \u4E2A\u5DE5\u4F5C\u65E5") && says(zh->body, "\u73B0\u4E88\u7763\u529E"));
    const struct message *en = wording_at(LANGUAGE_EN, AT_EMAIL, plainly);
    assert_true(says(en->body, "3 working days overdue") && says(en->subject, "under supervision") && says(en->html, "3 working days overdue"));
    assert_null(en->calendar);
    wording_of("2026-10-11T00:00:01+08:00", "answer", "overdue", 0);
    assert_true(says(wording_at(LANGUAGE_EN, AT_WECOM, plainly)->body, "and is overdue."));
}

/* The kind of notice follows from the step and whom it addresses; its name from the names' file. */
static void each_step_is_worded_for_what_it_is(void **state)
{
    static const struct {
        const char *now, *step, *says;
    } steps[] = {{"2026-10-08T09:00:00+08:00", "remind-2d", "Reminder"},     {"2026-10-09T09:00:00+08:00", "urged", "has asked about this case 2 times"},
                 {"2026-10-09T09:00:00+08:00", "supervised", "under supervision (2 times)"}, {"2026-10-11T09:00:00+08:00", "overdue", "Overdue"},
                 {"2026-10-12T09:00:00+08:00", "escalate", "as head of the unit"}, {"2026-10-14T09:00:00+08:00", "supervise", "tell the supervision office"},
                 {"2026-10-16T09:00:00+08:00", "circulate", "called for an interview"}};
    (void)state;
    before_the_holidays("conf/policy/city-hours.json", "Lift");
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        wording_of(steps[i].now, "answer", steps[i].step, 2);
        const char *body = wording_at(LANGUAGE_EN, AT_WECOM, plainly)->body;
        if (!says(body, steps[i].says)) fail_msg("%s: %s", steps[i].step, body);
    }
}

static void what_was_told_is_taken_back_or_put_right(void **state)
{
    (void)state;
    before_the_holidays("conf/policy/meilong-2024.json", "Lift");
    wording_of("2026-10-09T14:30:00+08:00", "answer", NULL, 0);
    wording_world.demand.kind = DEMAND_CORRECTION;
    wording_world.demand.told.step = STEP_CORRECTION;
    wording_world.demand.before_ms = ms("2026-10-09T00:00:00+08:00");
    assert_true(says(wording_at(LANGUAGE_EN, AT_WECOM, plainly)->body, "The deadline has changed from Thu 8 Oct 2026, 24:00 to Sat 10 Oct 2026, 24:00"));
    wording_world.demand.kind = DEMAND_RETRACT;
    wording_world.demand.told.step = STEP_RETRACT;
    wording_world.demand.clock = NULL;
    wording_world.demand.before_ms = 0;
    const struct message *en = wording_at(LANGUAGE_EN, AT_EMAIL, plainly);
    assert_true(says(en->body, "overdue on Sat 10 Oct 2026, 24:00") && says(en->body, "We apologise") && says(en->subject, "is not overdue"));
    assert_null(en->calendar);
    assert_false(says(en->body, "Left:") || says(en->body, "Limit:"));
}

static void what_matters_besides(void **state)
{
    (void)state;
    before_the_holidays("conf/policy/meilong-2024.json", "Lift");
    wording_of("2026-10-09T14:30:00+08:00", "answer", "remind-1d", 0);
    const struct message *message = wording_at(LANGUAGE_EN, AT_WECOM, (struct wording){.trial = true, .elsewhere = true, .seen_link = "https://x.cn/s?a=1&b=2",
                                                                                       .signed_link = "https://x.cn/g"});
    assert_true(strncmp(message->body, "**[TEST] ", 9) == 0 && strncmp(message->subject, "[TEST] ", 7) == 0);
    assert_true(says(message->body, "Nobody of wuye can be reached") && says(message->body, "(https://x.cn/s?a=1&b=2)") && says(message->body, "(https://x.cn/g)"));
    assert_false(says(message->body, "Extended") || says(message->body, "Round") || says(message->body, "provisional"));
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2026-10-09T09:00:00+08:00"), 3));
    wording_of("2026-10-09T14:30:00+08:00", "answer", "remind-1d", 0);
    assert_true(says(wording_at(LANGUAGE_EN, AT_WECOM, plainly)->body, "Extended: 3 working days"));
    happens(event_at(TICKET_SUSPENDED, "2026-10-09T14:00:00+08:00"));
    wording_of("2026-10-09T14:30:00+08:00", "answer", "remind-1d", 0);
    message = wording_at(LANGUAGE_EN, AT_WECOM, plainly);
    assert_true(says(message->body, "the clock stands still") && !says(message->body, "left"));
    life_begin(OF_TICKET);
    happens(of_unit(event_at(TICKET_RECEIVED, "2030-09-02T10:15:00+08:00"), ""));
    wording_of("2030-09-03T10:15:00+08:00", "answer", "remind-1d", 0);
    message = wording_at(LANGUAGE_EN, AT_WECOM, plainly);
    assert_true(says(message->body, "(provisional until the holidays are published)") && says(message->body, "not dispatched"));
}

static void a_channel_without_words_gets_none(void **state)
{
    (void)state;
    before_the_holidays("conf/policy/meilong-2024.json", "Lift");
    wording_of("2026-10-09T14:30:00+08:00", "answer", "remind-1d", 0);
    const struct message *message = wording_at(LANGUAGE_EN, AT_WEBHOOK, plainly);
    assert_string_equal(message->subject, "");
    assert_string_equal(message->body, "");
    assert_null(message->html);
    assert_null(message->calendar);
}

/* --- names --- */

static struct names *names_from(const char *text, struct buffer *faults)
{
    char path[] = "/tmp/bihuan-names-XXXXXX";
    int file = mkstemp(path);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
    struct names *names = names_load(path, faults);
    unlink(path);
    return names;
}

/* The shipped names with one member taken away or replaced (value as JSON, NULL for away). */
static bool names_changed(const char *table, const char *member, const char *value)
{
    struct buffer faults;
    json_t *root = json_load_file("conf/templates/zh/names.json", 0, NULL), *at = member ? json_object_get(root, table) : root;
    const char *key = member ? member : table;
    if (value) json_object_set_new(at, key, json_loads(value, JSON_DECODE_ANY, NULL));
    else json_object_del(at, key);
    char *text = json_dumps(root, 0);
    buffer_init(&faults, 1 << 16);
    struct names *names = names_from(text, &faults);
    assert_true(names ? faults.bytes == 0 : strstr(buffer_text(&faults), member ? member : table) != NULL);
    bool good = names != NULL;
    names_free(names);
    buffer_free(&faults);
    json_decref(root);
    free(text);
    return good;
}

static void names_are_read_strictly(void **state)
{
    (void)state;
    assert_true(names_changed("class", "general", "\"x\"") && names_changed("item", "noise", "\"x\"") && names_changed("class", "general", NULL));
    assert_false(names_changed("class", NULL, NULL) || names_changed("nonsense", NULL, "{}") || names_changed("class", "general", "1"));
    assert_false(names_changed("phrase", "no_unit", NULL) || names_changed("phrase", "x", "\"\"") || names_changed("measure", "minute", "\"x\""));
    assert_false(names_changed("measure", "minute", "[\"x\"]") || names_changed("measure", "week", "[\"x\", \"x\"]") || names_changed("date", "full", NULL));
    assert_false(names_changed("date", "full", "\"{{yaer}}\"") || names_changed("weekday", NULL, "[\"x\"]") || names_changed("month", NULL, "{}"));
}

static void a_code_without_a_name_is_shown_as_it_is(void **state)
{
    (void)state;
    struct names *names = names_load("conf/templates/en/names.json", NULL);
    struct text known = names_of(names, NAMES_CLASS, TEXT("bad_review")), strange = names_of(names, NAMES_CLASS, TEXT("strange")), none = {0};
    assert_true(text_equal(known, TEXT("bad review")) && text_equal(strange, TEXT("strange")));
    assert_true(text_equal(names_of(names, NAMES_ITEM, none), none) && names_find(names, NAMES_URGENCY, "normal").bytes == 0);
    struct text day = names_limit(names, (struct limit){LIMIT_DAYS, 0}, &wording_world.pool), hours = names_limit(names, (struct limit){LIMIT_WORK_HOURS, 1}, &wording_world.pool);
    assert_true(text_equal(day, TEXT("the same day")) && text_equal(hours, TEXT("1 working hour")));
    names_free(names);
}

/* --- whatever a title holds --- */

static const char *const awkward[] = {
    "<@all> <at user_id=\"all\"></at> @13800000000", "**bold** [link](https://evil.example.cn/x) `code` # heading", "</td></table><script>alert('x')</script>&amp;\"",
    "line\nbreak\r\n\r\n# heading\n> quote\n- item", "back\\slash \\n \\\" {{case}} {{#late}}", "- list --- ===", "\u7535\u68AF\u6545\u969C\uFF0C\u5899\u9762\U0001F600\u6F0F\u6C34",
    "\u202Etfel ot thgir \u200B\uFEFF", "bad \xff\xc0\x80 bytes",
    "a very long title that goes on and on, of a hundred and twenty bytes, as ingest cuts it, with & and < and > and \" in it, ends"};

/* How often each character that means something occurs. */
static void count_marks(const char *text, const char *marks, size_t *count)
{
    for (size_t i = 0; marks[i]; i++) count[i] = 0;
    for (; *text; text++) {
        const char *mark = strchr(marks, *text);
        if (mark) count[mark - marks]++;
    }
}

static void assert_same_marks(const char *expected, const char *found, const char *marks, const char *title)
{
    size_t a[16], b[16];
    count_marks(expected, marks, a);
    count_marks(found, marks, b);
    for (size_t i = 0; marks[i]; i++)
        if (a[i] != b[i]) fail_msg("%s: %zu of %c, not %zu, in\n%s", title, b[i], marks[i], a[i], found);
    size_t links = 0, found_links = 0;
    for (const char *at = expected; (at = strstr(at, "://")); at += 3) links++;
    for (const char *at = found; (at = strstr(at, "://")); at += 3) found_links++;
    if (links != found_links) fail_msg("%s: a link more in\n%s", title, found);
}

static const char *marks_of(int at)
{
    return at <= AT_FEISHU ? "<>@*`[]#~|\\&_\n" : "<>@\n";
}

/* All that a message has, compared with that of a harmless title. */
static void assert_harmless(const struct message *harmless, const struct message *found, int at, const char *title)
{
    assert_same_marks(harmless->body, found->body, marks_of(at), title);
    assert_same_marks(harmless->subject, found->subject, "<>@\n", title);
    if (harmless->html) assert_same_marks(harmless->html, found->html, "<>\"'\n", title);
    assert_false(says(found->body, "{{#") && !says(title, "{{#"));
}

static const char *const all_steps[] = {"remind-2d", "remind-4h", "urged", "supervised", "overdue", "escalate", "supervise", "circulate", "corrected", "withdrawn", "notice"};

static void demand_for(const char *now, const char *name)
{
    bool corrected = strcmp(name, "corrected") == 0, withdrawn = strcmp(name, "withdrawn") == 0, none = corrected || withdrawn || strcmp(name, "notice") == 0;
    wording_of(now, "answer", none ? NULL : name, 2);
    if (corrected) wording_world.demand.kind = DEMAND_CORRECTION, wording_world.demand.before_ms = ms("2026-10-09T00:00:00+08:00");
    if (withdrawn) wording_world.demand.kind = DEMAND_RETRACT;
}

static void whatever_a_title_holds_begins_nothing(void **state)
{
    static const char *const nows[] = {"2026-10-09T14:30:00+08:00", "2026-10-16T09:00:00+08:00"};
    static struct message harmless[2][ATS][2][sizeof all_steps / sizeof *all_steps];
    (void)state;
    for (size_t i = 0; i <= sizeof awkward / sizeof *awkward; i++) {
        before_the_holidays("conf/policy/city-hours.json", i ? awkward[i - 1] : "harmless enough title");
        for (int n = 0; n < 2; n++)
            for (size_t step = 0; step < sizeof all_steps / sizeof *all_steps; step++) {
                demand_for(nows[n], all_steps[step]);
                for (int language = 0; language < 2; language++)
                    for (int at = 0; at < AT_WEBHOOK; at++) {
                        const struct message *found = wording_at(language, at, (struct wording){.trial = true, .elsewhere = true});
                        if (i) assert_harmless(&harmless[language][at][n][step], found, at, awkward[i - 1]);
                        else harmless[language][at][n][step] = *found;
                    }
            }
    }
}

static void a_case_and_its_unit_begin_nothing_either(void **state)
{
    (void)state;
    before_the_holidays("conf/policy/meilong-2024.json", "x");
    life.file.id = TEXT("ML/1)](x) <@all>\"&?=\n");
    wording_of("2026-10-09T14:30:00+08:00", "answer", "remind-1d", 0);
    wording_world.demand.unit = TEXT("<@all> [x](http://x.cn)");
    const struct message *message = wording_at(LANGUAGE_EN, AT_WECOM, plainly);
    assert_string_equal(message->link, "https://platform.example.cn/case/ticket?id=ML%2F1%29%5D%28x%29%20%3C%40all%3E%22%26%3F%3D%0A");
    assert_false(says(message->body, "<@") || says(message->body, "[x]") || says(message->body, "http://") || says(message->body, "ML/1)]"));
}

/* --- short messages --- */

static size_t characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++) n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static void a_short_message_is_short(void **state)
{
    (void)state;
    before_the_holidays("conf/policy/city-hours.json", "\u5C0F\u533A\u7535\u68AF\u6545\u969C\u591A\u65E5\u65E0\u4EBA\u7EF4\u4FEE\u8001\u4EBA\u51FA\u884C\u4E0D\u4FBF");
    for (size_t step = 0; step < sizeof all_steps / sizeof *all_steps; step++) {
        demand_for(step < 4 || step > 7 ? "2026-10-09T14:30:00+08:00" : "2026-10-16T09:00:00+08:00", all_steps[step]);
        const char *body = wording_at(LANGUAGE_ZH, AT_SMS, plainly)->body;
        if (characters(body) > 70) fail_msg("%s: %zu characters: %s", all_steps[step], characters(body), body);
    }
}

/* --- digests --- */

static struct digest digest;

static void add_line(enum digest_section section, const char *title)
{
    const struct digest_line line = {.case_id = TEXT("ML2024093000123"), .unit = TEXT("wuye"), .title = text_of(title), .of = OF_TICKET, .class = "general", .clock = "answer",
                                     .deadline_ms = ms("2026-10-11T00:00:00+08:00"), .last_day = day("2026-10-10"), .urgency = URGENCY_URGENT,
                                 .left = {.known = true, .late = section == DIGEST_OVERDUE, .days = 2}};
    digest_add(&digest, section, &line);
}

static const struct message *digest_at(int language, int at)
{
    words_digest(wording_world.words[language], &wording_world.endpoint[at], &digest, NULL, "dig_1", &wording_world.message, &wording_world.pool);
    return &wording_world.message;
}

static void begin_digest(const char *title)
{
    digest_clear(&digest);
    rulebook_of("conf/policy/meilong-2024.json");
    digest.zone = life.rules.zone;
    digest.name = TEXT("Zhang");
    digest.at_ms = ms("2026-10-09T09:00:00+08:00");
    for (int i = 0; i < DIGEST_LINES_MAX + 3; i++) add_line(DIGEST_OVERDUE, title);
    add_line(DIGEST_TODAY, title);
    add_line(DIGEST_OTHER, title);
}

static void a_digest_has_counts_lines_and_how_many_more(void **state)
{
    (void)state;
    begin_digest("Lift");
    const struct message *message = digest_at(LANGUAGE_EN, AT_WECOM);
    assert_true(says(message->body, "25 in all, 23 overdue, 1 due today, 1 others."));
    assert_true(says(message->body, "**Overdue (23)**") && says(message->body, "- and 3 more") && !says(message->body, "next working day"));
    assert_true(says(message->body, "[ML2024093000123](https://platform.example.cn/case/ticket?id=ML2024093000123) (urgent) Lift; wuye; answer due 10 Oct 24:00, overdue 2 working days"));
    assert_true(says(message->body, "2 working days left") && says(message->body, "Zhang"));
    assert_string_equal(message->id, "dig_1");
    assert_string_equal(message->key, "");
    message = digest_at(LANGUAGE_ZH, AT_EMAIL);
    assert_true(says(message->html, "\u53E6\u6709 3 \u4EF6") && says(message->body, "\u53E6\u6709 3 \u4EF6") && says(message->subject, "25 \u4EF6"));
    assert_true(characters(digest_at(LANGUAGE_ZH, AT_SMS)->body) <= 70);
    digest_clear(&digest);
    assert_true(says(digest_at(LANGUAGE_EN, AT_WECOM)->body, "nothing is due or overdue."));
}

static void whatever_titles_a_digest_holds_begins_nothing(void **state)
{
    static struct message harmless[2][ATS];
    (void)state;
    for (size_t i = 0; i <= sizeof awkward / sizeof *awkward; i++) {
        begin_digest(i ? awkward[i - 1] : "harmless enough title");
        for (int language = 0; language < 2; language++)
            for (int at = 0; at < AT_WEBHOOK; at++) {
                const struct message *found = digest_at(language, at);
                if (i) assert_harmless(&harmless[language][at], found, at, awkward[i - 1]);
                else harmless[language][at] = *found;
            }
    }
}

static int open_all(void **state)
{
    (void)state;
    return wording_open();
}

static int close_all(void **state)
{
    (void)state;
    digest_clear(&digest);
    wording_close();
    rulebook_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(working_time_left_around_the_holidays),   cmocka_unit_test(working_days_overdue_around_the_holidays),
        cmocka_unit_test(working_hours_left),                      cmocka_unit_test(a_reminder_says_what_is_owed_until_when),
        cmocka_unit_test(an_overdue_notice_says_how_long_in_working_days), cmocka_unit_test(each_step_is_worded_for_what_it_is),
        cmocka_unit_test(what_was_told_is_taken_back_or_put_right), cmocka_unit_test(what_matters_besides),
        cmocka_unit_test(names_are_read_strictly),                 cmocka_unit_test(a_code_without_a_name_is_shown_as_it_is),
        cmocka_unit_test(a_channel_without_words_gets_none),       cmocka_unit_test(whatever_a_title_holds_begins_nothing),
        cmocka_unit_test(a_case_and_its_unit_begin_nothing_either), cmocka_unit_test(a_short_message_is_short),
        cmocka_unit_test(a_digest_has_counts_lines_and_how_many_more), cmocka_unit_test(whatever_titles_a_digest_holds_begins_nothing),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
