/* Units over time, who is on duty, who stands in; every fault of a file; and how long the largest takes. */
#include <time.h>

#include "common/zone.h"
#include "sla/units.h"
#include "tests/unit/unit.h"

static struct calendar *calendar;
static struct buffer faults;

static int32_t day(const char *text)
{
    int32_t d = 0;
    assert_true(day_parse(text, 10, &d));
    return d;
}

static struct text text(const char *s)
{
    return (struct text){s, strlen(s)};
}

static struct units *parsed(const char *json)
{
    buffer_clear(&faults);
    return units_parse(json, strlen(json), "units.json", &faults);
}

static struct units *good(const char *json)
{
    struct units *units = parsed(json);
    if (!units) fail_msg("%s", buffer_text(&faults));
    return units;
}

static void is(struct text found, const char *expected)
{
    if (found.bytes != strlen(expected) || memcmp(found.at ? found.at : "", expected, found.bytes) != 0)
        fail_msg("%.*s is not %s", (int)found.bytes, found.at ? found.at : "", expected);
}

/* Who it is that day, as "li wang*" with a star behind those on duty and "<absent" behind who stands in. */
static void people(const struct units *units, const char *unit, enum post post, const char *date, const char *expected)
{
    char said[256] = "";
    struct posted posted[UNIT_POST_MAX];
    size_t count = units_people(units, text(unit), post, calendar, day(date), posted, UNIT_POST_MAX);
    for (size_t i = 0; i < count; i++) {
        text_append(said, sizeof said, i ? " " : "");
        text_append(said, sizeof said, posted[i].person->id.at);
        text_append(said, sizeof said, posted[i].on_duty ? "*" : "");
        if (!posted[i].instead_of) continue;
        text_append(said, sizeof said, "<");
        text_append(said, sizeof said, posted[i].instead_of->id.at);
    }
    if (strcmp(said, expected) != 0) fail_msg("%s on %s: %s, expected %s", unit, date, said, expected);
}

/* --- units --- */

static const char town[] =
    "{\"version\":\"1\",\"dispatcher\":\"p\",\"supervision\":\"j\",\"people\":[],\"units\":["
    "{\"unit\":\"top\",\"name\":\"镇\"},{\"unit\":\"p\",\"parent\":\"top\"},{\"unit\":\"j\",\"parent\":\"top\"},"
    "{\"unit\":\"a\",\"parent\":\"top\",\"until\":\"2025-12-31\",\"successor\":\"b\"},"
    "{\"unit\":\"b\",\"parent\":\"p\",\"from\":\"2026-01-01\",\"until\":\"2026-06-30\",\"successor\":\"c\"},"
    "{\"unit\":\"c\",\"parent\":\"j\",\"from\":\"2026-07-01\"},"
    "{\"unit\":\"d\",\"parent\":\"top\",\"until\":\"2026-03-31\"},{\"unit\":\"e\",\"parent\":\"d\"},"
    "{\"unit\":\"f\",\"parent\":\"top\",\"until\":\"2025-12-31\",\"name\":\"旧\"},{\"unit\":\"f\",\"parent\":\"j\",\"from\":\"2026-01-01\",\"name\":\"新\"}]}";

static void a_unit_is_followed_by_its_successor(void **state)
{
    (void)state;
    struct units *units = good(town);
    is(units_in_force(units, TEXT("a"), day("2025-12-31")), "a");
    is(units_in_force(units, TEXT("a"), day("2026-01-01")), "b");
    is(units_in_force(units, TEXT("a"), day("2026-07-01")), "c");
    is(units_in_force(units, TEXT("c"), day("2026-06-30")), ""); /* not yet */
    is(units_in_force(units, TEXT("d"), day("2026-04-01")), ""); /* ended, and nobody took over */
    is(units_in_force(units, TEXT("nobody"), day("2026-04-01")), "");
    is(units_in_force(units, TEXT(""), day("2026-04-01")), "");
    is(units_dispatcher(units), "p");
    is(units_supervision(units), "j");
    is(units_circulation(units), "");
    assert_true(units_know(units, TEXT("d")));
    assert_false(units_know(units, TEXT("nobody")));
    units_free(units);
}

static void what_stands_above_is_of_a_day(void **state)
{
    (void)state;
    struct units *units = good(town);
    is(units_parent(units, TEXT("f"), day("2025-12-31")), "top");
    is(units_parent(units, TEXT("f"), day("2026-01-01")), "j");
    is(units_parent(units, TEXT("e"), day("2026-03-31")), "d");
    is(units_parent(units, TEXT("e"), day("2026-04-01")), "");
    is(units_parent(units, TEXT("c"), day("2026-06-30")), ""); /* not yet */
    is(units_above(units, TEXT("c"), day("2026-06-30")), "");
    is(units_parent(units, TEXT("nobody"), day("2026-01-01")), "");
    is(units_parent(units, TEXT("a"), day("2026-01-01")), ""); /* it is none any more, */
    is(units_above(units, TEXT("a"), day("2026-01-01")), "b"); /* but its figures go into what came after it, */
    is(units_above(units, TEXT("a"), day("2026-07-01")), "c");
    is(units_above(units, TEXT("d"), day("2026-04-01")), "top"); /* or else where they went before */
    is(units_above(units, TEXT("top"), day("2026-04-01")), "");
    is(units_name(units, TEXT("f")), "新");
    is(units_name(units, TEXT("e")), "e");
    is(units_name(units, TEXT("nobody")), "nobody");
    units_free(units);
}

/* --- duty --- */

static const char office[] =
    "{\"version\":\"1\",\"people\":["
    "{\"person\":\"li\",\"substitutes\":[\"wang\"],\"absences\":[{\"from\":\"2026-03-02\",\"until\":\"2026-03-06\"}]},"
    "{\"person\":\"wang\",\"substitutes\":[\"li\",\"zhao\"],\"absences\":[{\"from\":\"2026-03-04\",\"until\":\"2026-03-06\"}]},"
    "{\"person\":\"zhao\",\"absences\":[{\"from\":\"2026-03-06\"}]},{\"person\":\"boss\"},{\"person\":\"deputy\"}],"
    "\"units\":[{\"unit\":\"u\",\"handlers\":[\"li\",\"wang\"],\"leaders\":[\"boss\"],\"rosters\":["
    "{\"dates\":[\"2026-10-03\",\"2026-10-05/2026-10-06\"],\"people\":[\"zhao\",\"boss\"]},"
    "{\"kinds\":[\"holiday\"],\"turns\":[[\"li\"],[\"wang\"],[\"boss\",\"deputy\"]],\"start\":\"2026-10-01\"},"
    "{\"kinds\":[\"makeup_workday\"],\"people\":[\"deputy\"]},"
    "{\"kinds\":[\"weekend\"],\"turns\":[[\"li\"],[\"wang\"]],\"start\":\"2026-01-05\",\"days\":7},"
    "{\"weekdays\":[2,4],\"people\":[\"wang\"]},"
    "{\"post\":\"leader\",\"kinds\":[\"weekend\",\"holiday\"],\"people\":[\"deputy\"]}]}]}";

static void rosters_say_who_is_on_duty(void **state)
{
    (void)state;
    struct units *units = good(office);
    people(units, "u", POST_HANDLER, "2026-09-28", "li wang"); /* a Monday that no roster fills */
    people(units, "u", POST_HANDLER, "2026-09-29", "wang*");   /* Tuesday */
    people(units, "u", POST_HANDLER, "2026-10-01", "li*");     /* a holiday, though a Thursday: the first that holds */
    people(units, "u", POST_HANDLER, "2026-10-02", "wang*");
    people(units, "u", POST_HANDLER, "2026-10-03", "boss*"); /* by date; zhao is away and nobody stands in */
    people(units, "u", POST_HANDLER, "2026-10-04", "li*");   /* turn 3 of three */
    people(units, "u", POST_HANDLER, "2026-10-06", "boss*");
    people(units, "u", POST_HANDLER, "2026-10-07", "li*");
    people(units, "u", POST_HANDLER, "2026-10-10", "deputy*"); /* a Saturday worked */
    people(units, "u", POST_HANDLER, "2026-09-20", "deputy*"); /* a Sunday worked */
    people(units, "u", POST_HANDLER, "2026-01-10", "li*");     /* weekends by weeks */
    people(units, "u", POST_HANDLER, "2026-01-11", "li*");
    people(units, "u", POST_HANDLER, "2026-01-17", "wang*");
    people(units, "u", POST_HANDLER, "2025-12-27", "li wang"); /* before the turns begin */
    people(units, "u", POST_HANDLER, "2026-01-03", "li wang");
    people(units, "u", POST_LEADER, "2026-10-01", "deputy*");
    people(units, "u", POST_LEADER, "2026-10-09", "boss");
    people(units, "nobody", POST_HANDLER, "2026-10-09", "");
    units_free(units);
}

static void substitutes_stand_in(void **state)
{
    (void)state;
    struct units *units = good(office);
    people(units, "u", POST_HANDLER, "2026-03-02", "wang"); /* li away: wang, who has the post anyway */
    people(units, "u", POST_HANDLER, "2026-03-03", "wang*");
    people(units, "u", POST_HANDLER, "2026-03-04", "zhao<li"); /* both away: by way of each other to zhao */
    people(units, "u", POST_HANDLER, "2026-03-05", "zhao*<wang");
    people(units, "u", POST_HANDLER, "2026-03-06", ""); /* nobody at all; the circle ends */
    people(units, "u", POST_HANDLER, "2026-03-09", "li wang");
    units_free(units);
}

/* Everybody but the last is away, each with one substitute; so far and no further is looked. */
static void a_line_of_substitutes_has_an_end(void **state)
{
    (void)state;
    struct buffer json;
    buffer_init(&json, 1 << 20);
    for (int length = UNIT_POST_MAX; length <= UNIT_POST_MAX + 1; length++) {
        buffer_clear(&json);
        buffer_add_text(&json, "{\"version\":\"1\",\"people\":[");
        for (int i = 0; i < length; i++)
            buffer_addf(&json, "{\"person\":\"p%d\",\"substitutes\":[\"p%d\"],\"absences\":[{\"from\":\"2026-01-01\"}]},", i, i + 1);
        buffer_addf(&json, "{\"person\":\"p%d\"}],\"units\":[{\"unit\":\"u\",\"handlers\":[\"p0\"]}]}", length);
        struct units *units = good(buffer_text(&json));
        people(units, "u", POST_HANDLER, "2026-01-05", length == UNIT_POST_MAX ? "p48<p0" : "");
        people(units, "u", POST_HANDLER, "2025-12-31", "p0");
        units_free(units);
    }
    buffer_free(&json);
}

static void the_posts_are_there_whoever_is_away(void **state)
{
    (void)state;
    struct units *units = good(office);
    struct posted posted[UNIT_POST_MAX];
    assert_int_equal(units_everybody(units, TEXT("u"), POST_HANDLER, day("2026-03-06"), posted, UNIT_POST_MAX), 5); /* on the day on which all are away */
    assert_string_equal(posted[0].person->id.at, "li");
    assert_string_equal(posted[4].person->id.at, "deputy");
    assert_false(posted[0].on_duty);
    assert_true(posted[4].on_duty); /* of a roster alone */
    assert_int_equal(units_everybody(units, TEXT("u"), POST_LEADER, day("2026-03-06"), posted, UNIT_POST_MAX), 2);
    assert_string_equal(posted[1].person->id.at, "deputy");
    assert_int_equal(units_everybody(units, TEXT("nobody"), POST_HANDLER, day("2026-03-06"), posted, UNIT_POST_MAX), 0);
    units_free(units);
}

static void more_than_the_room_is_counted(void **state)
{
    (void)state;
    struct units *units = good(office);
    struct posted posted[1] = {{NULL, NULL, false}};
    assert_int_equal(units_people(units, TEXT("u"), POST_HANDLER, calendar, day("2026-09-28"), posted, 1), 2);
    assert_string_equal(posted[0].person->id.at, "li");
    assert_int_equal(units_people(units, TEXT("u"), POST_HANDLER, NULL, day("2026-10-01"), posted, 1), 1); /* without calendar: Thursday */
    assert_string_equal(posted[0].person->id.at, "wang");
    assert_int_equal(units_people(units, TEXT("u"), POST_LEADER, calendar, day("1900-01-07"), posted, 1), 1); /* a day beyond the calendar: no weekend */
    assert_string_equal(posted[0].person->id.at, "boss");
    units_free(units);
}

/* --- faults --- */

#define UNIT "\"units\":[{\"unit\":\"u\"}]"
#define LONG "0123456789012345678901234567890123456789012345678901234567890123" "0123456789012345678901234567890123456789012345678901234567890123"
#define SEVEN "7,7,7,7,7,7,7,"
#define PEOPLE "\"people\":[{\"person\":\"li\"}]"

static void each_fault_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *json, *said;
    } bad[] = {
        {"[]", "units.json: expected an object\n"},
        {"{", "units.json: line 1: "},
        {"{\"version\":\"1\"}", "units.json: units: expected an array of 1 to 4096 members\n"},
        {"{\"version\":\"\"," UNIT "}", "units.json: version: expected text of 1 to 127 bytes\n"},
        {"{\"version\":\"1\",\"x\":1,\"y\":2," UNIT "}", "units.json: unknown field \"x\"\nunits.json: unknown field \"y\"\n"},
        {"{\"version\":\"1\",\"dispatcher\":\"p\",\"supervision\":7," UNIT "}",
         "units.json: dispatcher: no unit is called \"p\"\nunits.json: supervision: no unit is called \"(no text)\"\n"},
        {"{\"version\":\"1\",\"people\":[{\"person\":\"li\"},{\"person\":\"li\"}]," UNIT "}", "people[1]: person: \"li\" is there twice\n"},
        {"{\"version\":\"1\",\"people\":[{\"person\":\"li\",\"substitutes\":[\"li\"]}]," UNIT "}", "people[0]: substitutes: nobody can stand in for themselves\n"},
        {"{\"version\":\"1\",\"people\":[{\"person\":\"li\",\"substitutes\":[\"wu\"]}]," UNIT "}", "people[0]: substitutes[0]: nobody in people is called \"wu\"\n"},
        {"{\"version\":\"1\",\"people\":[{\"person\":\"li\",\"absences\":[{\"from\":\"2026-02-30\"},{\"from\":\"2026-02-02\",\"until\":\"2026-02-01\"}]}]," UNIT "}",
         "units.json: people[0].absences[0]: from: expected a date \"YYYY-MM-DD\"\nunits.json: people[0].absences[1]: until: before from\n"},
        {"{\"version\":\"1\",\"people\":[{\"person\":\"li\",\"contacts\":[{\"address\":\"a@example.cn\"}]}]," UNIT "}", "people[0].contacts[0]: endpoint: expected text"},
        {"{\"version\":\"1\",\"people\":[7]," UNIT "}", "people[0]: expected an object\n"},
        {"{\"version\":\"1\",\"units\":[{\"unit\":\"u\",\"parent\":\"x\"}]}", "units[0]: parent: no unit is called \"x\"\n"},
        {"{\"version\":\"1\",\"units\":[{\"unit\":\"u\",\"successor\":\"u\"}]}", "units[0]: successor: only of a unit that ends: until is missing\n"},
        {"{\"version\":\"1\",\"units\":[{\"unit\":\"u\",\"handlers\":[\"li\"]}]}", "units[0]: handlers[0]: nobody in people is called \"li\"\n"},
        {"{\"version\":\"1\"," PEOPLE ",\"units\":[{\"unit\":\"u\",\"handlers\":[\"li\",\"li\"]}]}", "units[0]: handlers[1]: \"li\" is there twice\n"},
        {"{\"version\":\"1\",\"units\":[{\"unit\":\"u\",\"until\":\"2026-01-01\"},{\"unit\":\"u\",\"from\":\"2026-01-01\"}]}", "units[1]: unit: \"u\" is valid twice at a time\n"},
        {"{\"version\":\"1\",\"units\":[{\"unit\":\"u\",\"from\":\"2026-01-01\"},{\"unit\":\"u\"}]}", "units[1]: unit: \"u\" is valid twice at a time\n"},
        {"{\"version\":\"1\",\"units\":[{\"unit\":\"u\",\"parent\":\"v\"},{\"unit\":\"v\",\"parent\":\"u\"}]}", "parent: the units above \"u\" go round"},
        {"{\"version\":\"1\",\"units\":[{\"unit\":\"u\",\"until\":\"2026-01-01\",\"successor\":\"v\"},{\"unit\":\"v\",\"until\":\"2026-02-01\",\"successor\":\"u\"}]}",
         "successor: the successors of \"v\" go round"},
        /* only in June, when v has ended into its own child */
        {"{\"version\":\"1\",\"units\":[{\"unit\":\"v\",\"until\":\"2026-05-31\",\"successor\":\"w\"},{\"unit\":\"w\",\"parent\":\"v\"}]}", "parent: the units above \"v\" go round"},
        {"{\"version\":\"1\"," PEOPLE ",\"units\":[{\"unit\":\"u\",\"rosters\":[{\"people\":[]},{},{\"dates\":[],\"people\":[\"li\"]}]}]}",
         "units.json: units[0].rosters[0]: people: expected an array of 1 to 48 members\nunits.json: units[0].rosters[1]: expected one of people, turns\n"
         "units.json: units[0].rosters[2]: dates: empty, so it holds on no day\n"},
        {"{\"version\":\"1\"," PEOPLE ",\"units\":[{\"unit\":\"u\",\"rosters\":[{\"turns\":[[\"li\"],[]]}]}]}",
         "units.json: units[0].rosters[0]: turns[1]: expected an array of 1 to 48 people\nunits.json: units[0].rosters[0]: start: expected a date"},
        {"{\"version\":\"1\"," PEOPLE ",\"units\":[{\"unit\":\"u\",\"rosters\":[{\"people\":[\"li\"],\"days\":2,\"weekdays\":[8],\"kinds\":[\"x\"],\"dates\":[\"2026-01-02/2026-01-01\"],\"post\":\"x\"}]}]}",
         "post: expected \"handler\" or \"leader\"\nunits.json: units[0].rosters[0]: kinds[0]: unknown name \"x\"\n"},
        {"{\"version\":\"1\"," PEOPLE ",\"units\":[{\"unit\":\"u\",\"rosters\":[{\"turns\":[[" SEVEN SEVEN SEVEN SEVEN SEVEN SEVEN SEVEN "7],[\"li\"]],\"start\":\"2026-01-01\"}]}]}",
         "units[0].rosters[0]: turns[0]: expected an array of 1 to 48 people\n"},
        {"{\"version\":7," UNIT "}", "units.json: version: expected text"},
        {"{\"version\":\"" LONG "\"," UNIT "}", "units.json: version: expected text of 1 to 127 bytes\n"},
        {"{\"version\":\"1\",\"people\":7," UNIT "}", "units.json: people: expected an array of 0 to 16384 members\n"},
        {"{\"version\":\"1\",\"people\":[{\"person\":\"li\",\"contacts\":[7]}]," UNIT "}", "people[0].contacts[0]: expected an object\n"},
        {"{\"version\":\"1\",\"people\":[{\"person\":\"li\",\"absences\":[7,{\"from\":\"2026-01-01\",\"until\":\"soon\"},{}]}]," UNIT "}",
         "people[0].absences[0]: expected an object\nunits.json: people[0].absences[1]: until: expected a date \"YYYY-MM-DD\"\nunits.json: people[0].absences[2]: from: "},
        {"{\"version\":\"1\",\"people\":[{\"person\":\"li\",\"x\":1}]," UNIT "}", "people[0]: unknown field \"x\"\n"},
        {"{\"version\":\"1\",\"people\":[{\"name\":\"Li\"}]," UNIT "}", "people[0]: person: expected text"},
        {"{\"version\":\"1\"," PEOPLE ",\"units\":[{\"unit\":\"u\",\"handlers\":[7]}]}", "units[0]: handlers[0]: nobody in people is called \"(no text)\"\n"},
        {"{\"version\":\"1\"," PEOPLE ",\"units\":[7,{\"unit\":\"u\",\"x\":1},{\"name\":\"v\"}]}",
         "units[0]: expected an object\nunits.json: units[1]: unknown field \"x\"\nunits.json: units[2]: unit: expected text"},
        {"{\"version\":\"1\",\"units\":[{\"unit\":\"u\",\"from\":\"x\"},{\"unit\":\"v\",\"until\":\"x\"},{\"unit\":\"w\",\"from\":\"2026-02-01\",\"until\":\"2026-01-01\"}]}",
         "units[0]: from: expected a date \"YYYY-MM-DD\"\nunits.json: units[1]: until: expected a date \"YYYY-MM-DD\"\nunits.json: units[2]: until: before from\n"},
        {"{\"version\":\"1\"," PEOPLE ",\"units\":[{\"unit\":\"u\",\"rosters\":[7,{\"x\":1,\"people\":[\"li\"]}]}]}",
         "units[0].rosters[0]: expected an object\nunits.json: units[0].rosters[1]: unknown field \"x\"\n"},
        {"{\"version\":\"1\"," PEOPLE ",\"units\":[{\"unit\":\"u\",\"rosters\":[{\"people\":[\"li\"],\"start\":\"2026-01-01\"},{\"turns\":[]},"
         "{\"turns\":[7,[\"li\"]],\"start\":\"2026-01-01\",\"days\":0}]}]}",
         "units[0].rosters[0]: start, days: only with turns\nunits.json: units[0].rosters[1]: turns: expected an array of 2 to 366 members\n"
         "units.json: units[0].rosters[2]: turns[0]: expected an array of 1 to 48 people\nunits.json: units[0].rosters[2]: days: expected a whole number from 1 to 366\n"},
        {"{\"version\":\"1\"," PEOPLE ",\"units\":[{\"unit\":\"u\",\"rosters\":[{\"people\":[\"li\"],\"dates\":[7,\"2026-02-30\",\"2026-01-01-2026-01-02\","
         "\"2026-02-30/2026-03-01\",\"2026-02-01/2026-02-30\"]}]}]}",
         "dates[0]: expected \"YYYY-MM-DD\" or \"YYYY-MM-DD/YYYY-MM-DD\", in order\nunits.json: units[0].rosters[0]: dates[1]: "},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_null(parsed(bad[i].json));
        if (!strstr(buffer_text(&faults), bad[i].said)) fail_msg("%s gives %s, not %s", bad[i].json, buffer_text(&faults), bad[i].said);
    }
}

/* Each of the five dates above is one. */
static void no_fault_hides_another(void **state)
{
    (void)state;
    assert_null(parsed("{\"version\":\"1\"," PEOPLE ",\"units\":[{\"unit\":\"u\",\"rosters\":[{\"people\":[\"li\"],\"dates\":[7,\"2026-02-30\",\"2026-01-01-2026-01-02\","
                       "\"2026-02-30/2026-03-01\",\"2026-02-01/2026-02-30\",\"2026-02-01\"]}]}]}"));
    for (int i = 0; i < 6; i++) {
        char place[16];
        snprintf(place, sizeof place, "dates[%d]: ", i);
        assert_int_equal(strstr(buffer_text(&faults), place) != NULL, i < 5);
    }
}

static void null_is_as_good_as_absent(void **state)
{
    (void)state;
    struct units *units = good("{\"version\":\"1\",\"title\":null,\"dispatcher\":null,\"units\":["
                               "{\"unit\":\"u\",\"name\":null,\"parent\":null,\"from\":null,\"until\":null,\"successor\":null}]}");
    is(units_dispatcher(units), "");
    is(units_name(units, TEXT("u")), "u");
    is(units_in_force(units, TEXT("u"), day("2026-04-01")), "u");
    units_free(units);
}

/* So many spans, written latest first; one more is refused. */
static void a_unit_changes_so_often_and_no_more(void **state)
{
    (void)state;
    struct buffer json;
    buffer_init(&json, 1 << 20);
    for (int spans = UNIT_SPANS_MAX; spans <= UNIT_SPANS_MAX + 1; spans++) {
        buffer_clear(&json);
        buffer_add_text(&json, "{\"version\":\"1\",\"units\":[");
        for (int i = spans; i-- > 0;)
            buffer_addf(&json, "{\"unit\":\"u\",\"name\":\"n%d\",\"from\":\"%d-01-01\",\"until\":\"%d-12-31\"}%s", i, 2010 + i, 2010 + i, i ? "," : "]}");
        struct units *units = parsed(buffer_text(&json));
        if (spans > UNIT_SPANS_MAX) {
            assert_null(units);
            assert_non_null(strstr(buffer_text(&faults), "units[64]: unit: \"u\" has more than 64 entries\n"));
            continue;
        }
        assert_non_null(units);
        is(units_name(units, TEXT("u")), "n63");
        is(units_in_force(units, TEXT("u"), day("2010-12-31")), "u");
        units_free(units);
    }
    buffer_free(&json);
}

/* What the room for faults cannot hold is a fault all the same. */
static void without_room_for_the_fault_it_is_refused(void **state)
{
    (void)state;
    struct buffer none;
    static const char fault[] = "{\"version\":\"\"," UNIT "}";
    buffer_init(&none, 1);
    assert_null(units_parse(fault, strlen(fault), "units.json", &none));
    assert_true(none.overflow);
    buffer_free(&none);
}

static void mutual_substitutes_are_no_fault(void **state)
{
    (void)state;
    units_free(good("{\"version\":\"1\",\"people\":[{\"person\":\"a\",\"substitutes\":[\"b\"]},{\"person\":\"b\",\"substitutes\":[\"a\"]}]," UNIT "}"));
}

static void the_shipped_file_is_good(void **state)
{
    (void)state;
    buffer_clear(&faults);
    struct units *units = units_load("conf/units.json", &faults);
    if (!units) fail_msg("%s", buffer_text(&faults));
    is(units_dispatcher(units), "paidan");
    people(units, "wuye", POST_HANDLER, "2026-10-05", "wuye-b*");
    units_free(units);
}

/* --- the largest --- */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void write_largest(struct buffer *json)
{
    buffer_add_text(json, "{\"version\":\"1\",\"people\":[");
    for (int i = 0; i < UNITS_PEOPLE_MAX; i++)
        buffer_addf(json, "%s{\"person\":\"p%d\",\"name\":\"n\",\"contacts\":[{\"endpoint\":\"mail\",\"address\":\"p%d@example.cn\"}],\"substitutes\":[\"p%d\"]}",
                    i ? "," : "", i, i, (i + 1) % UNITS_PEOPLE_MAX);
    buffer_add_text(json, "],\"units\":[");
    for (int i = 0; i < UNITS_MAX; i++) {
        buffer_addf(json, "%s{\"unit\":\"u%d\",\"handlers\":[\"p%d\",\"p%d\",\"p%d\"],\"leaders\":[\"p%d\"]", i ? "," : "", i, 4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3);
        if (i) buffer_addf(json, ",\"parent\":\"u%d\"", (i - 1) / 4);
        buffer_add_text(json, "}");
    }
    buffer_add_text(json, "]}");
}

static void the_largest_file_takes_no_second(void **state)
{
    (void)state;
    struct buffer json;
    buffer_init(&json, 16 << 20);
    write_largest(&json);
    double began = seconds();
    struct units *units = parsed(buffer_text(&json));
    double took = seconds() - began;
    if (!units) fail_msg("%s", buffer_text(&faults));
    print_message("%d people, %d units: %.0f ms\n", UNITS_PEOPLE_MAX, UNITS_MAX, took * 1000);
    assert_true(took < 5); /* far above what it takes, far below what quadratic work would */
    people(units, "u4095", POST_LEADER, "2026-10-05", "p16383");
    units_free(units);
    buffer_free(&json);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_unit_is_followed_by_its_successor), cmocka_unit_test(what_stands_above_is_of_a_day),
        cmocka_unit_test(rosters_say_who_is_on_duty),          cmocka_unit_test(substitutes_stand_in),
        cmocka_unit_test(more_than_the_room_is_counted),       cmocka_unit_test(each_fault_is_said),
        cmocka_unit_test(mutual_substitutes_are_no_fault),     cmocka_unit_test(the_shipped_file_is_good),
        cmocka_unit_test(the_largest_file_takes_no_second),    cmocka_unit_test(a_line_of_substitutes_has_an_end),
        cmocka_unit_test(the_posts_are_there_whoever_is_away), cmocka_unit_test(no_fault_hides_another),
        cmocka_unit_test(null_is_as_good_as_absent),           cmocka_unit_test(a_unit_changes_so_often_and_no_more),
        cmocka_unit_test(without_room_for_the_fault_it_is_refused),
    };
    char error[256];
    calendar = calendar_load("conf/calendar/cn.json", error, sizeof error);
    buffer_init(&faults, UNITS_FAULTS_BYTES);
    int failed = cmocka_run_group_tests_name("units", tests, NULL, NULL);
    calendar_free(calendar);
    buffer_free(&faults);
    return failed;
}
