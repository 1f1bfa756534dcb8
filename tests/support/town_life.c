/* Life cycles of tickets and ratings (town_life.h).
 *
 * Each life walks forward in local time; steps beside its path (urges) are
 * told at a time of their own. The feed's delay is put on in tell(). Shares
 * are permille throughout. */
#include "town_life.h"

#include "town_calendar.h"

#include <stddef.h>

const char *const town_type_names[TOWN_TYPES] = {
    "ticket.received", "ticket.amended", "ticket.dispatched", "ticket.signed", "ticket.contacted",
    "ticket.transferred", "ticket.returned", "ticket.suspended", "ticket.resumed", "ticket.extension_requested",
    "ticket.extension_granted", "ticket.extension_refused", "ticket.urged", "ticket.supervised", "ticket.answered",
    "ticket.called_back", "ticket.closed", "ticket.reopened", "ticket.voided", "ticket.merged",
    "rating.submitted", "rating.verified", "rating.rectified", "rating.appealed", "rating.appeal_upheld",
    "rating.appeal_rejected", "rating.replied", "rating.called_back", "rating.published",
};

const char *const town_kind_names[TOWN_KINDS] = {
    "consultation", "suggestion", "opinion", "help", "complaint", "report", "praise", "other",
};
static const uint16_t kind_weights[TOWN_KINDS] = {220, 50, 40, 330, 290, 45, 15, 10};
enum { CONSULTATION = 0, PRAISE = 6 };

/* Stars 5 to 1 of published ratings: 82.5, 1.8, 2.7, 2.4, 10.6 percent. */
static const uint16_t star_weights[5] = {825, 18, 27, 24, 106};
static const uint16_t callback_star_weights[5] = {450, 260, 130, 90, 70};

enum {
    SIMPLE_LIMIT_DAYS = 1,
    LIMIT_DAYS = 5,
    LATE_DELIVERY = 30,      /* of all events, by hours */
    DEFAULT_OF_FIVE = 400,   /* five-star ratings that nobody gave */
};

/* One case on its way. */
struct walk {
    struct town_life *life;
    struct dice dice;
    struct town_happening next; /* what is common to all its events */
    int64_t now_ms;
    int32_t round_day;          /* from which the limit counts */
    int32_t limit_days;
};

/* When the feed brings it: mostly within seconds, some hours late. */
static int64_t delivery(struct dice *dice, int64_t time_ms)
{
    if (!dice_chance(dice, LATE_DELIVERY))
        return time_ms + dice_between(dice, 1, 20) * (int64_t)1000;
    int32_t most_minutes = dice_chance(dice, 800) ? 8 * 60 : 48 * 60;
    return time_ms + dice_between(dice, 60, most_minutes) * minute_ms;
}

static void tell_at(struct walk *walk, enum town_type type, int64_t time_ms)
{
    struct town_happening happening = walk->next;
    happening.type = (uint8_t)type;
    happening.number = ++walk->next.number;
    happening.time_ms = time_ms;
    happening.deliver_ms = delivery(&walk->dice, time_ms);
    happening.wording = dice_next(&walk->dice);
    happening.order = walk->life->told++;
    walk->life->tell(walk->life->listener, &happening);
}

static void tell(struct walk *walk, enum town_type type)
{
    tell_at(walk, type, walk->now_ms);
}

static void wait_minutes(struct walk *walk, int32_t least, int32_t most)
{
    walk->now_ms += dice_between(&walk->dice, least, most) * minute_ms;
    walk->now_ms += dice_between(&walk->dice, 0, 59) * (int64_t)1000;
}

/* Mostly office time; now and then somebody works in the evening or at the weekend. */
static void wait_office(struct walk *walk, int32_t least, int32_t most)
{
    if (dice_chance(&walk->dice, 50)) {
        wait_minutes(walk, least, most);
        return;
    }
    int32_t minutes = dice_between(&walk->dice, least, most);
    walk->now_ms = town_add_office_minutes(walk->now_ms, minutes) + dice_between(&walk->dice, 0, 59) * (int64_t)1000;
}

/* Some office hour of `day`, or as soon as may be after now where that is past. */
static void wait_for_day(struct walk *walk, int32_t day)
{
    int64_t at = town_add_office_minutes(day * day_ms, dice_between(&walk->dice, 10, 430));
    if (at > walk->now_ms + 20 * minute_ms)
        walk->now_ms = at + dice_between(&walk->dice, 0, 59) * (int64_t)1000;
    else
        wait_office(walk, 20, 150);
}

static uint8_t stars(struct dice *dice, const uint16_t weights[5])
{
    return (uint8_t)(5 - dice_weighted(dice, weights, 5));
}

static const struct town_unit *unit_of(const struct walk *walk)
{
    return &town_units[walk->next.unit];
}

static uint8_t another_unit(struct walk *walk)
{
    return (uint8_t)((walk->next.unit + 1 + dice_below(&walk->dice, TOWN_UNITS - 1)) % TOWN_UNITS);
}

/* --- ratings --- */

static int32_t days_to_act(struct walk *walk)
{
    if (dice_chance(&walk->dice, unit_of(walk)->late))
        return walk->limit_days + dice_between(&walk->dice, 1, dice_chance(&walk->dice, 300) ? 12 : 4);
    int32_t a = dice_between(&walk->dice, 0, walk->limit_days), b = dice_between(&walk->dice, 0, walk->limit_days);
    return a < b ? a : b;
}

/* 申诉: true where the rating is struck out. */
static bool appeal(struct walk *walk)
{
    wait_office(walk, 60, 500);
    tell(walk, RATING_APPEALED);
    wait_office(walk, 200, 900);
    bool upheld = dice_chance(&walk->dice, 600);
    tell(walk, upheld ? RATING_APPEAL_UPHELD : RATING_APPEAL_REJECTED);
    return upheld;
}

/* The closed loop of a bad review 差评. */
static void work_off_bad_review(struct walk *walk)
{
    if (dice_chance(&walk->dice, unit_of(walk)->never)) {
        if (dice_chance(&walk->dice, 500)) {
            wait_office(walk, 60, 900);
            tell(walk, RATING_VERIFIED);
        }
        return;
    }
    wait_office(walk, 30, 600);
    tell(walk, RATING_VERIFIED);
    if (dice_chance(&walk->dice, 130) && appeal(walk))
        return;
    wait_for_day(walk, town_add_workdays(walk->round_day, days_to_act(walk)));
    tell(walk, RATING_RECTIFIED);
    if (dice_chance(&walk->dice, 600)) {
        wait_office(walk, 5, 120);
        tell(walk, RATING_REPLIED);
    }
    if (dice_chance(&walk->dice, 750)) {
        wait_office(walk, 120, 700);
        walk->next.reached = dice_chance(&walk->dice, 850);
        walk->next.satisfaction = stars(&walk->dice, callback_star_weights);
        tell(walk, RATING_CALLED_BACK);
    }
    wait_office(walk, 200, 900);
    tell(walk, RATING_PUBLISHED);
}

static void live_rating(struct town_life *life, struct town_happening first, int64_t local_ms, uint64_t seed)
{
    struct walk walk = {.life = life, .dice = {seed}, .next = first, .now_ms = local_ms, .limit_days = LIMIT_DAYS};
    walk.round_day = (int32_t)(local_ms / day_ms);
    walk.next.satisfaction = stars(&walk.dice, star_weights);
    walk.next.is_default = walk.next.satisfaction == 5 && !first.other.number && dice_chance(&walk.dice, DEFAULT_OF_FIVE);
    walk.next.named = !walk.next.is_default && dice_chance(&walk.dice, 350);
    tell(&walk, RATING_SUBMITTED);
    if (walk.next.satisfaction <= 2)
        work_off_bad_review(&walk);
    else if (!walk.next.is_default && dice_chance(&walk.dice, 100)) {
        wait_office(&walk, 300, 1500);
        tell(&walk, RATING_PUBLISHED);
    }
}

void town_live_rating(struct town_life *life, struct town_case of, int64_t local_ms, uint64_t seed)
{
    struct dice dice = {seed};
    uint8_t service = (uint8_t)dice_weighted(&dice, town_service_weights, TOWN_SERVICES);
    struct town_happening first = {
        .of = of, .unit = town_services[service].unit, .item = service, .co_unit = NO_UNIT};
    live_rating(life, first, local_ms, dice_next(&dice));
}

/* --- tickets --- */

static void link_rating(struct walk *walk)
{
    struct town_happening first = {
        .of = walk->next.of, .unit = walk->next.unit, .item = walk->next.item, .co_unit = NO_UNIT,
        .other = walk->next.of};
    int64_t at = walk->now_ms + dice_between(&walk->dice, 10, 600) * minute_ms;
    live_rating(walk->life, first, at, dice_next(&walk->dice));
}

static void dispatch(struct walk *walk)
{
    if (dice_chance(&walk->dice, 60))
        walk->next.co_unit = another_unit(walk);
    if (dice_chance(&walk->dice, 250)) {
        int32_t last_day = town_add_workdays(walk->round_day, walk->limit_days);
        walk->next.due_ms = last_day * day_ms + 17 * hour_ms + 30 * minute_ms;
    }
    tell(walk, TICKET_DISPATCHED);
    walk->next.co_unit = NO_UNIT;
    walk->next.due_ms = 0;
}

static void sign_and_contact(struct walk *walk)
{
    wait_office(walk, 5, unit_of(walk)->sign_minutes);
    tell(walk, TICKET_SIGNED);
    for (int tries = 0; tries < 3; tries++) {
        wait_office(walk, 10, 240);
        walk->next.reached = dice_chance(&walk->dice, 820);
        tell(walk, TICKET_CONTACTED);
        if (walk->next.reached || dice_chance(&walk->dice, 300))
            break;
    }
}

/* Sent back, or passed on, before the right unit has it. */
static void take_detour(struct walk *walk)
{
    if (dice_chance(&walk->dice, unit_of(walk)->returned)) {
        wait_office(walk, 20, 300);
        tell(walk, TICKET_RETURNED);
        walk->next.unit = another_unit(walk);
        wait_minutes(walk, 20, 240);
        dispatch(walk);
    } else if (dice_chance(&walk->dice, 45)) {
        wait_office(walk, 20, 300);
        walk->next.unit = another_unit(walk);
        tell(walk, TICKET_TRANSFERRED);
    }
}

static void amend(struct walk *walk)
{
    wait_minutes(walk, 5, 600);
    walk->next.kind = (uint8_t)dice_weighted(&walk->dice, kind_weights, TOWN_KINDS);
    if (dice_chance(&walk->dice, 200))
        walk->next.simple = !walk->next.simple;
    walk->limit_days = walk->next.simple ? SIMPLE_LIMIT_DAYS : LIMIT_DAYS;
    tell(walk, TICKET_AMENDED);
}

static void suspend(struct walk *walk)
{
    wait_office(walk, 30, 600);
    tell(walk, TICKET_SUSPENDED);
    int32_t from = (int32_t)(walk->now_ms / day_ms), days = dice_between(&walk->dice, 1, 6);
    wait_for_day(walk, town_add_workdays(from, days));
    tell(walk, TICKET_RESUMED);
    walk->limit_days += days;
}

static void ask_for_extension(struct walk *walk)
{
    wait_for_day(walk, town_add_workdays(walk->round_day, walk->limit_days - (dice_chance(&walk->dice, 850) ? 1 : -1)));
    walk->next.days = dice_chance(&walk->dice, 700) ? 5 : 10;
    tell(walk, TICKET_EXTENSION_REQUESTED);
    wait_office(walk, 30, 480);
    bool granted = dice_chance(&walk->dice, 800);
    tell(walk, granted ? TICKET_EXTENSION_GRANTED : TICKET_EXTENSION_REFUSED);
    if (granted)
        walk->limit_days += walk->next.days;
}

/* 催单, 督办: between from_ms and now, more often where it is late. */
static void urge(struct walk *walk, int64_t from_ms)
{
    int32_t minutes = (int32_t)((walk->now_ms - from_ms) / minute_ms);
    bool late = walk->now_ms / day_ms > town_add_workdays(walk->round_day, walk->limit_days);
    if (minutes < 2)
        return;
    for (int n = 0; n < 2 && dice_chance(&walk->dice, late ? 350 : 60); n++)
        tell_at(walk, TICKET_URGED, from_ms + dice_between(&walk->dice, 1, minutes - 1) * minute_ms);
    if (dice_chance(&walk->dice, late ? 150 : 8))
        tell_at(walk, TICKET_SUPERVISED, from_ms + dice_between(&walk->dice, 1, minutes - 1) * minute_ms);
}

static void answer(struct walk *walk)
{
    int64_t from_ms = walk->now_ms;
    wait_for_day(walk, town_add_workdays(walk->round_day, days_to_act(walk)));
    urge(walk, from_ms);
    walk->next.solved = dice_chance(&walk->dice, unit_of(walk)->solved);
    tell(walk, TICKET_ANSWERED);
}

/* 回访: true where the citizen is content or nobody asks. */
static bool call_back(struct walk *walk)
{
    if (dice_chance(&walk->dice, 150))
        return true;
    wait_office(walk, 180, 600);
    walk->next.reached = dice_chance(&walk->dice, 860);
    walk->next.satisfaction = stars(&walk->dice, callback_star_weights);
    if (walk->next.solved && walk->next.satisfaction < 3 && dice_chance(&walk->dice, 600))
        walk->next.satisfaction = 4;
    tell(walk, TICKET_CALLED_BACK);
    return !walk->next.reached || walk->next.satisfaction > 2;
}

/* From dispatch to the answer; the first round also meets what comes up on the way. */
static void work_through_round(struct walk *walk, bool first)
{
    if (first)
        take_detour(walk);
    sign_and_contact(walk);
    if (first && dice_chance(&walk->dice, 40))
        suspend(walk);
    if (!walk->next.simple && dice_chance(&walk->dice, 55))
        ask_for_extension(walk);
    answer(walk);
}

static void reopen(struct walk *walk)
{
    wait_minutes(walk, 10, 900);
    tell(walk, TICKET_REOPENED);
    walk->round_day = (int32_t)(walk->now_ms / day_ms);
    walk->limit_days = walk->next.simple ? SIMPLE_LIMIT_DAYS : LIMIT_DAYS;
}

static void handle(struct walk *walk)
{
    for (int round = 1; round <= 3; round++) {
        work_through_round(walk, round == 1);
        bool content = call_back(walk);
        wait_minutes(walk, 0, 60);
        if (content || dice_chance(&walk->dice, 600))
            tell(walk, TICKET_CLOSED);
        if (content ? !dice_chance(&walk->dice, 8) : !dice_chance(&walk->dice, 550))
            break;
        if (round < 3)
            reopen(walk);
    }
    if (dice_chance(&walk->dice, 90))
        link_rating(walk);
}

static void answer_directly(struct walk *walk)
{
    walk->next.direct = true;
    walk->next.solved = dice_chance(&walk->dice, 300);
    wait_minutes(walk, 1, 12);
    tell(walk, TICKET_ANSWERED);
    wait_minutes(walk, 0, 5);
    tell(walk, TICKET_CLOSED);
}

/* 作废 or 并单, both an end: true where one came. */
static bool end_early(struct walk *walk, struct town_case twin)
{
    if (dice_chance(&walk->dice, 12)) {
        wait_minutes(walk, 5, 600);
        tell(walk, TICKET_VOIDED);
        return true;
    }
    if (twin.number && dice_chance(&walk->dice, 25)) {
        wait_minutes(walk, 10, 300);
        walk->next.other = twin;
        tell(walk, TICKET_MERGED);
        return true;
    }
    return false;
}

void town_live_ticket(struct town_life *life, struct town_case of, int64_t local_ms, uint64_t seed)
{
    struct walk walk = {.life = life, .dice = {seed}, .now_ms = local_ms, .round_day = (int32_t)(local_ms / day_ms)};
    walk.next = (struct town_happening){.of = of, .unit = NO_UNIT, .co_unit = NO_UNIT};
    walk.next.item = (uint8_t)dice_weighted(&walk.dice, town_item_weights, TOWN_ITEMS);
    walk.next.kind = (uint8_t)dice_weighted(&walk.dice, kind_weights, TOWN_KINDS);
    walk.next.simple = dice_chance(&walk.dice, walk.next.kind == CONSULTATION ? 600 : 40);
    walk.limit_days = walk.next.simple ? SIMPLE_LIMIT_DAYS : LIMIT_DAYS;
    uint8_t unit = town_items[walk.next.item].unit;
    if (dice_chance(&walk.dice, 300))
        walk.next.unit = unit;
    tell(&walk, TICKET_RECEIVED);
    if (walk.next.kind == PRAISE || (walk.next.kind == CONSULTATION && dice_chance(&walk.dice, 350))) {
        answer_directly(&walk);
        return;
    }

    struct town_case twin = life->latest[walk.next.item];
    life->latest[walk.next.item] = of;
    if (dice_chance(&walk.dice, 35))
        amend(&walk);
    walk.next.unit = unit;
    wait_minutes(&walk, 4, 90);
    dispatch(&walk);
    if (!end_early(&walk, twin))
        handle(&walk);
}
