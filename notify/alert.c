/* Alerts as JSON. The burst may have grown since the alert became owed, or (late arrivals) begun earlier: it is told as it
 * is now. */
#include "notify/alert.h"

#include "sla/case_json.h"

static bool seen_before(const struct appeals *appeals, size_t from, size_t at)
{
    for (size_t i = from; i < at; i++)
        if (text_equal(appeals->entry[i].case_id, appeals->entry[at].case_id)) return true;
    return false;
}

/* How many, when, and the first cases in order of receipt; one that was received twice is one. */
static void put_burst(json_t *data, const struct alert *alert, const struct burst *burst)
{
    json_t *list = json_array();
    json_object_set_new_nocheck(data, "citizens", json_integer((json_int_t)burst->citizens));
    json_object_set_new_nocheck(data, "since", json_instant(alert->zone, alert->appeals->entry[burst->from].at_ms));
    json_object_set_new_nocheck(data, "until", json_instant(alert->zone, burst->last_ms));
    size_t i = burst->from, count = 0;
    for (; i <= burst->to && count < ALERT_CASES_MAX; i++) {
        if (seen_before(alert->appeals, burst->from, i)) continue;
        json_array_append_new(list, json_text(alert->appeals->entry[i].case_id));
        count++;
    }
    json_object_set_new_nocheck(data, "cases", list);
    json_object_set_new_nocheck(data, "more", json_boolean(i <= burst->to));
}

static void put_nulls(json_t *data, const char *const *names)
{
    for (; *names; names++) json_object_set_new_nocheck(data, *names, json_null());
}

json_t *alert_notice(const struct alert *alert, const struct demand *demand, const char *id)
{
    static const char *const none[] = {"case", "class", "clock", "deadline", "time_left_ms", "title", NULL};
    struct pool pool = {0};
    struct bursts bursts = bursts_find(alert->appeals, alert->appeal_rules, &pool);
    const struct burst *burst = bursts_about(&bursts, &demand->told, alert->appeals, alert->appeal_rules);
    json_t *object = json_object(), *data = json_object(), *to = json_array();
    put_nulls(data, none);
    json_object_set_new_nocheck(data, "of", json_string_nocheck(of_name(OF_PLACE)));
    json_object_set_new_nocheck(data, "unit", json_text_or_null(demand->unit));
    json_object_set_new_nocheck(data, "step", json_string_nocheck("cluster"));
    json_array_append_new(to, json_string_nocheck(role_name(ROLE_DISPATCHER)));
    json_object_set_new_nocheck(data, "to", to);
    json_object_set_new_nocheck(data, "item", json_text(alert->appeals->item));
    json_object_set_new_nocheck(data, "area", json_text(alert->appeals->area));
    if (burst) put_burst(data, alert, burst);
    json_object_set_new_nocheck(object, "specversion", json_string_nocheck("1.0"));
    json_object_set_new_nocheck(object, "id", json_string_nocheck(id));
    json_object_set_new_nocheck(object, "source", json_string_nocheck(ENVELOPE_SOURCE));
    json_object_set_new_nocheck(object, "type", json_string_nocheck("notice"));
    json_object_set_new_nocheck(object, "subject", json_text(alert->place));
    json_object_set_new_nocheck(object, "time", json_instant(alert->zone, alert->now_ms));
    json_object_set_new_nocheck(object, "datacontenttype", json_string_nocheck("application/json"));
    json_object_set_new_nocheck(object, "data", data);
    pool_free(&pool);
    return object;
}

json_t *alert_ledger(const struct alert *alert, const struct demand *demand, const struct ledger_entry *entry)
{
    static const char *const none[] = {"class", "clock", "round", "deadline", "why", NULL};
    json_t *object = json_object();
    ledger_begin(object, alert->place, of_name(OF_PLACE), entry);
    put_nulls(object, none);
    json_object_set_new_nocheck(object, "step", json_string_nocheck("cluster"));
    json_object_set_new_nocheck(object, "item", json_text(alert->appeals->item));
    json_object_set_new_nocheck(object, "area", json_text(alert->appeals->area));
    json_object_set_new_nocheck(object, "due", json_instant(alert->zone, demand->told.at_ms));
    ledger_end(object, demand, entry, alert->zone, alert->now_ms);
    return object;
}
