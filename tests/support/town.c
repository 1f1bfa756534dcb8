/* The believable town: prints what a town's hotline and its service hall send
 * in some weeks, as canonical events, one a line, in the order a feed brings
 * them: late arrivals, duplicates and, when asked for, bad records included.
 *
 * The same options give the same bytes. With --bad the good lines stay the
 * same, bad ones come between. Duplicates repeat a line to the byte. */
#define _POSIX_C_SOURCE 200809L
#include "ready.h"
#include "town_calendar.h"
#include "town_fault.h"
#include "town_feed.h"
#include "town_life.h"
#include "town_render.h"
#include "town_write.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DUPLICATES = 20, /* permille of good lines */
    BAD = 5,         /* permille of lines */
    BULK_DAYS = 92,  /* over which --events spreads */
    EVENTS_A_TICKET = 8, /* about, with the ratings that a day has beside one ticket */
    MAX_LINE_BYTES = 64 * 1024,
    OUTPUT_BYTES = 1024 * 1024,
};

static const char usage[] =
    "usage: town [--seed S] [--start TIME] [--days N] [--tickets-per-day N] [--bad]\n"
    "       town [--seed S] [--start TIME] --events N [--tickets-per-day N] [--bad]\n"
    "Prints the hotline tickets and ratings of an invented town as canonical\n"
    "events, one a line, in the order a feed would bring them. A seed gives the\n"
    "same town each time; a summary line goes to stderr.\n"
    "  --seed S             default 1\n"
    "  --start TIME         YYYY-MM-DDTHH:MM:SS+08:00, default 2024-08-12T08:00:00+08:00\n"
    "  --days N             days from the start (1-3650, default 92); what comes later is\n"
    "                       left out, so some cases stay open\n"
    "  --tickets-per-day N  on an ordinary working day (1-1000000, default 60), and about\n"
    "                       as many ratings\n"
    "  --events N           instead of days: exactly N good lines, over about 92 days where\n"
    "                       --tickets-per-day does not say otherwise\n"
    "  --bad                about 0.5 % bad records of many kinds besides\n"
    "  --help\n";

struct options {
    uint64_t seed;
    int64_t start_ms; /* local */
    long days, tickets_per_day;
    uint64_t events;  /* 0: by days */
    bool bad;
};

struct town {
    struct options options;
    struct town_feed *feed;
    struct town_life life;
    struct dice dice;      /* of days and duplicates */
    struct dice bad_dice;  /* apart, so that the good lines stay the same */
    uint64_t lines, late, bad;
};

/* --- options --- */

static int64_t read_start(const char *text)
{
    int year, month, day, hour, minute, second, length = 0;
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d+08:00%n", &year, &month, &day, &hour, &minute, &second, &length) == 6 &&
        length > 0 && text[length] == '\0' && year >= TOWN_FIRST_YEAR && year <= TOWN_LAST_YEAR - 20 && month >= 1 &&
        month <= 12 && day >= 1 && day <= 31 && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 &&
        second < 60)
        return town_day(year, month, day) * day_ms + hour * hour_ms + minute * minute_ms + second * (int64_t)1000;
    fprintf(stderr, "--start: YYYY-MM-DDTHH:MM:SS+08:00 of %d to %d, not '%s'\n", TOWN_FIRST_YEAR, TOWN_LAST_YEAR - 20,
            text);
    exit(2);
}

static struct options read_options(int argc, char **argv)
{
    static const struct option known[] = {
        {"seed", required_argument, NULL, 's'},   {"start", required_argument, NULL, 't'},
        {"days", required_argument, NULL, 'd'},   {"tickets-per-day", required_argument, NULL, 'n'},
        {"events", required_argument, NULL, 'e'}, {"bad", no_argument, NULL, 'b'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    struct options options = {.seed = 1, .days = 92, .start_ms = read_start("2024-08-12T08:00:00+08:00")};
    int option;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (option) {
        case 's': options.seed = (uint64_t)ready_number("--seed", optarg, 0, 1000000000000); break;
        case 't': options.start_ms = read_start(optarg); break;
        case 'd': options.days = ready_number("--days", optarg, 1, 3650); break;
        case 'n': options.tickets_per_day = ready_number("--tickets-per-day", optarg, 1, 1000000); break;
        case 'e': options.events = (uint64_t)ready_number("--events", optarg, 1, 1000000000); break;
        case 'b': options.bad = true; break;
        case 'h': fputs(usage, stdout); exit(0);
        default: fputs(usage, stderr); exit(2);
        }
    }
    if (optind < argc) {
        fputs(usage, stderr);
        exit(2);
    }
    if (options.tickets_per_day == 0) {
        options.tickets_per_day = 60;
        uint64_t spread = options.events / ((uint64_t)BULK_DAYS * EVENTS_A_TICKET);
        if (spread > (uint64_t)options.tickets_per_day)
            options.tickets_per_day = (long)spread;
    }
    return options;
}

/* --- a day's calls and ratings --- */

/* Calls by hour: peaks from 9 to 11 and from 14 to 16. */
static const uint16_t call_hours[24] = {4,  2,  1,  1,   1,   2,  6,  16, 50, 110, 120, 75,
                                        45, 60, 105, 110, 75, 45, 30, 28, 24, 16,  10,  6};
static const uint16_t hall_hours[24] = {[8] = 5, [9] = 110, [10] = 130, [11] = 90, [12] = 30, [13] = 90,
                                        [14] = 120, [15] = 110, [16] = 90, [17] = 20, [18] = 10, [20] = 8};

static int64_t moment(struct dice *dice, int32_t day, const uint16_t hours[24])
{
    int64_t hour = dice_weighted(dice, hours, 24);
    return day * day_ms + hour * hour_ms + dice_below(dice, 3600) * (int64_t)1000;
}

static uint32_t volume(struct dice *dice, int32_t day, long base, uint32_t weekend_permille)
{
    uint64_t permille = (uint64_t)dice_between(dice, 880, 1120);
    if (!town_is_workday(day))
        permille = permille * (town_is_holiday(day) ? weekend_permille * 3 / 4 : weekend_permille) / 1000;
    else if (!town_is_workday(day - 1))
        permille = permille * 115 / 100; /* what had to wait */
    return (uint32_t)(((uint64_t)base * permille + dice_below(dice, 1000)) / 1000);
}

static int by_value(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

typedef void live(struct town_life *life, struct town_case of, int64_t local_ms, uint64_t seed);

/* `count` cases of a day, numbered by the clock; none before the start. */
static void begin_cases(struct town *town, int32_t day, uint32_t count, const uint16_t hours[24], live *begin)
{
    if (count == 0)
        return;
    int64_t *moments = malloc(count * sizeof *moments);
    if (!moments)
        abort();
    for (uint32_t i = 0; i < count; i++)
        moments[i] = moment(&town->dice, day, hours);
    qsort(moments, count, sizeof *moments, by_value);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t seed = dice_next(&town->dice);
        if (moments[i] >= town->options.start_ms)
            begin(&town->life, (struct town_case){day, i + 1}, moments[i], seed);
    }
    free(moments);
}

static void begin_day(struct town *town, int32_t day)
{
    long base = town->options.tickets_per_day;
    begin_cases(town, day, volume(&town->dice, day, base, 480), call_hours, town_live_ticket);
    begin_cases(town, day, volume(&town->dice, day, base, 150), hall_hours, town_live_rating);
}

/* --- the feed --- */

/* Takes what a life tells, and now and then the feed's own repetition of it. */
static void take(void *listener, const struct town_happening *happening)
{
    struct town *town = listener;
    town_feed_add(town->feed, happening);
    struct dice dice = {happening->wording ^ UINT64_C(0x6475706c)};
    if (!dice_chance(&dice, DUPLICATES))
        return;
    struct town_happening again = *happening;
    int32_t most_s = dice_chance(&dice, 600) ? 60 : 6 * 3600;
    again.deliver_ms += dice_between(&dice, 1, most_s) * (int64_t)1000;
    again.order = town->life.told++;
    town_feed_add(town->feed, &again);
}

static void print_line(json_t *event)
{
    static char line[MAX_LINE_BYTES];
    size_t bytes = town_write(event, line, sizeof line - 1);
    line[bytes++] = '\n';
    fwrite(line, 1, bytes, stdout);
}

static void print_happening(struct town *town, const struct town_happening *happening)
{
    json_t *event = town_render(happening);
    print_line(event);
    town->lines++;
    town->late += happening->deliver_ms - happening->time_ms >= hour_ms;
    if (town->options.bad && dice_chance(&town->bad_dice, BAD)) {
        town_fault(event, &town->bad_dice, stdout);
        town->bad++;
    }
    json_decref(event);
}

/* Prints a day; false once all is printed that was asked for. */
static bool print_day(struct town *town)
{
    int64_t end_ms = town->options.start_ms + town->options.days * day_ms;
    size_t count;
    const struct town_happening *today = town_feed_next_day(town->feed, &count);
    for (size_t i = 0; i < count; i++) {
        if (town->options.events > 0 ? town->lines == town->options.events : today[i].deliver_ms >= end_ms)
            return false;
        print_happening(town, &today[i]);
    }
    return true;
}

static bool done(const struct town *town, int32_t day)
{
    if (town->options.events > 0)
        return town->lines == town->options.events;
    return day * day_ms >= town->options.start_ms + town->options.days * day_ms;
}

int main(int argc, char **argv)
{
    /* 1. Options, a large output buffer, the calendar. */
    town_calendar_open();
    struct town town = {.options = read_options(argc, argv)};
    static char output[OUTPUT_BYTES];
    setvbuf(stdout, output, _IOFBF, sizeof output);
    town_render_open();

    /* 2. An empty town. */
    int32_t day = (int32_t)(town.options.start_ms / day_ms);
    town.dice.state = town.options.seed;
    town.bad_dice.state = ~town.options.seed;
    town.feed = town_feed_open(day);
    town.life = (struct town_life){.tell = take, .listener = &town};

    /* 3. Day by day: new cases, then what the feed brings. */
    for (; !done(&town, day); day++) {
        begin_day(&town, day);
        if (!print_day(&town))
            break;
    }

    /* 4. Tidy up, and say what there was. */
    town_feed_free(town.feed);
    town_render_close();
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("town: stdout");
        return 1;
    }
    fprintf(stderr, "town: lines=%llu late=%llu bad=%llu\n", (unsigned long long)town.lines,
            (unsigned long long)town.late, (unsigned long long)town.bad);
    return 0;
}
