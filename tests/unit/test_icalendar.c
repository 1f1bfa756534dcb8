/* Deadlines as calendar entries: to the byte. tests/integration/test_words.py has a calendar library read them. */
#include "notify/icalendar.h"
#include "tests/unit/wording.h"

static void ticket(const char *policy, const char *title)
{
    rulebook_of(policy);
    life_begin(OF_TICKET);
    struct event receipt = of_unit(event_at(TICKET_RECEIVED, "2026-09-28T10:00:00+08:00"), "wuye");
    detail_of(&receipt)->title = text_of(title);
    receipt.flags |= EVENT_HAS_TITLE;
    happens(receipt);
}

static const char *entry(const char *now, const char *clock, const char *summary, const char *link)
{
    wording_of(now, clock, NULL, 0);
    return icalendar_of(&(struct wording){.envelope = &wording_world.envelope, .demand = &wording_world.demand}, summary, link, &wording_world.pool);
}

static void a_deadline_at_the_end_of_a_day_is_that_day(void **state)
{
    (void)state;
    ticket("conf/policy/meilong-2024.json", "Lift, out; of order");
    assert_string_equal(entry("2026-10-09T14:30:00+08:00", "answer", "Ticket 1: due", "https://x.cn/a,b;c"),
                        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Bihuan//Bihuan//ZH\r\nMETHOD:PUBLISH\r\nBEGIN:VEVENT\r\n"
                        "UID:4e112753fa1b051fb9f2b56c396e5fb3@bihuan\r\nSEQUENCE:3561510\r\nDTSTAMP:20261009T063000Z\r\n"
                        "DTSTART;VALUE=DATE:20261010\r\nDTEND;VALUE=DATE:20261011\r\nSUMMARY:Ticket 1: due\r\nDESCRIPTION:Lift\\, out\\; of order\r\n"
                        "URL:https://x.cn/a,b;c\r\nTRANSP:TRANSPARENT\r\nCATEGORIES:12345\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Ticket 1: due\r\n"
                        "TRIGGER;VALUE=DATE-TIME:20261010T010000Z\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
}

static void another_deadline_is_the_half_hour_before(void **state)
{
    (void)state;
    ticket("conf/policy/city-hours.json", "Lift");
    const char *text = entry("2026-09-28T15:00:00+08:00", "contact", "x", "");
    assert_true(says(text, "DTSTART:20260929T010000Z\r\nDTEND:20260929T013000Z\r\n"));
    assert_true(says(text, "TRIGGER;VALUE=DATE-TIME:20260928T233000Z\r\n"));
    assert_false(says(text, "URL"));
}

static const char *line_of(const char *text, const char *name)
{
    static char line[4][128];
    static int next;
    char *to = line[next++ % 4];
    const char *at = strstr(text, name);
    snprintf(to, sizeof *line, "%.*s", (int)strcspn(at, "\r"), at);
    return to;
}

static void a_later_one_moves_it(void **state)
{
    (void)state;
    ticket("conf/policy/meilong-2024.json", "Lift");
    const char *first = entry("2026-10-09T14:30:00+08:00", "answer", "x", "");
    happens(of_days(event_at(TICKET_EXTENSION_GRANTED, "2026-10-09T14:31:00+08:00"), 2));
    const char *moved = entry("2026-10-09T14:32:00+08:00", "answer", "x", "");
    assert_string_equal(line_of(first, "UID"), line_of(moved, "UID"));
    assert_string_equal(line_of(moved, "DTSTART"), "DTSTART;VALUE=DATE:20261013");
    assert_true(strtol(line_of(moved, "SEQUENCE") + 9, NULL, 10) > strtol(line_of(first, "SEQUENCE") + 9, NULL, 10));
    ticket("conf/policy/city-hours.json", "Lift");
    assert_string_not_equal(line_of(entry("2026-09-28T15:00:00+08:00", "answer", "x", ""), "UID"),
                            line_of(entry("2026-09-28T15:00:00+08:00", "contact", "x", ""), "UID"));
}

static void none_where_nothing_is_left_to_enter(void **state)
{
    (void)state;
    ticket("conf/policy/meilong-2024.json", "Lift");
    assert_null(entry("2026-10-12T09:00:00+08:00", "answer", "x", ""));
    happens(event_at(TICKET_ANSWERED, "2026-10-09T14:31:00+08:00"));
    assert_null(entry("2026-10-09T15:00:00+08:00", "answer", "x", ""));
}

static void only_mail_has_one(void **state)
{
    (void)state;
    ticket("conf/policy/meilong-2024.json", "Lift");
    wording_of("2026-10-09T14:30:00+08:00", "answer", "remind-1d", 0);
    for (int at = 0; at < ATS; at++)
        if (at == AT_EMAIL) assert_true(says(wording_at(LANGUAGE_EN, at, (struct wording){0})->calendar, "SUMMARY:[Reminder] Ticket ML2024093000123\\, due 10 Oct 24:00: Lift\r\n"));
        else assert_null(wording_at(LANGUAGE_EN, at, (struct wording){0})->calendar);
}

/* --- content lines --- */

static struct buffer out;

static const char *content(struct text value)
{
    buffer_free(&out);
    buffer_init(&out, 1 << 16);
    icalendar_text(&out, "SUMMARY", value);
    return buffer_text(&out);
}

static void texts_are_escaped(void **state)
{
    (void)state;
    assert_string_equal(content(TEXT("a,b;c\\d:e\"f\ng\rh\ti")), "SUMMARY:a\\,b\\;c\\\\d:e\"f\\ng h i\r\n");
    assert_string_equal(content(TEXT("")), "SUMMARY:\r\n");
    assert_string_equal(content(TEXT("\xff" "END:VEVENT")), "SUMMARY:\uFFFDEND:VEVENT\r\n");
}

/* 67 bytes fill the first line, 74 each further one; an escape or a character is never cut. */
static void lines_are_folded_at_75_bytes(void **state)
{
    char text[512];
    (void)state;
    memset(text, 'a', sizeof text);
    assert_int_equal(strlen(content((struct text){text, 67})), 77);
    const char *folded = content((struct text){text, 68 + 74});
    assert_true(!memcmp(folded + 75, "\r\n a", 4) && !memcmp(folded + 77 + 75, "\r\n a\r\n", 7));
    memcpy(text + 66, ",", 1);
    assert_true(!memcmp(content((struct text){text, 70}) + 74, "\r\n \\,a", 6));
    for (size_t i = 0; i < 300; i += 3) memcpy(text + i, "\u4E2D", 3);
    for (const char *line = content((struct text){text, 300}), *end; *line; line = end + 2) {
        end = strstr(line, "\r\n");
        assert_true(end - line <= 75 && (line[0] == ' ' || line[0] == 'S'));
        assert_true(((unsigned char)line[1] & 0xC0) != 0x80);
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
    buffer_free(&out);
    wording_close();
    rulebook_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deadline_at_the_end_of_a_day_is_that_day), cmocka_unit_test(another_deadline_is_the_half_hour_before),
        cmocka_unit_test(a_later_one_moves_it),                       cmocka_unit_test(none_where_nothing_is_left_to_enter),
        cmocka_unit_test(only_mail_has_one),                          cmocka_unit_test(texts_are_escaped),
        cmocka_unit_test(lines_are_folded_at_75_bytes),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
