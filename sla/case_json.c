/* Prints a folded case (CONTRACT §4). */
#include "sla/case_json.h"

#include "common/arena.h"

json_t *json_text(struct text text)
{
    return json_stringn_nocheck(text.bytes ? text.at : "", text.bytes);
}

json_t *json_text_or_null(struct text text)
{
    return text.bytes ? json_text(text) : json_null();
}

json_t *json_instant(const struct zone *zone, int64_t at_ms)
{
    char text[INSTANT_TEXT_BYTES];
    size_t bytes = instant_print(text, zone, at_ms);
    return json_stringn_nocheck(text, bytes);
}

json_t *json_day(int32_t day)
{
    char text[DAY_TEXT_BYTES];
    size_t bytes = day_print(text, day);
    return json_stringn_nocheck(text, bytes);
}

json_t *clock_to_json(const struct clock *clock, const struct rules *rules)
{
    bool stopped = clock->outcome == CLOCK_MET || clock->outcome == CLOCK_MISSED;
    json_t *object = json_object();
    json_object_set_new_nocheck(object, "name", json_string_nocheck(clock->rule->name));
    json_object_set_new_nocheck(object, "round", json_integer(clock->round));
    json_object_set_new_nocheck(object, "started", json_instant(rules->zone, clock->started_ms));
    json_object_set_new_nocheck(object, "deadline", json_instant(rules->zone, clock->deadline_ms));
    json_object_set_new_nocheck(object, "last_day", json_day(clock->last_day));
    json_object_set_new_nocheck(object, "stopped", stopped ? json_instant(rules->zone, clock->stopped_ms) : json_null());
    json_object_set_new_nocheck(object, "outcome", json_string_nocheck(clock_outcome_name(clock->outcome)));
    json_object_set_new_nocheck(object, "overdue_ms", json_integer(clock->overdue_ms));
    json_object_set_new_nocheck(object, "provisional", json_boolean(clock->provisional));
    return object;
}

static json_t *clocks_to_json(const struct fold *fold, const struct rules *rules, enum clock_kind kind)
{
    json_t *list = json_array();
    for (size_t i = 0; i < fold->clocks; i++) {
        const struct clock *clock = &fold->clock[i];
        if (clock->rule->kind != kind) continue;
        json_t *object = kind == CLOCK_MEMBER ? json_pack("{s:o}", "unit", json_text(clock->unit)) : json_object();
        json_object_update_new(object, clock_to_json(clock, rules));
        json_array_append_new(list, object);
    }
    return list;
}

json_t *shares_to_json(const struct fold *fold, const struct rules *rules)
{
    json_t *list = json_array();
    for (size_t i = 0; i < fold->shares; i++) {
        const struct share *share = &fold->share[i];
        bool goes_on = share->to_ms == INT64_MAX;
        json_t *object = json_object();
        json_object_set_new_nocheck(object, "unit", json_text_or_null(share->unit));
        json_object_set_new_nocheck(object, "round", json_integer(share->round));
        json_object_set_new_nocheck(object, "from", json_instant(rules->zone, share->from_ms));
        json_object_set_new_nocheck(object, "to", goes_on ? json_null() : json_instant(rules->zone, share->to_ms));
        json_object_set_new_nocheck(object, "held_ms", json_integer((goes_on ? fold->now_ms : share->to_ms) - share->from_ms));
        if (share->clock >= 0) json_object_set_new_nocheck(object, "clock", clock_to_json(&fold->clock[share->clock], rules));
        json_array_append_new(list, object);
    }
    return list;
}

json_t *due_to_json(const struct fold *fold, const struct rules *rules)
{
    const struct clock *clock = fold->main < 0 ? NULL : &fold->clock[fold->main];
    if (!clock || !clock->stated_ms) return json_null();
    return json_pack("{s:o,s:o,s:I}", "theirs", json_instant(rules->zone, clock->theirs_ms), "ours", json_instant(rules->zone, clock->ours_ms),
                     "difference_ms", (json_int_t)(clock->theirs_ms - clock->ours_ms));
}

/* What a policy asks for beside the contract's form. */
static void put_beside(json_t *object, const struct fold *fold, const struct rules *rules)
{
    const struct policy *policy = rules->policy;
    if (policy->has_shares) json_object_set_new_nocheck(object, "shares", shares_to_json(fold, rules));
    if (policy->has_approvals) json_object_set_new_nocheck(object, "approvals", clocks_to_json(fold, rules, CLOCK_APPROVAL));
    if (policy->has_members) json_object_set_new_nocheck(object, "members", clocks_to_json(fold, rules, CLOCK_MEMBER));
    if (policy->due != DUE_OURS) json_object_set_new_nocheck(object, "due", due_to_json(fold, rules));
}

json_t *case_to_json(const struct case_file *file, const struct fold *fold, const struct rules *rules,
                     bool with_duplicates)
{
    bool known = fold->class >= 0;
    json_t *object = json_object();
    json_object_set_new_nocheck(object, "case", json_text(file->id));
    json_object_set_new_nocheck(object, "of", json_string_nocheck(of_name(file->of)));
    json_object_set_new_nocheck(object, "class",
                                known ? json_string_nocheck(rules->policy->class[fold->class].name) : json_null());
    json_object_set_new_nocheck(object, "state", json_string_nocheck(case_state_name(fold->state)));
    json_object_set_new_nocheck(object, "unit", json_text_or_null(fold->unit));
    json_object_set_new_nocheck(object, "received", known ? json_instant(rules->zone, fold->received_ms) : json_null());
    json_object_set_new_nocheck(object, "policy", known ? json_string_nocheck(rules->policy->name) : json_null());
    json_object_set_new_nocheck(object, "clocks", clocks_to_json(fold, rules, CLOCK_OF_CASE));
    put_beside(object, fold, rules);
    json_object_set_new_nocheck(object, "outcome",
                                fold->outcome ? json_string_nocheck(outcome_name(fold->outcome)) : json_null());
    json_object_set_new_nocheck(object, "satisfaction", fold->satisfaction ? json_integer(fold->satisfaction) : json_null());
    if (with_duplicates) json_object_set_new_nocheck(object, "duplicates", json_integer(file->duplicates));
    return object;
}

bool case_print(FILE *out, const struct case_file *file, const struct fold *fold, const struct rules *rules, bool with_duplicates)
{
    bool in_arena = arena_begin();
    json_t *object = case_to_json(file, fold, rules, with_duplicates);
    if (in_arena && arena_used_bytes() > ARENA_MAX_BYTES / 2) { /* a long life: it may have lacked room, and its text will */
        arena_end();
        in_arena = false;
        object = case_to_json(file, fold, rules, with_duplicates);
    }
    bool good = json_print_line(out, object);
    if (!in_arena) json_decref(object);
    arena_end();
    return good;
}

/* By way of a block: json_dumpf writes every token by itself. */
bool json_print_line(FILE *out, const json_t *value)
{
    const size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(15);
    char line[8192];
    size_t bytes = json_dumpb(value, line, sizeof line - 1, flags);
    if (bytes == 0 || bytes > sizeof line - 1) return json_dumpf(value, out, flags) == 0 && fputc('\n', out) != EOF;
    line[bytes++] = '\n';
    return fwrite(line, 1, bytes, out) == bytes;
}

int case_compare(const struct case_file *a, const struct case_file *b)
{
    int order = text_compare(a->id, b->id);
    return order ? order : (int)a->of - (int)b->of;
}
