/* Putting together what each notifier says of itself. */
#include "notify/present.h"

#include <string.h>

#include "sla/case_json.h"

/* Of several notifiers an endpoint stands as it does with the one that has the least of it. */
static int gravity(const json_t *endpoint)
{
    static const char *const states[] = {"open", "waits", "held", "gone"};
    const char *state = json_string_value(json_object_get(endpoint, "state"));
    for (int i = 0; i < 4; i++)
        if (state && !strcmp(state, states[i])) return i;
    return 0;
}

static json_int_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static void copy(json_t *to, const json_t *from, const char *name)
{
    json_object_set(to, name, json_object_get(from, name));
}

static void merge(json_t *sum, const json_t *other)
{
    static const char *const added[] = {"line", "in_flight", "delivered", "failed"};
    for (size_t i = 0; i < sizeof added / sizeof *added; i++) json_object_set_new(sum, added[i], json_integer(number(sum, added[i]) + number(other, added[i])));
    if (gravity(other) > gravity(sum)) {
        copy(sum, other, "state");
        copy(sum, other, "since_ms");
    }
    if (number(other, "answered_ms") > number(sum, "answered_ms")) {
        copy(sum, other, "answer");
        copy(sum, other, "answered_ms");
    }
}

static json_t *named(json_t *list, const json_t *endpoint)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
        if (json_equal(json_object_get(one, "endpoint"), json_object_get(endpoint, "endpoint"))) return one;
    return NULL;
}

/* --- looking --- */

static void add_notifier(void *context, struct text name, struct text text)
{
    json_t *present = context, *notifiers = json_object_get(present, "notifiers"), *all = json_object_get(present, "endpoints"), *endpoint;
    json_t *said = json_loadb(text.at, text.bytes, 0, NULL);
    size_t i;
    (void)name;
    json_array_foreach(json_object_get(said, "endpoints"), i, endpoint) {
        json_t *sum = named(all, endpoint);
        if (sum) merge(sum, endpoint);
        else json_array_append(all, endpoint);
    }
    json_object_del(said, "endpoints");
    if (json_is_object(said)) json_array_append(notifiers, said);
    json_decref(said);
}

/* Times as people write them. */
static void put_instant(json_t *object, const char *name, const char *ms_name, const struct zone *zone)
{
    const json_t *ms = json_object_get(object, ms_name);
    json_object_set_new(object, name, json_is_integer(ms) ? json_instant(zone, json_integer_value(ms)) : json_null());
    json_object_del(object, ms_name);
}

static json_t *silences(const struct rulebook *book, const struct zone *zone, int64_t now_ms)
{
    json_t *list = json_array();
    for (size_t i = 0; i < book->silences.count; i++) {
        const struct silence *silence = &book->silences.at[i];
        const struct control *record = silence->record;
        if (!silence_in_force(silence, now_ms)) continue;
        json_array_append_new(list, json_pack("{s:s, s:s?, s:s?, s:s, s:s, s:o, s:o}", "silence", record->id, "unit", *record->unit ? record->unit : NULL, "item",
                                              *record->item ? record->item : NULL, "reason", record->reason, "by", record->by, "from",
                                              json_instant(zone, silence->from_ms), "until", json_instant(zone, silence->until_ms)));
    }
    return list;
}

json_t *present_look(struct look *look)
{
    struct store *store = &look->store;
    const struct zone *zone = look->set.rules.zone;
    struct store_backlog backlog;
    if (store_backlog(store, &backlog) != STORE_DONE) return NULL;
    int64_t now_ms = clock_business_ms(&store->clock), from_ms = look->config.notify.from_ms;
    json_t *present = json_pack("{s:s, s:o, s:o, s:{s:I, s:I, s:I, s:I}, s:[], s:[], s:o}", "mode", look->config.notify.mode == NOTIFY_SHADOW ? "shadow" : "live", "from",
                                from_ms == 0 ? json_null() : json_instant(zone, from_ms), "at", json_instant(zone, now_ms), "backlog", "cases",
                                (json_int_t)backlog.cases, "due", (json_int_t)backlog.due, "put_off", (json_int_t)(backlog.cases - backlog.due), "oldest_ms",
                                (json_int_t)backlog.oldest_ms, "notifiers", "endpoints", "silences", silences(store->book, zone, now_ms));
    bool good = store_presences(store, add_notifier, present) == STORE_DONE;
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(present, "endpoints"), i, one) {
        put_instant(one, "since", "since_ms", zone);
        put_instant(one, "answered", "answered_ms", zone);
    }
    json_array_foreach(json_object_get(present, "notifiers"), i, one) put_instant(one, "at", "at_ms", zone);
    if (good) return present;
    json_decref(present);
    return NULL;
}

/* --- printing --- */

static const char *said(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "-";
}

static void print_silence(FILE *out, const json_t *silence)
{
    bool unit = json_is_string(json_object_get(silence, "unit")), item = json_is_string(json_object_get(silence, "item"));
    fprintf(out, "silence  %s%s until %s: %s (%s)\n", unit ? "unit " : item ? "item " : "all", unit ? said(silence, "unit") : item ? said(silence, "item") : "",
            said(silence, "until"), said(silence, "reason"), said(silence, "silence"));
}

static void print_endpoint(FILE *out, const json_t *endpoint)
{
    fprintf(out, "%-20s %-9s %-6s %6lld %9lld %10lld %7lld  %s", said(endpoint, "endpoint"), said(endpoint, "channel"), said(endpoint, "state"),
            (long long)number(endpoint, "line"), (long long)number(endpoint, "in_flight"), (long long)number(endpoint, "delivered"),
            (long long)number(endpoint, "failed"), said(endpoint, "answer"));
    if (json_is_string(json_object_get(endpoint, "answered"))) fprintf(out, " at %s", said(endpoint, "answered"));
    if (json_is_string(json_object_get(endpoint, "since"))) fprintf(out, ", %s since %s", said(endpoint, "state"), said(endpoint, "since"));
    fprintf(out, "\n");
}

static void print_backlog(FILE *out, const json_t *present)
{
    const json_t *backlog = json_object_get(present, "backlog");
    fprintf(out, "%lld cases wait: %lld due, the oldest for %.1f s, %lld put off", (long long)number(backlog, "cases"), (long long)number(backlog, "due"),
            (double)number(backlog, "oldest_ms") / 1000, (long long)number(backlog, "put_off"));
}

void present_print(FILE *out, const json_t *present)
{
    size_t i, running = json_array_size(json_object_get(present, "notifiers"));
    const json_t *one;
    fprintf(out, "mode %s, from %s, %zu notifiers run\n", said(present, "mode"), said(present, "from"), running);
    print_backlog(out, present);
    fprintf(out, "\n");
    json_array_foreach(json_object_get(present, "silences"), i, one) print_silence(out, one);
    if (running) fprintf(out, "%-20s %-9s %-6s %6s %9s %10s %7s  %s\n", "endpoint", "channel", "state", "line", "in_flight", "delivered", "failed", "last answer (figures: 5 min)");
    json_array_foreach(json_object_get(present, "endpoints"), i, one) print_endpoint(out, one);
}

void present_print_line(FILE *out, const json_t *present)
{
    size_t i;
    const json_t *one;
    fprintf(out, "%s  %zu notifiers  ", said(present, "at"), json_array_size(json_object_get(present, "notifiers")));
    print_backlog(out, present);
    json_array_foreach(json_object_get(present, "endpoints"), i, one)
        fprintf(out, "  %s %s line=%lld delivered=%lld failed=%lld", said(one, "endpoint"), said(one, "state"), (long long)number(one, "line"),
                (long long)number(one, "delivered"), (long long)number(one, "failed"));
    fprintf(out, "  silences=%zu\n", json_array_size(json_object_get(present, "silences")));
}
