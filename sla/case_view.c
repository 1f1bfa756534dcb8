/* bihuan-sla case: one case as it stands now, its history, and what was told of it. */
#include <stdio.h>
#include <string.h>

#include "sla/case_json.h"
#include "sla/case_links.h"
#include "sla/demand.h"
#include "sla/look.h"
#include "sla/stub.h"
#include "sla/verbs.h"

static const char *as_of_option;
const struct options_extra case_extras[] = {{"as-of", &as_of_option, NULL}, {NULL, NULL, NULL}};

/* --- as JSON --- */

/* An event, and what it did; type null for what came by itself. */
static json_t *trace_to_json(const struct trace *trace, const struct rules *rules)
{
    const struct event *event = trace->event;
    json_t *object = json_object();
    json_object_set_new(object, "time", json_instant(rules->zone, trace->at_ms));
    json_object_set_new(object, "type", event ? json_string(event_type_name((enum event_type)event->type)) : json_null());
    json_object_set_new(object, "unit", json_text_or_null(event ? event->unit : (struct text){0}));
    json_object_set_new(object, "link", json_boolean(event && event->flags & EVENT_LINK));
    json_object_set_new(object, "effect", json_string(effect_name((enum effect)trace->effect)));
    return object;
}

static json_t *told_to_json(const struct told *told, const struct fold *fold, const struct rules *rules)
{
    char step[STEP_TEXT_BYTES];
    json_t *object = json_object();
    json_object_set_new(object, "kind", json_string(told_kind_name((enum told_kind)told->kind)));
    json_object_set_new(object, "status", json_string(told_status_name((enum told_status)told->status)));
    json_object_set_new(object, "clock", told->kind == TOLD_MILESTONE ? json_null() : json_string(vocabulary_clock(rules->words, told->clock)));
    json_object_set_new(object, "round", json_integer(told_round(told, fold)));
    told_step_print(step, told, rules->words);
    json_object_set_new(object, "step", told->kind == TOLD_NOTICE ? json_string(step) : json_null());
    json_object_set_new(object, "deadline", told->deadline_ms ? json_instant(rules->zone, told->deadline_ms) : json_null());
    json_object_set_new(object, "attempts", json_integer(told->attempts));
    return object;
}

static json_t *view_to_json(const struct case_file *file, const struct fold *fold, const struct rules *rules)
{
    json_t *object = case_to_json(file, fold, rules, true), *history = json_array(), *told = json_array();
    for (size_t i = 0; i < fold->traces; i++) json_array_append_new(history, trace_to_json(&fold->trace[i], rules));
    for (size_t i = 0; i < file->tolds && fold->class >= 0; i++)
        if (file->told[i].kind != TOLD_RECIPIENT) json_array_append_new(told, told_to_json(&file->told[i], fold, rules));
    json_object_set_new(object, "title", json_text_or_null(fold->title));
    json_object_set_new(object, "revision", json_integer((json_int_t)file->revision));
    json_object_set_new(object, "shrunk", file->stub ? json_instant(rules->zone, file->stub->at_ms) : json_null());
    json_object_set_new(object, "due", due_to_json(fold, rules));
    json_object_set_new(object, "shares", shares_to_json(fold, rules));
    json_object_set_new(object, "history", history);
    json_object_set_new(object, "told", told);
    return object;
}

/* --- for people --- */

static const char *member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "-";
}

static void print_clocks(const json_t *clocks)
{
    size_t i;
    const json_t *clock;
    json_array_foreach(clocks, i, clock)
        printf("clock     %s, round %lld: from %s, deadline %s, %s%s%s\n", member(clock, "name"), json_integer_value(json_object_get(clock, "round")),
               member(clock, "started"), member(clock, "deadline"), member(clock, "outcome"),
               json_is_string(json_object_get(clock, "stopped")) ? " at " : "",
               json_is_string(json_object_get(clock, "stopped")) ? member(clock, "stopped") : "");
}

static void print_shares(const json_t *shares)
{
    size_t i;
    const json_t *share;
    json_array_foreach(shares, i, share)
        printf("held      by %s: from %s, to %s, %.1f hours\n", json_is_null(json_object_get(share, "unit")) ? "the dispatcher" : member(share, "unit"),
               member(share, "from"), member(share, "to"), (double)json_integer_value(json_object_get(share, "held_ms")) / 3600000);
}

static void print_due(const json_t *due)
{
    if (json_is_object(due))
        printf("due       the platform says %s, our count says %s\n", member(due, "theirs"), member(due, "ours"));
}

static void print_for_people(const json_t *view)
{
    size_t i;
    const json_t *entry;
    printf("case      %s (%s, %s)\n", member(view, "case"), member(view, "of"), member(view, "class"));
    if (json_is_string(json_object_get(view, "title"))) printf("title     %s\n", member(view, "title"));
    printf("state     %s, held by %s\nreceived  %s under %s\n", member(view, "state"), member(view, "unit"), member(view, "received"),
           member(view, "policy"));
    print_clocks(json_object_get(view, "clocks"));
    print_clocks(json_object_get(view, "approvals"));
    print_clocks(json_object_get(view, "members"));
    print_shares(json_object_get(view, "shares"));
    print_due(json_object_get(view, "due"));
    if (json_is_string(json_object_get(view, "shrunk")))
        printf("retired   its history was shrunk as of %s; here is what came after\n", member(view, "shrunk"));
    case_links_print(json_object_get(view, "repeats"));
    printf("history\n");
    json_array_foreach(json_object_get(view, "history"), i, entry)
        printf("  %-29s %-28s %-20s %s\n", member(entry, "time"), member(entry, "type"), member(entry, "unit"),
               strcmp(member(entry, "effect"), "done") == 0 ? "" : member(entry, "effect"));
    if (json_array_size(json_object_get(view, "told"))) printf("told\n");
    json_array_foreach(json_object_get(view, "told"), i, entry)
        printf("  %-9s %-16s %-10s deadline %s\n", member(entry, "kind"), member(entry, "step"), member(entry, "status"), member(entry, "deadline"));
}

/* True when there is such a case and it was printed. */
static bool view(struct look *look, struct case_file *file, int64_t as_of_ms)
{
    struct fold fold = {.tracing = true};
    if (as_of_option && look_refuses(look, file, as_of_ms)) return false;
    const struct rules *rules = rulebook_bind(look->store.book, file);
    fold_case(&fold, rules, file, as_of_ms);
    bool there = fold.used > 0;
    if (there) {
        json_t *object = view_to_json(file, &fold, rules);
        json_object_set_new(object, "repeats", case_links(look, file, &fold));
        if (look->options->json) json_print_line(stdout, object);
        else print_for_people(object);
        json_decref(object);
    }
    fold_free(&fold);
    return there;
}

int sla_case(const struct options *options)
{
    struct look look;
    int64_t as_of_ms;
    int code = look_open(&look, options);
    if (code != EXIT_OK) return code;
    if (!look_instant(&look, "as-of", as_of_option, &as_of_ms)) code = EXIT_USAGE;
    else code = look_each(&look, options->operands[0], view, as_of_ms);
    look_close(&look);
    return code;
}
