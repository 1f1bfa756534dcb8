/* bihuan-sla case: one case as it stands now, its history, and what was told of it. */
#include <stdio.h>
#include <string.h>

#include "sla/case_json.h"
#include "sla/demand.h"
#include "sla/look.h"
#include "sla/verbs.h"

/* --- as JSON --- */

static json_t *event_to_json(const struct event *event, const struct rules *rules)
{
    json_t *object = json_object();
    json_object_set_new(object, "time", json_instant(rules->zone, event->at_ms));
    json_object_set_new(object, "type", json_string(event_type_name((enum event_type)event->type)));
    json_object_set_new(object, "unit", json_text_or_null(event->unit));
    json_object_set_new(object, "link", json_boolean(event->flags & EVENT_LINK));
    return object;
}

static json_t *told_to_json(const struct told *told, const struct rules *rules)
{
    char step[STEP_TEXT_BYTES];
    json_t *object = json_object();
    json_object_set_new(object, "kind", json_string(told_kind_name((enum told_kind)told->kind)));
    json_object_set_new(object, "status", json_string(told_status_name((enum told_status)told->status)));
    json_object_set_new(object, "clock", told->kind == TOLD_MILESTONE ? json_null() : json_string(policy_clock_name(rules->policy, told->clock)));
    json_object_set_new(object, "round", json_integer(told->round));
    told_step_print(step, told, rules->policy);
    json_object_set_new(object, "step", told->kind == TOLD_NOTICE ? json_string(step) : json_null());
    json_object_set_new(object, "deadline", told->deadline_ms ? json_instant(rules->zone, told->deadline_ms) : json_null());
    json_object_set_new(object, "attempts", json_integer(told->attempts));
    return object;
}

static json_t *view_to_json(const struct case_file *file, const struct fold *fold, const struct rules *rules)
{
    json_t *object = case_to_json(file, fold, rules, true), *history = json_array(), *told = json_array();
    for (size_t i = 0; i < file->events; i++) json_array_append_new(history, event_to_json(&file->event[i], rules));
    for (size_t i = 0; i < file->tolds && fold->class >= 0; i++)
        if (file->told[i].kind != TOLD_ACCEPTED) json_array_append_new(told, told_to_json(&file->told[i], rules));
    json_object_set_new(object, "title", json_text_or_null(fold->title));
    json_object_set_new(object, "revision", json_integer((json_int_t)file->revision));
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

static void print_for_people(const json_t *view)
{
    size_t i;
    const json_t *entry;
    printf("case      %s (%s, %s)\n", member(view, "case"), member(view, "of"), member(view, "class"));
    if (json_is_string(json_object_get(view, "title"))) printf("title     %s\n", member(view, "title"));
    printf("state     %s, held by %s\nreceived  %s under %s\n", member(view, "state"), member(view, "unit"), member(view, "received"),
           member(view, "policy"));
    print_clocks(json_object_get(view, "clocks"));
    printf("history\n");
    json_array_foreach(json_object_get(view, "history"), i, entry)
        printf("  %-29s %-28s %s%s\n", member(entry, "time"), member(entry, "type"), member(entry, "unit"),
               json_is_true(json_object_get(entry, "link")) ? " (link)" : "");
    if (json_array_size(json_object_get(view, "told"))) printf("told\n");
    json_array_foreach(json_object_get(view, "told"), i, entry)
        printf("  %-9s %-16s %-10s deadline %s\n", member(entry, "kind"), member(entry, "step"), member(entry, "status"), member(entry, "deadline"));
}

/* True when there is such a case and it was printed. */
static bool view(struct look *look, enum of of, struct text id, enum store_result *result)
{
    struct case_file file = {.of = of, .id = id};
    struct pool pool = {0};
    struct fold fold = {0};
    const char *fault = NULL;
    redisReply *reply = store_case(&look->store, of, id);
    bool there = reply && reply->type == REDIS_REPLY_STRING;
    *result = reply ? STORE_DONE : STORE_LOST;
    if (there && (fault = case_decode(reply->str, (size_t)reply->len, &file, &pool))) {
        snprintf(look->store.fault, sizeof look->store.fault, "%s", fault);
        *result = STORE_REFUSED;
    }
    if (there && !fault) {
        fold_case(&fold, &look->set.rules, of, file.event, file.events, clock_business_ms(&look->store.clock));
        json_t *object = view_to_json(&file, &fold, &look->set.rules);
        if (look->options->json) json_print_line(stdout, object);
        else print_for_people(object);
        json_decref(object);
    }
    if (reply) freeReplyObject(reply);
    case_clear(&file);
    fold_free(&fold);
    pool_free(&pool);
    return there;
}

int sla_case(const struct options *options)
{
    struct look look;
    struct text id = {options->operands[0], strlen(options->operands[0])};
    enum store_result result = STORE_DONE;
    bool found = false;
    int code = look_open(&look, options);
    if (code != EXIT_OK) return code;
    for (int of = OF_TICKET; of <= OF_RATING && result == STORE_DONE; of++) found |= view(&look, (enum of)of, id, &result);
    if (result != STORE_DONE) {
        code = look_failed(&look);
    } else if (!found) {
        fprintf(stderr, "bihuan-sla case: no case \"%s\"\n", options->operands[0]);
        code = EXIT_FAILED;
    }
    look_close(&look);
    return code;
}
