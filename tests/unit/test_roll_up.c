/* Figures rolled up, held against sums over towns made by dice: what stands above what is there worked out from the arrays that the file
 * is written from. */
#include "sla/roll_up.h"
#include "tests/unit/dice.h"
#include "tests/unit/life.h"

enum { UNITS = 40, NONE = -1 };

/* A town: what each unit is part of (one of a smaller number), and which one took over from it when it ended. */
static struct {
    int parent[UNITS], successor[UNITS];
    bool ended[UNITS];
    int64_t count[UNITS][COUNTERS];
} town;

static struct buffer json, faults;

static void make_town(void)
{
    memset(&town, 0, sizeof town);
    for (int i = 0; i < UNITS; i++) {
        town.parent[i] = i && draw(8) ? (int)draw((uint32_t)i) : NONE;
        town.ended[i] = i && draw(4) == 0;
        town.successor[i] = town.ended[i] && draw(4) ? (int)draw((uint32_t)i) : NONE;
        for (int k = 0; k < COUNTERS && draw(3); k++) town.count[i][k] = draw(5);
    }
}

static struct units *open_town(void)
{
    buffer_clear(&json);
    buffer_clear(&faults);
    buffer_add_text(&json, "{\"version\":\"1\",\"units\":[");
    for (int i = 0; i < UNITS; i++) {
        buffer_addf(&json, "%s{\"unit\":\"u%02d\",\"name\":\"n%d\"", i ? "," : "", i, i);
        if (town.parent[i] != NONE) buffer_addf(&json, ",\"parent\":\"u%02d\"", town.parent[i]);
        if (town.ended[i]) buffer_add_text(&json, ",\"until\":\"2026-06-30\"");
        if (town.successor[i] != NONE) buffer_addf(&json, ",\"successor\":\"u%02d\"", town.successor[i]);
        buffer_add_text(&json, "}");
    }
    buffer_add_text(&json, "]}");
    struct units *units = units_parse(buffer_text(&json), json.bytes, "units.json", &faults);
    if (!units) fail_msg("%s", buffer_text(&faults));
    return units;
}

/* Who has its cases in July: itself, or who took over; NONE for nobody. */
static int in_july(int unit)
{
    while (unit != NONE && town.ended[unit]) unit = town.successor[unit];
    return unit;
}

static int above(int unit)
{
    if (town.ended[unit] && town.successor[unit] != NONE) return in_july(town.successor[unit]);
    return in_july(town.parent[unit]);
}

static bool is_below(int unit, int top)
{
    for (; unit != NONE; unit = above(unit))
        if (unit == top) return true;
    return false;
}

static int number_of(const json_t *row, const char *field)
{
    const char *unit = json_string_value(json_object_get(row, field));
    return unit ? (int)strtol(unit + 1, NULL, 10) : NONE;
}

static void counts_are(const json_t *row, const int64_t *sum)
{
    static const enum counter looked[] = {COUNT_RECEIVED, COUNT_ANSWERED, COUNT_ANSWERED_IN_TIME, COUNT_MISSED, COUNT_OPEN, COUNT_CALLED_BACK};
    for (size_t i = 0; i < sizeof looked / sizeof *looked; i++)
        assert_int_equal(json_integer_value(json_object_get(row, counter_name(looked[i]))), sum[looked[i]]);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(row, "ratings"), "5")), sum[COUNT_RATING_5]);
    const json_t *rate = json_object_get(row, "in_time_rate");
    if (!sum[COUNT_ANSWERED]) assert_true(json_is_null(rate));
    else assert_float_equal(json_real_value(rate), (float)sum[COUNT_ANSWERED_IN_TIME] / (float)sum[COUNT_ANSWERED], 1e-6);
}

static void sum_below(int top, int64_t *sum)
{
    memset(sum, 0, COUNTERS * sizeof *sum);
    for (int i = 0; i < UNITS; i++)
        for (int k = 0; k < COUNTERS && (top == NONE || is_below(i, top)); k++) sum[k] += town.count[i][k];
}

static void rows_are(const json_t *root, int top)
{
    int64_t sum[COUNTERS];
    size_t i, shown = 0;
    const json_t *row;
    int depth_before = -1;
    json_array_foreach(json_object_get(root, "units"), i, row) {
        int unit = number_of(row, "unit"), depth = (int)json_integer_value(json_object_get(row, "depth"));
        sum_below(unit, sum);
        counts_are(row, sum);
        assert_int_equal(number_of(row, "parent"), above(unit));
        assert_int_equal(atoi(json_string_value(json_object_get(row, "name")) + 1), unit);
        assert_true(depth <= depth_before + 1 && depth >= 0); /* below what stands above it */
        assert_true(top == NONE || is_below(unit, top));
        depth_before = depth;
    }
    for (int u = 0; u < UNITS; u++) {
        bool something = false;
        sum_below(u, sum);
        for (int k = 0; k < COUNTERS; k++) something |= sum[k] != 0;
        shown += something && (top == NONE || is_below(u, top));
    }
    assert_int_equal(i, shown); /* each once */
    sum_below(top, sum);
    counts_are(json_object_get(root, "total"), sum);
}

static void each_row_is_its_own_and_all_below(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 60; seed++) {
        dice = seed * 2654435761u;
        make_town();
        struct units *units = open_town();
        struct summary *summary = summary_new(DAY_NONE, DAY_NONE);
        for (int i = 0; i < UNITS; i++) {
            char name[8];
            snprintf(name, sizeof name, "u%02d", i);
            for (int k = 0; k < COUNTERS; k++) summary_add(summary, (enum counter)k, DAY_NONE, (struct text){name, 3}, town.count[i][k]);
        }
        json_t *root = roll_up(summary, &life.rules, units, ms("2026-07-01T00:00:00+08:00"), NULL);
        rows_are(root, NONE);
        json_decref(root);
        for (int top = 0; top < UNITS; top++) {
            char name[8];
            snprintf(name, sizeof name, "u%02d", top);
            root = roll_up(summary, &life.rules, units, ms("2026-07-01T00:00:00+08:00"), name);
            rows_are(root, top);
            json_decref(root);
        }
        summary_free(summary);
        units_free(units);
    }
}

/* On the last day before it ended the figures still go where the unit stood. */
static void the_day_decides(void **state)
{
    (void)state;
    static const char text[] = "{\"version\":\"1\",\"units\":[{\"unit\":\"a\"},{\"unit\":\"b\"},{\"unit\":\"c\",\"parent\":\"a\",\"until\":\"2026-06-30\",\"successor\":\"d\"},{\"unit\":\"d\",\"parent\":\"b\"}]}";
    buffer_clear(&faults);
    struct units *units = units_parse(text, strlen(text), "units.json", &faults);
    struct summary *summary = summary_new(DAY_NONE, DAY_NONE);
    summary_add(summary, COUNT_RECEIVED, DAY_NONE, TEXT("c"), 3);
    summary_add(summary, COUNT_RECEIVED, DAY_NONE, TEXT(""), 2);
    summary_add(summary, COUNT_RECEIVED, DAY_NONE, TEXT("x"), 1);
    static const char *const at[] = {"2026-06-30T23:59:59+08:00", "2026-07-01T00:00:00+08:00"}, *const expected[] = {" 0 a 0 c 1 x 0", " 0 b 0 d 1 c 2 x 0"};
    for (int i = 0; i < 2; i++) {
        char said[128] = "", one[64];
        size_t k;
        const json_t *row;
        json_t *root = roll_up(summary, &life.rules, units, ms(at[i]), NULL);
        json_array_foreach(json_object_get(root, "units"), k, row) {
            snprintf(one, sizeof one, "%s%s %lld", k ? " " : "", json_string_value(json_object_get(row, "unit")), (long long)json_integer_value(json_object_get(row, "depth")));
            text_append(said, sizeof said, one);
        }
        assert_string_equal(said, expected[i]);
        assert_int_equal(json_integer_value(json_object_get(json_object_get(root, "total"), "received")), 6);
        json_decref(root);
    }
    summary_free(summary);
    units_free(units);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_its_own_and_all_below),
        cmocka_unit_test(the_day_decides),
    };
    if (life_open("conf/policy/meilong-2024.json")) return 1;
    buffer_init(&json, 1 << 16);
    buffer_init(&faults, UNITS_FAULTS_BYTES);
    int failed = cmocka_run_group_tests_name("roll-up", tests, NULL, NULL);
    buffer_free(&json);
    buffer_free(&faults);
    life_close();
    return failed;
}
