/* First figures of the core: bench_core EVENTS.jsonl, from the top of the tree. Single-threaded; each figure is the
 * best of three. Prints lines `name  figure unit`. */
#include "common/alloc.h"
#include "common/arena.h"
#include "sla/case.h"
#include "sla/event_decode.h"
#include "sla/fold.h"
#include "sla/lines.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <uthash.h>

enum { ROUNDS = 3, EXPLAINS = 1000000 };

struct entry {
    struct case_file file;
    UT_hash_handle hh;
};

static struct rules rules;
static struct zone zone;
static char *text; /* the file */
static size_t text_bytes, line_count;
static struct {
    struct line_event *at;
    size_t count, room;
} events;
static struct entry **home; /* the case of each event */
static struct entry *cases;

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void measure(const char *name, void (*work)(void), size_t count)
{
    double best = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        double start = seconds();
        work();
        double took = seconds() - start;
        if (took < best) best = took;
    }
    printf("%-22s %12.0f /s\n", name, (double)count / best);
    fflush(stdout);
}

static void for_each_line(void (*work)(const char *line, size_t bytes))
{
    for (char *at = text, *end = text + text_bytes; at < end;) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop) stop = end;
        work(at, (size_t)(stop - at));
        at = stop + 1;
    }
}

static void count_line(const char *line, size_t bytes)
{
    (void)line;
    line_count += bytes > 0;
}

static void parse_line(const char *line, size_t bytes)
{
    json_error_t error;
    json_decref(json_loadb(line, bytes, JSON_REJECT_DUPLICATES, &error));
}

static void jansson_alone(void)
{
    for_each_line(parse_line);
}

static struct decoder *decoder;

static void decode_line(const char *line, size_t bytes)
{
    struct decoded decoded;
    decode_structured(decoder, line, bytes, &decoded);
}

static void decode(void)
{
    for_each_line(decode_line);
}

static void empty_cases(void)
{
    for (struct entry *entry = cases; entry; entry = entry->hh.next) case_empty(&entry->file);
}

/* Events into their cases, then every case folded. */
static void add_and_fold(void)
{
    static struct fold fold;
    empty_cases();
    for (size_t i = 0; i < events.count; i++) case_add(&home[i]->file, &events.at[i].event, NULL);
    for (struct entry *entry = cases; entry; entry = entry->hh.next)
        fold_case(&fold, &rules, &entry->file, EVENT_END_MS);
}

static void fold_alone(void)
{
    static struct fold fold;
    for (struct entry *entry = cases; entry; entry = entry->hh.next)
        fold_case(&fold, &rules, &entry->file, EVENT_END_MS);
}

static void explain(void)
{
    const struct policy_clock *rule = &rules.policy->class[policy_class_named(rules.policy, "general")].clock[0];
    struct clock clock;
    for (int64_t i = 0; i < EXPLAINS; i++) clock_start(&clock, rule, &rules, 1, INT64_C(1262275200000) + i * 500000);
}

static void taken(void *context, const struct line_event *event)
{
    (void)context;
    if (events.count == events.room) {
        events.room = events.room ? events.room * 2 : 4096;
        events.at = xrealloc(events.at, events.room * sizeof *events.at);
    }
    events.at[events.count++] = *event;
}

static struct entry *entry_of(const struct line_event *event)
{
    struct entry *entry;
    char *key = (char *)(uintptr_t)event->id.at - 1;
    *key = (char)event->of;
    HASH_FIND(hh, cases, key, event->id.bytes + 1, entry);
    if (entry) return entry;
    entry = xcalloc(1, sizeof *entry);
    entry->file = (struct case_file){.of = event->of, .id = event->id};
    HASH_ADD_KEYPTR(hh, cases, key, event->id.bytes + 1, entry);
    return entry;
}

static bool read_text(const char *path)
{
    FILE *in = fopen(path, "rb");
    if (!in) return false;
    fseek(in, 0, SEEK_END);
    text_bytes = (size_t)ftell(in);
    rewind(in);
    text = xmalloc(text_bytes + 1);
    bool good = fread(text, 1, text_bytes, in) == text_bytes;
    fclose(in);
    return good;
}

int main(int argc, char **argv)
{
    char error[512] = "usage: bench_core EVENTS.jsonl";
    struct lines lines = {0};
    if (argc != 2 || !read_text(argv[1])) return fprintf(stderr, "%s\n", error), 2;
    rules.policy = policy_load("conf/policy/meilong-2024.json", error, sizeof error);
    if (rules.policy) rules.calendar = calendar_load("conf/calendar/cn.json", error, sizeof error);
    if (!rules.policy || !rules.calendar || !zone_load(&zone, "Asia/Shanghai")) return fprintf(stderr, "%s\n", error), 1;
    rules.zone = &zone;
    for_each_line(count_line);
    measure("jansson alone", jansson_alone, line_count);
    arena_install();
    decoder = decoder_new();
    measure("decode", decode, line_count);
    if (!lines_read(&lines, argv[1], taken, NULL)) return 1;
    home = xmalloc((events.count + 1) * sizeof *home);
    for (size_t i = 0; i < events.count; i++) home[i] = entry_of(&events.at[i]);
    measure("add and fold", add_and_fold, events.count);
    measure("fold alone", fold_alone, events.count);
    measure("explain", explain, EXPLAINS);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%-22s %12ld KiB\n", "most memory", usage.ru_maxrss);
    return 0;
}
