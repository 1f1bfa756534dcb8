/* Plans. The trap: a recipient can wait for several things at once (the hour, the endpoint, its own retry), and each answer may be
 * another place's. So a part is worked out from the beginning each time, place by place. */
#include "notify/plan.h"

#include <string.h>

#include "common/log.h"
#include "notify/judge.h"
#include "sla/told.h"

enum {
    DIGEST_WAIT_MS = 15000,     /* real time given to a digest to be written and sent before its notices ask for it, and between two times that they ask */
    DIGEST_GIVE_UP_MS = 600000, /* real time after which nobody will write it any more */
    MINUTE_MS = 60000,
};

struct planning {
    struct notifier *notifier;
    struct errand *errand;
    const struct envelope *envelope;
    const struct demand *demand;
    struct sending_case sending;
    enum urgency_rank rank;
    int64_t real_ms;
};

/* --- whom it addresses --- */

/* What corrects something goes to whom that was told. */
static unsigned roles_of(const struct planning *p)
{
    if (p->errand->appeals) return 1U << ROLE_HANDLER | 1U << ROLE_DISPATCHER;
    if (p->demand->step) return p->demand->step->roles;
    unsigned roles = told_roles(&p->errand->file, &p->demand->told, p->envelope->rules->words);
    return roles ? roles : 1U << ROLE_HANDLER;
}

/* Who takes that part: of an alert whom [appeals] names; else whom the units' file names, where it does. */
static struct text dispatcher_of(const struct planning *p)
{
    const struct units *units = p->notifier->outfit.units;
    bool named = units && units_dispatcher(units).bytes;
    return named && !p->errand->appeals ? units_dispatcher(units) : p->notifier->changer.appeals.dispatcher;
}

static void find_route(const struct planning *p, struct route *route)
{
    const struct fold *fold = p->envelope->fold;
    struct text members[64], list = p->errand->appeals ? (struct text){0} : fold->co_units, unit;
    size_t count = 0;
    while (count < sizeof members / sizeof *members && text_next(&list, &unit)) members[count++] = unit;
    struct routing routing = p->notifier->outfit.routing;
    routing.calendar = p->envelope->rules->calendar;
    struct route_question question = {.unit = p->demand->unit, .holder = p->errand->appeals ? p->demand->unit : fold->unit, .member = members, .members = count,
                                      .roles = roles_of(p), .dispatcher = dispatcher_of(p), .day = zone_day(p->envelope->rules->zone, p->envelope->now_ms)};
    route_find(route, &routing, &question);
}

/* --- when --- */

static int64_t real_at(const struct planning *p, int64_t business_ms)
{
    return clock_shared_at_ms(&p->notifier->store->clock, business_ms);
}

static int64_t next_digest(const struct planning *p)
{
    return sending_next_digest(p->notifier->outfit.sending, p->envelope->rules, p->sending.channel, p->sending.roles, p->envelope->now_ms);
}

static void hold(struct part *part, int64_t real_ms)
{
    part->state = PART_HELD;
    part->hold_ms = real_ms;
}

/* Leaves it to the recipient's next digest, where it gets any. */
static bool gather(const struct planning *p, struct part *part)
{
    int64_t digest_ms = next_digest(p);
    if (digest_ms == INT64_MAX) return false;
    part->told.status = TOLD_GATHERED;
    part->told.at_ms = p->real_ms;
    part->told.which = (uint32_t)(digest_ms / MINUTE_MS);
    part->state = PART_GATHERED;
    part->used = part_place(part);
    part->hold_ms = real_at(p, digest_ms) + DIGEST_WAIT_MS;
    return true;
}

/* One that was left to a digest. False: that failed, or did not come: it goes alone. */
static bool has_digest(const struct planning *p, struct part *part)
{
    int64_t due_ms = real_at(p, (int64_t)part->told.which * MINUTE_MS);
    enum digest_fate fate = digests_fate(p->notifier->digests, part->to.key, part->told.at_ms, part->digest);
    if (fate == DIGEST_CARRIED) {
        part->told.status = TOLD_DELIVERED;
        part->state = PART_CARRIED;
        part->used = part_place(part);
        return true;
    }
    if (fate == DIGEST_FAILED || p->real_ms > due_ms + DIGEST_GIVE_UP_MS) return false;
    hold(part, (due_ms > p->real_ms ? due_ms : p->real_ms) + DIGEST_WAIT_MS);
    return true;
}

static bool waits_too_long(const struct planning *p, int64_t until_ms)
{
    return until_ms - p->real_ms > p->notifier->config->notify.patience_ms && !sending_is_critical(p->notifier->outfit.sending, &p->sending);
}

/* At the place that is to be tried: now, later, or in a digest. False: at the next place. */
static bool plan_place(struct planning *p, struct part *part, bool alone)
{
    struct endpoint *endpoint = part_place(part)->endpoint;
    struct dispatch *dispatch = &p->notifier->dispatch;
    p->sending.channel = (enum config_channel)endpoint->config->channel;
    p->sending.roles = part->to.roles;
    int64_t opens_ms = sending_opens(p->notifier->outfit.sending, p->envelope->rules, &p->sending, p->envelope->now_ms);
    if (!alone && sending_gathers(p->notifier->outfit.sending, &p->sending) && gather(p, part)) return true;
    if (opens_ms > p->envelope->now_ms) {
        hold(part, real_at(p, opens_ms));
        return true;
    }
    if (dispatch_is_down(dispatch, endpoint) && part_next_place(part)) return false;
    int64_t busy_ms = dispatch_opens_ms(dispatch, endpoint, p->rank);
    if (busy_ms == 0) part->state = PART_SENT;
    else if (alone || !waits_too_long(p, busy_ms) || !gather(p, part)) hold(part, busy_ms);
    return true;
}

static void plan_part(struct planning *p, struct part *part)
{
    bool alone = false;
    if (part->state == PART_SETTLED) return;
    if (part->told.status == TOLD_GATHERED) {
        if (has_digest(p, part)) return;
        part->told.status = TOLD_PENDING;
        part->told.at_ms = 0;
        alone = true;
    } else if (part->known && part->told.next_try_ms > p->real_ms) {
        hold(part, part->told.next_try_ms);
        return;
    }
    while (!plan_place(p, part, alone)) {}
}

/* --- deliveries --- */

/* The one that goes to this endpoint already, where one message serves many. */
static struct delivery *shared_delivery(const struct notice *notice, const struct endpoint *endpoint)
{
    for (size_t i = 0; i < notice->deliveries && !endpoint->channel->addressed; i++) {
        size_t parts = 0;
        for (size_t n = 0; n < notice->parts; n++) parts += notice->part[n].delivery == &notice->delivery[i];
        if (notice->delivery[i].endpoint == endpoint && parts < DELIVERY_ADDRESSES_MAX) return &notice->delivery[i];
    }
    return NULL;
}

static void add_delivery(struct planning *p, struct notice *notice, struct part *part)
{
    const struct place *place = part_place(part);
    part->used = place;
    part->delivery = shared_delivery(notice, place->endpoint);
    if (!part->delivery) {
        part->delivery = errand_add_delivery(notice, place->endpoint);
        part->delivery->kind = &judge_deliveries;
        part->delivery->rank = p->rank;
    }
    if (place->address.bytes) part->delivery->address[part->delivery->addresses++] = place->address;
}

static enum urgency_rank rank_of(const struct planning *p)
{
    if (p->errand->appeals || sending_is_critical(p->notifier->outfit.sending, &p->sending)) return RANK_CRITICAL;
    return p->demand->told.at_ms > p->demand->told.deadline_ms || p->demand->kind != DEMAND_NOTICE ? RANK_OVERDUE : RANK_REMINDER;
}

static struct text keep(struct errand *errand, struct text text)
{
    return text.bytes ? (struct text){pool_copy(&errand->pool, text.at, text.bytes), text.bytes} : text;
}

/* Its texts live on as long as the errand, whatever becomes of the files they stand in. */
static void keep_recipient(struct errand *errand, struct recipient *to)
{
    to->person = keep(errand, to->person);
    to->name = keep(errand, to->name);
    for (size_t i = 0; i < to->places; i++) to->place[i].address = keep(errand, to->place[i].address);
}

enum plan plan_notice(struct notifier *notifier, struct errand *errand, const struct envelope *envelope, const struct demand *demand, const char *id,
                      struct notice **notice, int64_t *wait_ms)
{
    struct route route;
    const struct fold *fold = envelope->fold;
    struct planning p = {notifier, errand, envelope, demand, .real_ms = clock_shared_ms(&notifier->store->clock)};
    bool place = errand->appeals != NULL;
    p.sending = (struct sending_case){.class = place ? NULL : envelope->rules->policy->class[fold->class].name, .urgency = place ? 0 : fold->facts.urgency,
                                      .step = demand->step, .kind = demand->kind};
    p.rank = rank_of(&p);
    find_route(&p, &route);
    if (route.count == 0) return PLAN_NOBODY;
    if (route.left_out)
        log_error("notify.left_out", "id=%s recipients=%zu left_out=%zu note=%s", id, route.count, route.left_out, log_quote("more are addressed than one notice can have"));
    *notice = errand_add_notice(errand, demand, id, route.count);
    (*notice)->elsewhere = route.elsewhere;
    *wait_ms = INT64_MAX;
    size_t held = 0;
    for (size_t i = 0; i < route.count; i++) {
        struct part *part = &(*notice)->part[i];
        part_begin(part, &route.at[i], demand->told.id, &errand->file);
        keep_recipient(errand, &part->to);
        plan_part(&p, part);
        if (part->state == PART_SENT) add_delivery(&p, *notice, part);
        if (part->state != PART_HELD) continue;
        held++;
        if (part->hold_ms < *wait_ms) *wait_ms = part->hold_ms;
    }
    size_t settled = 0;
    for (size_t i = 0; i < route.count; i++) settled += (*notice)->part[i].state == PART_SETTLED;
    if (held == 0 || held + settled < route.count) return PLAN_SEND;
    errand_drop_notice(*notice);
    return PLAN_WAIT;
}
