/* From cases to fields.
 *
 * The trap: the clock of a notice may be gone (what is taken back); then only what was told of it is known. */
#include "notify/facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TITLE_SHORT_CHARACTERS = 12 };

/* Of a list's rows. */
enum { CASE_ID, CASE_LINK, CASE_COLUMNS };
enum { ROW_CASE, ROW_OF, ROW_TITLE, ROW_UNIT, ROW_CLASS, ROW_CLOCK, ROW_DEADLINE, ROW_LEFT, ROW_OVERDUE, ROW_URGENCY, ROW_LINK, ROW_COLUMNS };

#define ROWS(section)                                                                                                              \
    {"case", FIELD_TEXT, ROW_CASE, (section) + 1}, {"of", FIELD_TEXT, ROW_OF, (section) + 1}, {"title", FIELD_TEXT, ROW_TITLE, (section) + 1},    \
    {"unit", FIELD_TEXT, ROW_UNIT, (section) + 1}, {"class", FIELD_TEXT, ROW_CLASS, (section) + 1}, {"clock", FIELD_TEXT, ROW_CLOCK, (section) + 1}, \
    {"deadline", FIELD_TEXT, ROW_DEADLINE, (section) + 1}, {"left", FIELD_TEXT, ROW_LEFT, (section) + 1},                                  \
    {"overdue", FIELD_TEXT, ROW_OVERDUE, (section) + 1}, {"urgency", FIELD_TEXT, ROW_URGENCY, (section) + 1},                            \
    {"link", FIELD_LINK, ROW_LINK, (section) + 1}

const struct template_field fact_fields[] = {
    {"trial", FIELD_FLAG, FACT_TRIAL, 0},
    {"elsewhere", FIELD_FLAG, FACT_ELSEWHERE, 0},
    {"lead", FIELD_FILLED, FACT_LEAD, 0},
    {"now", FIELD_TEXT, FACT_NOW, 0},
    {"notice", FIELD_TEXT, FACT_NOTICE, 0},
    {"case", FIELD_TEXT, FACT_CASE, 0},
    {"of", FIELD_TEXT, FACT_OF, 0},
    {"rating", FIELD_FLAG, FACT_RATING, 0},
    {"title", FIELD_TEXT, FACT_TITLE, 0},
    {"title_short", FIELD_TEXT, FACT_TITLE_SHORT, 0},
    {"item", FIELD_TEXT, FACT_ITEM, 0},
    {"area", FIELD_TEXT, FACT_AREA, 0},
    {"unit", FIELD_TEXT, FACT_UNIT, 0},
    {"class", FIELD_TEXT, FACT_CLASS, 0},
    {"clock", FIELD_TEXT, FACT_CLOCK, 0},
    {"policy", FIELD_TEXT, FACT_POLICY, 0},
    {"policy_name", FIELD_TEXT, FACT_POLICY_NAME, 0},
    {"limit", FIELD_TEXT, FACT_LIMIT, 0},
    {"deadline", FIELD_TEXT, FACT_DEADLINE, 0},
    {"deadline_short", FIELD_TEXT, FACT_DEADLINE_SHORT, 0},
    {"deadline_before", FIELD_TEXT, FACT_DEADLINE_BEFORE, 0},
    {"left", FIELD_TEXT, FACT_LEFT, 0},
    {"after_hours", FIELD_FLAG, FACT_AFTER_HOURS, 0},
    {"late", FIELD_FLAG, FACT_LATE, 0},
    {"overdue", FIELD_TEXT, FACT_OVERDUE, 0},
    {"owed", FIELD_TEXT, FACT_OWED, 0},
    {"owed_by", FIELD_TEXT, FACT_OWED_BY, 0},
    {"round", FIELD_TEXT, FACT_ROUND, 0},
    {"extended", FIELD_TEXT, FACT_EXTENDED, 0},
    {"suspended", FIELD_FLAG, FACT_SUSPENDED, 0},
    {"provisional", FIELD_FLAG, FACT_PROVISIONAL, 0},
    {"state", FIELD_TEXT, FACT_STATE, 0},
    {"urgency", FIELD_TEXT, FACT_URGENCY, 0},
    {"received", FIELD_TEXT, FACT_RECEIVED, 0},
    {"times", FIELD_TEXT, FACT_TIMES, 0},
    {"link", FIELD_LINK, FACT_LINK, 0},
    {"seen_link", FIELD_LINK, FACT_SEEN_LINK, 0},
    {"signed_link", FIELD_LINK, FACT_SIGNED_LINK, 0},
    {"citizens", FIELD_TEXT, FACT_CITIZENS, 0},
    {"since", FIELD_TEXT, FACT_SINCE, 0},
    {"until", FIELD_TEXT, FACT_UNTIL, 0},
    {"more", FIELD_FLAG, FACT_MORE, 0},
    {"cases", FIELD_LIST, LIST_CASES, 0},
    {"case", FIELD_TEXT, CASE_ID, LIST_CASES + 1},
    {"link", FIELD_LINK, CASE_LINK, LIST_CASES + 1},
    {"recipient", FIELD_TEXT, FACT_RECIPIENT, 0},
    {"count", FIELD_TEXT, FACT_COUNT, 0},
    {"count_overdue", FIELD_TEXT, FACT_COUNT_OVERDUE, 0},
    {"count_today", FIELD_TEXT, FACT_COUNT_TODAY, 0},
    {"count_tomorrow", FIELD_TEXT, FACT_COUNT_TOMORROW, 0},
    {"count_other", FIELD_TEXT, FACT_COUNT_OTHER, 0},
    {"more_overdue", FIELD_TEXT, FACT_MORE_OVERDUE, 0},
    {"more_today", FIELD_TEXT, FACT_MORE_TODAY, 0},
    {"more_tomorrow", FIELD_TEXT, FACT_MORE_TOMORROW, 0},
    {"more_other", FIELD_TEXT, FACT_MORE_OTHER, 0},
    {"cases_overdue", FIELD_LIST, LIST_SECTION + DIGEST_OVERDUE, 0},
    {"cases_today", FIELD_LIST, LIST_SECTION + DIGEST_TODAY, 0},
    {"cases_tomorrow", FIELD_LIST, LIST_SECTION + DIGEST_TOMORROW, 0},
    {"cases_other", FIELD_LIST, LIST_SECTION + DIGEST_OTHER, 0},
    ROWS(LIST_SECTION + DIGEST_OVERDUE),
    ROWS(LIST_SECTION + DIGEST_TODAY),
    ROWS(LIST_SECTION + DIGEST_TOMORROW),
    ROWS(LIST_SECTION + DIGEST_OTHER),
    {NULL, FIELD_TEXT, 0, 0},
};

enum { LINK_CASE, LINK_OF, LINK_FIELDS, LINK_MAX_BYTES = 8192 };
const struct template_field link_fields[] = {{"case", FIELD_TEXT, LINK_CASE, 0}, {"of", FIELD_TEXT, LINK_OF, 0}, {NULL, FIELD_TEXT, 0, 0}};

static const struct text yes = {"1", 1};

static struct text text_of(const char *string)
{
    return (struct text){string, string ? strlen(string) : 0};
}

static struct text flag(bool on)
{
    return on ? yes : (struct text){0};
}

const char *facts_string(struct pool *pool, struct text text)
{
    char *string = pool_take(pool, text.bytes + 1);
    if (text.bytes) memcpy(string, text.at, text.bytes);
    string[text.bytes] = 0;
    return string;
}

/* Empty for 0. */
static struct text number(struct pool *pool, uint64_t n)
{
    char text[24];
    if (n == 0) return (struct text){0};
    int bytes = snprintf(text, sizeof text, "%" PRIu64, n);
    return (struct text){pool_copy(pool, text, (size_t)bytes), (size_t)bytes};
}

static struct text case_link(const struct facts_maker *maker, enum of of, struct text id)
{
    const struct text value[LINK_FIELDS] = {[LINK_CASE] = id, [LINK_OF] = text_of(of_name(of))};
    struct buffer out;
    if (!maker->case_link) return (struct text){0};
    buffer_init(&out, LINK_MAX_BYTES);
    bool whole = template_fill(maker->case_link, MARKUP_URL, &(struct template_values){.text = value}, &out);
    struct text link = {pool_copy(maker->pool, buffer_text(&out), out.bytes), whole ? out.bytes : 0};
    buffer_free(&out);
    return link;
}

static struct text unit_name(const struct facts_maker *maker, const struct units *units, struct text unit)
{
    if (unit.bytes == 0) return names_find(maker->names, NAMES_PHRASE, "no_unit");
    return units ? units_name(units, unit) : unit;
}

const char *facts_kind(const struct demand *demand)
{
    const struct policy_step *step = demand->step;
    if (demand->kind == DEMAND_CLUSTER) return "cluster";
    if (demand->kind == DEMAND_RETRACT) return "withdrawn";
    if (demand->kind == DEMAND_CORRECTION) return "corrected";
    if (!step) return "notice";
    switch (step->when) {
    case STEP_WORKDAYS_BEFORE: case STEP_HOURS_BEFORE: case STEP_MINUTES_BEFORE: return "remind";
    case STEP_OVERDUE: return "overdue";
    case STEP_WORKDAYS_AFTER:
        return step->roles >> ROLE_CIRCULATION & 1 ? "circulate" : step->roles >> ROLE_SUPERVISION & 1 ? "supervise" : "escalate";
    case STEP_ON_EVENT: return step->n == TICKET_URGED ? "urged" : step->n == TICKET_SUPERVISED ? "supervised" : "event";
    }
    return "notice";
}

/* --- a notice --- */

static void put_case(struct facts *facts, const struct facts_maker *maker, const struct wording *wording)
{
    const struct envelope *envelope = wording->envelope;
    const struct fold *fold = envelope->fold;
    const struct names *names = maker->names;
    struct text *text = facts->text;
    text[FACT_CASE] = envelope->file->id;
    text[FACT_OF] = names_of(names, NAMES_OF, text_of(of_name(envelope->file->of)));
    text[FACT_RATING] = flag(envelope->file->of == OF_RATING);
    text[FACT_TITLE] = fold->title;
    text[FACT_TITLE_SHORT] = escape_cut(fold->title, TITLE_SHORT_CHARACTERS, maker->pool);
    text[FACT_ITEM] = names_of(names, NAMES_ITEM, fold->item);
    text[FACT_AREA] = names_of(names, NAMES_AREA, fold->area);
    text[FACT_STATE] = names_of(names, NAMES_STATE, text_of(case_state_name(fold->state)));
    text[FACT_URGENCY] = fold->facts.urgency ? names_find(names, NAMES_URGENCY, urgency_name(fold->facts.urgency)) : (struct text){0};
    text[FACT_RECEIVED] = names_instant(names, envelope->rules->zone, fold->received_ms, false, true, maker->pool);
    text[FACT_LINK] = case_link(maker, envelope->file->of, envelope->file->id);
}

/* Which limit by which rule. */
static void put_rule(struct facts *facts, const struct facts_maker *maker, const struct wording *wording)
{
    const struct envelope *envelope = wording->envelope;
    const struct demand *demand = wording->demand;
    const struct policy *policy = envelope->rules->policy;
    const char *clock = vocabulary_clock(envelope->rules->words, demand->told.clock);
    struct text *text = facts->text;
    text[FACT_POLICY] = *policy->title ? text_of(policy->title) : text_of(policy->name);
    if (*policy->title) text[FACT_POLICY_NAME] = text_of(policy->name);
    if (envelope->fold->class >= 0) text[FACT_CLASS] = names_of(maker->names, NAMES_CLASS, text_of(policy->class[envelope->fold->class].name));
    text[FACT_CLOCK] = names_of(maker->names, NAMES_CLOCK, text_of(clock));
    text[FACT_OWED] = names_find(maker->names, NAMES_OWED, clock);
    if (text[FACT_OWED].bytes == 0) text[FACT_OWED] = text[FACT_CLOCK];
    if (!demand->clock) return;
    text[FACT_LIMIT] = names_limit(maker->names, demand->clock->rule->limit, maker->pool);
    text[FACT_OWED_BY] = names_find(maker->names, NAMES_DEBTOR, debtor_name((enum debtor)demand->clock->rule->owed_by));
}

static void put_left(struct facts *facts, const struct facts_maker *maker, const struct wording *wording)
{
    const struct envelope *envelope = wording->envelope;
    const struct clock *clock = wording->demand->clock;
    facts->text[FACT_SUSPENDED] = flag(clock_suspended(clock));
    if (clock->outcome != CLOCK_RUNNING && clock->outcome != CLOCK_OVERDUE) return;
    struct left left = left_at(clock->rule, envelope->rules, clock->deadline_ms, clock->last_day, envelope->now_ms);
    facts->text[left.late ? FACT_OVERDUE : FACT_LEFT] = names_left(maker->names, &left, maker->pool);
    facts->text[FACT_AFTER_HOURS] = flag(left.after_hours);
    facts->text[FACT_LATE] = flag(left.late);
}

static void put_deadline(struct facts *facts, const struct facts_maker *maker, const struct wording *wording)
{
    const struct demand *demand = wording->demand;
    const struct zone *zone = wording->envelope->rules->zone;
    struct text *text = facts->text;
    uint32_t round = told_round(&demand->told, wording->envelope->fold);
    int64_t deadline_ms = demand->told.deadline_ms;
    text[FACT_DEADLINE] = names_instant(maker->names, zone, deadline_ms, true, false, maker->pool);
    text[FACT_DEADLINE_SHORT] = names_instant(maker->names, zone, deadline_ms, true, true, maker->pool);
    if (demand->before_ms) text[FACT_DEADLINE_BEFORE] = names_instant(maker->names, zone, demand->before_ms, true, false, maker->pool);
    if (round > 1) text[FACT_ROUND] = number(maker->pool, round);
    if (demand->step && demand->step->when == STEP_ON_EVENT && demand->told.day > 1) text[FACT_TIMES] = number(maker->pool, demand->told.day);
    if (!demand->clock) return;
    if (demand->clock->extended_days) text[FACT_EXTENDED] = names_workdays(maker->names, demand->clock->extended_days, maker->pool);
    text[FACT_PROVISIONAL] = flag(demand->clock->provisional);
    put_left(facts, maker, wording);
}

/* --- an alert --- */

static bool is_listed(const struct text *cell, size_t rows, struct text id)
{
    for (size_t i = 0; i < rows; i++)
        if (text_equal(cell[i * CASE_COLUMNS + CASE_ID], id)) return true;
    return false;
}

static void list_cases(struct facts *facts, const struct facts_maker *maker, const struct appeals *appeals, const struct burst *burst)
{
    struct text *cell = pool_take(maker->pool, sizeof *cell * CASE_COLUMNS * ALERT_CASES_SHOWN);
    size_t rows = 0;
    for (size_t i = burst->from; i <= burst->to; i++) {
        struct text id = appeals->entry[i].case_id;
        if (is_listed(cell, rows, id)) continue;
        if (rows == ALERT_CASES_SHOWN) {
            facts->text[FACT_MORE] = yes;
            break;
        }
        cell[rows * CASE_COLUMNS + CASE_ID] = id;
        cell[rows++ * CASE_COLUMNS + CASE_LINK] = case_link(maker, OF_TICKET, id);
    }
    facts->list[LIST_CASES] = (struct template_list){rows, CASE_COLUMNS, cell};
}

static void put_alert(struct facts *facts, const struct facts_maker *maker, const struct wording *wording)
{
    const struct alert *alert = wording->alert;
    struct pool pool = {0};
    struct bursts bursts = bursts_find(alert->appeals, alert->appeal_rules, &pool);
    const struct burst *burst = bursts_about(&bursts, &wording->demand->told, alert->appeals, alert->appeal_rules);
    struct text *text = facts->text;
    text[FACT_ITEM] = names_of(maker->names, NAMES_ITEM, alert->appeals->item);
    text[FACT_AREA] = names_of(maker->names, NAMES_AREA, alert->appeals->area);
    if (burst) {
        text[FACT_CITIZENS] = number(maker->pool, burst->citizens);
        text[FACT_SINCE] = names_instant(maker->names, alert->zone, alert->appeals->entry[burst->from].at_ms, false, true, maker->pool);
        text[FACT_UNTIL] = names_instant(maker->names, alert->zone, burst->last_ms, false, true, maker->pool);
        list_cases(facts, maker, alert->appeals, burst);
    }
    pool_free(&pool);
}

void facts_of_notice(struct facts *facts, const struct facts_maker *maker, const struct wording *wording)
{
    const struct demand *demand = wording->demand;
    struct text *text = facts->text;
    *facts = (struct facts){0};
    text[FACT_TRIAL] = flag(wording->trial);
    text[FACT_ELSEWHERE] = flag(wording->elsewhere);
    text[FACT_NOW] = names_instant(maker->names, wording->envelope->rules->zone, wording->envelope->now_ms, false, false, maker->pool);
    if (demand->step) text[FACT_NOTICE] = names_find(maker->names, NAMES_STEP, demand->step->name);
    if (text[FACT_NOTICE].bytes == 0) text[FACT_NOTICE] = names_of(maker->names, NAMES_NOTICE, text_of(facts_kind(demand)));
    text[FACT_UNIT] = unit_name(maker, wording->units, demand->unit);
    text[FACT_SEEN_LINK] = text_of(wording->seen_link);
    text[FACT_SIGNED_LINK] = text_of(wording->signed_link);
    if (wording->alert) {
        put_alert(facts, maker, wording);
        return;
    }
    put_case(facts, maker, wording);
    put_rule(facts, maker, wording);
    put_deadline(facts, maker, wording);
}

/* --- a digest --- */

static void put_row(struct text *cell, const struct facts_maker *maker, const struct digest *digest, const struct digest_line *line,
                    const struct units *units)
{
    const struct names *names = maker->names;
    for (size_t i = 0; i < ROW_COLUMNS; i++) cell[i] = (struct text){0};
    cell[ROW_CASE] = line->case_id;
    cell[ROW_OF] = names_of(names, NAMES_OF, text_of(of_name(line->of)));
    cell[ROW_TITLE] = line->title;
    cell[ROW_UNIT] = unit_name(maker, units, line->unit);
    cell[ROW_CLASS] = names_of(names, NAMES_CLASS, text_of(line->class));
    cell[ROW_CLOCK] = names_of(names, NAMES_CLOCK, text_of(line->clock));
    if (line->deadline_ms) cell[ROW_DEADLINE] = names_instant(names, digest->zone, line->deadline_ms, true, true, maker->pool);
    cell[line->left.late ? ROW_OVERDUE : ROW_LEFT] = names_left(names, &line->left, maker->pool);
    if (line->urgency) cell[ROW_URGENCY] = names_find(names, NAMES_URGENCY, urgency_name((enum urgency)line->urgency));
    cell[ROW_LINK] = case_link(maker, line->of, line->case_id);
}

void facts_of_digest(struct facts *facts, const struct facts_maker *maker, const struct digest *digest, const struct units *units)
{
    struct text *text = facts->text;
    size_t all = 0;
    *facts = (struct facts){0};
    text[FACT_RECIPIENT] = digest->name.bytes ? digest->name : digest->recipient;
    text[FACT_NOW] = names_instant(maker->names, digest->zone, digest->at_ms, false, false, maker->pool);
    text[FACT_NOTICE] = names_of(maker->names, NAMES_NOTICE, TEXT("digest"));
    for (int section = 0; section < DIGEST_SECTIONS; section++) {
        size_t rows = digest->lines[section], total = digest->total[section];
        struct text *cell = pool_take(maker->pool, sizeof *cell * ROW_COLUMNS * (rows ? rows : 1));
        for (size_t i = 0; i < rows; i++) put_row(cell + i * ROW_COLUMNS, maker, digest, &digest->line[section][i], units);
        facts->list[LIST_SECTION + section] = (struct template_list){rows, ROW_COLUMNS, cell};
        text[FACT_COUNT_OVERDUE + section] = number(maker->pool, total);
        text[FACT_MORE_OVERDUE + section] = number(maker->pool, total > rows ? total - rows : 0);
        all += total;
    }
    text[FACT_COUNT] = number(maker->pool, all);
}
