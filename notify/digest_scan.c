/* The scan. Routes are looked up once for each unit and roles, not for each case.
 *
 * The traps: Redis may show a case twice while its hash grows; what was gathered counts only while it is still owed; and what falls due at the
 * digest's own instant is owed in the outbox a while later ([sla] grace), so here it is asked for without that. */
#include "notify/digest_scan.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "common/alloc.h"
#include "common/log.h"
#include "notify/part.h"
#include "sla/case_codec.h"
#include "sla/silence.h"

/* Those of the digests to whom some roles of some unit lead. */
struct digest_route {
    struct text question;
    size_t count;
    uint32_t *at; /* places among the digests */
    UT_hash_handle hh;
};

void digest_scan_begin(struct digest_scan *scan, struct store *store, const struct routing *routing, struct digest_filling **filling, size_t count, int64_t now_ms)
{
    *scan = (struct digest_scan){.store = store, .routing = routing, .filling = filling, .count = count, .now_ms = now_ms};
}

static void forget_routes(struct digest_scan *scan)
{
    HASH_CLEAR(hh, scan->routes);
    pool_clear(&scan->route_pool);
}

void digest_scan_end(struct digest_scan *scan)
{
    forget_routes(scan);
    pool_free(&scan->route_pool);
    pool_free(&scan->pool);
    case_clear(&scan->file);
    fold_free(&scan->fold);
    free(scan->names);
    *scan = (struct digest_scan){0};
}

/* --- routes --- */

static size_t place_of(const struct digest_scan *scan, uint64_t recipient)
{
    size_t from = 0, to = scan->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (scan->filling[middle]->recipient < recipient) from = middle + 1;
        else to = middle;
    }
    return from < scan->count && scan->filling[from]->recipient == recipient ? from : SIZE_MAX;
}

/* What decides a route besides the day: unit, holder, those who handle it jointly, roles. In the case's pool. */
static struct text question_text(struct digest_scan *scan, struct text unit, const struct fold *fold, unsigned roles)
{
    const struct text part[] = {unit, fold->unit, fold->co_units};
    size_t bytes = sizeof roles;
    for (int i = 0; i < 3; i++) bytes += part[i].bytes + 1;
    char *text = pool_take(&scan->pool, bytes), *place = text;
    memcpy(place, &roles, sizeof roles);
    place += sizeof roles;
    for (int i = 0; i < 3; i++) {
        if (part[i].bytes) memcpy(place, part[i].at, part[i].bytes);
        place += part[i].bytes;
        *place++ = 1; /* in no name */
    }
    return (struct text){text, bytes};
}

static void look_up(struct digest_scan *scan, struct digest_route *found, struct text unit, const struct fold *fold, const struct rules *rules, unsigned roles)
{
    struct route route;
    struct text members[DIGEST_MEMBERS_MAX], list = fold->co_units, one;
    struct route_question question = {.unit = unit, .holder = fold->unit, .member = members, .roles = roles, .day = zone_day(rules->zone, scan->now_ms)};
    while (question.members < DIGEST_MEMBERS_MAX && text_next(&list, &one)) members[question.members++] = one;
    struct routing routing = *scan->routing;
    routing.calendar = rules->calendar;
    route_find(&route, &routing, &question);
    found->at = pool_take(&scan->route_pool, (route.count + 1) * sizeof *found->at);
    for (size_t i = 0; i < route.count; i++) {
        size_t place = place_of(scan, route.at[i].key);
        if (place != SIZE_MAX) found->at[found->count++] = (uint32_t)place;
    }
}

static const struct digest_route *route_of(struct digest_scan *scan, struct text unit, const struct fold *fold, const struct rules *rules, unsigned roles)
{
    struct digest_route *route;
    struct text question = question_text(scan, unit, fold, roles);
    HASH_FIND(hh, scan->routes, question.at, question.bytes, route);
    if (route) return route;
    if (HASH_COUNT(scan->routes) == DIGEST_ROUTES_MAX) forget_routes(scan);
    route = pool_take(&scan->route_pool, sizeof *route);
    *route = (struct digest_route){.question = {pool_copy(&scan->route_pool, question.at, question.bytes), question.bytes}};
    look_up(scan, route, unit, fold, rules, roles);
    HASH_ADD_KEYPTR(hh, scan->routes, route->question.at, route->question.bytes, route);
    return route;
}

/* --- lines --- */

/* One case on its way into the digests. */
struct look {
    struct digest_scan *scan;
    const struct rules *rules;
    const struct fold *fold;
    bool fresh; /* it has no line yet: its name is not noted */
    bool twice; /* it was seen before */
};

/* Notes the name in a table of hashes. True: it is there already. */
static bool insert(uint64_t *names, size_t room, uint64_t hash)
{
    size_t at = hash & (room - 1);
    while (names[at] && names[at] != hash) at = (at + 1) & (room - 1);
    bool there = names[at] == hash;
    names[at] = hash;
    return there;
}

static bool is_noted(struct digest_scan *scan)
{
    uint64_t hash = XXH3_64bits_withSeed(scan->file.id.at, scan->file.id.bytes, (XXH64_hash_t)scan->file.of) | 1; /* 0 is no name */
    if (2 * scan->names_count >= scan->names_room) {
        size_t room = scan->names_room ? 2 * scan->names_room : 1024;
        uint64_t *larger = xcalloc(room, sizeof *larger);
        for (size_t i = 0; i < scan->names_room; i++)
            if (scan->names[i]) insert(larger, room, scan->names[i]);
        free(scan->names);
        scan->names = larger;
        scan->names_room = room;
    }
    bool there = insert(scan->names, scan->names_room, hash);
    scan->names_count += !there;
    return there;
}

static void put_line(struct look *look, struct digest_filling *filling, enum digest_section section, const struct digest_line *line)
{
    if (look->fresh) look->twice = is_noted(look->scan);
    look->fresh = false;
    if (look->twice) return;
    digest_add(&filling->digest, section, line);
    filling->seen = look->scan->cases;
    look->scan->lines++;
}

static struct digest_line line_of(const struct look *look, const struct clock *clock, struct text unit)
{
    const struct digest_scan *scan = look->scan;
    struct digest_line line = {.case_id = scan->file.id, .of = scan->file.of, .unit = unit, .title = look->fold->title,
                               .class = look->rules->policy->class[look->fold->class].name, .urgency = look->fold->facts.urgency};
    if (!clock) return line;
    line.clock = clock->rule->name;
    line.deadline_ms = clock->deadline_ms;
    line.last_day = clock->last_day;
    line.time_left_ms = clock->deadline_ms - scan->now_ms;
    if (clock->outcome == CLOCK_RUNNING || clock->outcome == CLOCK_OVERDUE)
        line.left = left_at(clock->rule, look->rules, clock->deadline_ms, clock->last_day, scan->now_ms);
    return line;
}

/* Whom the next step is owed by. */
static struct text debtor(const struct clock *clock, const struct fold *fold)
{
    return clock->unit.bytes ? clock->unit : fold->unit;
}

/* Of what is silenced nobody is told, here as well. */
static bool is_silenced(const struct look *look, struct text unit)
{
    const struct silence_case what = {.unit = unit, .item = look->fold->item};
    return silence_at(look->scan->store->book, &what, look->scan->now_ms) != NULL;
}

static void see_clock(struct look *look, const struct clock *clock)
{
    enum digest_section section = digest_section_of(clock, look->rules, look->scan->now_ms);
    unsigned roles = section == DIGEST_SECTIONS ? 0 : digest_roles(clock, look->rules, look->scan->now_ms);
    if (roles == 0 || is_silenced(look, debtor(clock, look->fold))) return;
    struct digest_line line = line_of(look, clock, debtor(clock, look->fold));
    const struct digest_route *route = route_of(look->scan, line.unit, look->fold, look->rules, roles);
    for (size_t i = 0; i < route->count; i++) put_line(look, look->scan->filling[route->at[i]], section, &line);
}

/* --- notices --- */

/* What the digest tells of is noted: whoever is to send it otherwise learns so that it was told. */
static void note(struct digest_scan *scan, struct digest_filling *filling, uint64_t id)
{
    struct brought *brought = &filling->brought;
    if (brought->count == BROUGHT_MAX || scan->noted == DIGEST_NOTED_MAX) return;
    if (brought->count == filling->brought_room) {
        filling->brought_room = filling->brought_room ? 2 * filling->brought_room : 16;
        brought->id = xrealloc(brought->id, filling->brought_room * sizeof *brought->id);
    }
    brought->id[brought->count++] = id;
    scan->noted++;
}

/* Does it wait for the digest, or would it be left to it once it is looked at? That may be a while after it fell due. */
static bool goes_with(const struct look *look, const struct demand *demand, const struct digest_filling *filling, uint64_t id)
{
    const struct digest_scan *scan = look->scan;
    const struct told *told = case_told(&scan->file, TOLD_RECIPIENT, id);
    if (told) return told->status == TOLD_GATHERED;
    if (!scan->sending || (demand->told.at_ms < scan->from_ms && !case_told(&scan->file, TOLD_NOTICE, demand->told.id))) return false;
    const struct sending_case notice = {.channel = filling->channel, .roles = filling->roles, .class = look->rules->policy->class[look->fold->class].name,
                                        .urgency = look->fold->facts.urgency, .step = demand->step, .kind = demand->kind};
    return sending_gathers(scan->sending, &notice);
}

/* A notice that is owed still: those whose digest brings it. */
static void see_demand(struct look *look, const struct demand *demand)
{
    struct digest_scan *scan = look->scan;
    const struct digest_route *route = route_of(scan, demand->unit, look->fold, look->rules, demand->step ? demand->step->roles : (1u << ROLES) - 1);
    for (size_t n = 0; n < route->count; n++) {
        struct digest_filling *filling = scan->filling[route->at[n]];
        uint64_t id = part_id(demand->told.id, filling->recipient);
        if (!goes_with(look, demand, filling, id)) continue;
        bool before = filling->before && brought_holds(filling->before, id);
        struct digest_line line = line_of(look, demand->clock, demand->unit);
        if (!before && filling->seen != scan->cases) put_line(look, filling, DIGEST_OTHER, &line);
        if (look->twice) continue;
        filling->gathered += !before;
        note(scan, filling, id);
    }
}

static void see_demands(struct look *look)
{
    struct digest_scan *scan = look->scan;
    demands_owed(&scan->demands, &scan->file, look->fold, look->rules, scan->now_ms);
    for (size_t i = 0; i < scan->demands.count; i++)
        if (demand_is_notice(scan->demands.at[i].kind) && !is_silenced(look, scan->demands.at[i].unit)) see_demand(look, &scan->demands.at[i]);
}

/* --- cases --- */

static void see_case(void *context, struct text field, struct text blob)
{
    struct digest_scan *scan = context;
    struct case_file *file = &scan->file;
    if (!store_field_parse(field, &file->of, &file->id) || !of_case(file->of)) return;
    pool_clear(&scan->pool);
    scan->cases++;
    const char *fault = case_decode(blob.at, blob.bytes, file, &scan->pool);
    if (fault) {
        if (scan->unreadable++ == 0) log_error("digest.unreadable", "case=%s reason=%s", log_quote(field.at), log_quote(fault));
        return;
    }
    struct look look = {.scan = scan, .rules = rulebook_bind(scan->store->book, file), .fold = &scan->fold, .fresh = true};
    fold_case(&scan->fold, look.rules, file, scan->now_ms);
    if (scan->fold.class < 0) return;
    for (size_t i = scan->fold.old_clocks; i < scan->fold.clocks; i++) see_clock(&look, &scan->fold.clock[i]);
    see_demands(&look);
}

enum store_result digest_scan_go_on(struct digest_scan *scan, int64_t until_ms, bool *done)
{
    while (scan->shard < scan->store->shards && clock_monotonic_ms() < until_ms) {
        enum store_result result = store_scan_step(scan->store, scan->shard, &scan->cursor, see_case, scan);
        if (result != STORE_DONE) return result;
        if (!scan->cursor.done) continue;
        scan->shard++;
        scan->cursor = (struct store_cursor){.text = ""};
        if (scan->names_room) memset(scan->names, 0, scan->names_room * sizeof *scan->names);
        scan->names_count = 0;
    }
    *done = scan->shard >= scan->store->shards;
    return STORE_DONE;
}
