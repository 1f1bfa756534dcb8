/* Plans. The trap: a recipient can wait for several things at once (the hour, the endpoint, its own retry), and each answer may be
 * another place's. So a part is worked out from the beginning each time, place by place. */
#include "notify/plan.h"

#include <string.h>

#include "common/log.h"
#include "notify/judge.h"
#include "sla/told.h"

enum {
    DIGEST_WAIT_MS = 15000,     /* real time given to a digest to be written and sent before its notices ask for it, and between two times that they ask */
    DIGEST_GIVE_UP_MS = 600000, /* real time after which nobody will begin it any more */
    ROLL_WAIT_MS = 1000,
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

static void hold(struct part *part, int64_t real_ms)
{
    part->state = PART_HELD;
    part->hold_ms = real_ms;
}

/* Leaves it to the recipient's digest of that instant. */
static void gather(const struct planning *p, struct part *part, int64_t instant_ms)
{
    int64_t due_ms = real_at(p, instant_ms);
    part->told.status = TOLD_GATHERED;
    part->told.at_ms = p->real_ms;
    part->told.which = (uint32_t)(instant_ms / MINUTE_MS);
    part->state = PART_GATHERED;
    part->used = part_place(part);
    part->hold_ms = (due_ms > p->real_ms ? due_ms : p->real_ms) + DIGEST_WAIT_MS;
    meters_count(p->notifier->meters, METER_GATHERED, 1);
}

static void carry(const struct planning *p, struct part *part)
{
    part->told.status = TOLD_DELIVERED;
    if (part->told.at_ms == 0) part->told.at_ms = p->real_ms;
    part->state = PART_CARRIED;
    part->used = part_place(part);
}

/* Leaves it to a digest: one that is due or under way brings all that fell due up to its instant, though it be looked at later; what fell due after
 * that waits for the next. Or that has brought it already. False: there is none. */
static bool leave_to_digest(const struct planning *p, struct part *part, const struct digest_reader *reader)
{
    const struct sending *sending = p->notifier->outfit.sending;
    int64_t now_ms = clock_business_ms(&p->notifier->store->clock);
    const struct rules *rules = rulebook_at(p->notifier->store->book, now_ms);
    bool morning;
    int64_t last_ms = sending_last_digest(sending, rules, reader->channel, reader->to.roles, now_ms, &morning);
    int64_t next_ms = sending_next_digest(sending, rules, reader->channel, reader->to.roles, now_ms);
    struct digest_asked asked = {.recipient = part->to.key, .part = part->told.id, .instant_ms = last_ms};
    enum digest_fate fate = digests_fate(p->notifier->digests, &asked, part->digest);
    bool comes = (fate == DIGEST_WAITS || fate == DIGEST_UNDER_WAY) && p->demand->told.at_ms <= last_ms && now_ms - last_ms <= DIGEST_STALE_MS;
    if (fate == DIGEST_CARRIED) carry(p, part);
    else if (comes) gather(p, part, last_ms);
    else if (next_ms != INT64_MAX) gather(p, part, next_ms);
    return part->state != PART_HELD;
}

/* Does it go with digests? Those are asked for as they ask themselves: by the channel of the recipient's first place, and all its roles of the day. A
 * place's alerts are in none. False: it goes alone. */
static bool goes_with_digest(const struct planning *p, struct part *part, bool whatever)
{
    const struct digest_reader *reader;
    struct sending_case notice = p->sending;
    if (p->errand->appeals || sending_is_critical(p->notifier->outfit.sending, &notice)) return false;
    enum digest_reading reading = digests_reader(p->notifier->digests, part->to.key, &reader);
    if (reading == READING_UNKNOWN) {
        hold(part, p->real_ms + ROLL_WAIT_MS);
        return true;
    }
    if (reading == READING_NONE) return false;
    notice.channel = reader->channel;
    notice.roles = reader->to.roles;
    return (whatever || sending_gathers(p->notifier->outfit.sending, &notice)) && leave_to_digest(p, part, reader);
}

/* One that was left to a digest. False: that failed, or did not come, or not with it: it is planned anew, alone unless *again. */
static bool has_digest(const struct planning *p, struct part *part, bool *again)
{
    struct digest_asked asked = {.recipient = part->to.key, .part = part->told.id, .gathered_ms = part->told.at_ms,
                                 .instant_ms = (int64_t)part->told.which * MINUTE_MS};
    int64_t due_ms = real_at(p, asked.instant_ms), wait_ms = due_ms > part->told.at_ms ? due_ms : part->told.at_ms;
    enum digest_fate fate = digests_fate(p->notifier->digests, &asked, part->digest);
    *again = fate == DIGEST_MISSED;
    if (fate == DIGEST_CARRIED) {
        carry(p, part);
        return true;
    }
    if (fate == DIGEST_MISSED || fate == DIGEST_FAILED || (fate == DIGEST_WAITS && p->real_ms > wait_ms + DIGEST_GIVE_UP_MS)) return false;
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
    if (!alone && goes_with_digest(p, part, false)) return true;
    if (opens_ms > p->envelope->now_ms) {
        meters_count(p->notifier->meters, METER_OUT_OF_HOURS, 1);
        hold(part, real_at(p, opens_ms));
        return true;
    }
    if (dispatch_is_down(dispatch, endpoint) && part_next_place(part)) return false;
    int64_t busy_ms = dispatch_opens_ms(dispatch, endpoint, p->rank);
    if (busy_ms == 0) part->state = PART_SENT;
    else if (alone || !waits_too_long(p, busy_ms) || !goes_with_digest(p, part, true)) hold(part, busy_ms);
    return true;
}

static void plan_part(struct planning *p, struct part *part)
{
    bool alone = false;
    if (part->state == PART_SETTLED) return;
    if (part->told.status == TOLD_GATHERED) {
        bool again;
        if (has_digest(p, part, &again)) return;
        part->told.status = TOLD_PENDING;
        part->told.at_ms = 0;
        alone = !again;
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
