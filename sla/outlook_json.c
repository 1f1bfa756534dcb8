/* What lies ahead as JSON lines. */
#include <math.h>
#include <string.h>

#include "sla/case_json.h"
#include "sla/outlook_view.h"
#include "sla/outlook_words.h"

static bool print_line(FILE *out, json_t *object)
{
    bool good = json_print_line(out, object);
    json_decref(object);
    return good;
}

/* To six decimals; null for what there is not. */
static json_t *number(double value)
{
    return value < 0 || isnan(value) ? json_null() : json_real(round(value * 1e6) / 1e6);
}

static json_t *words(void (*say)(const struct outlook *outlook, json_t *zh, json_t *en), const struct outlook *outlook)
{
    json_t *zh = json_array(), *en = json_array();
    say(outlook, zh, en);
    return json_pack("{s:o,s:o}", "zh", zh, "en", en);
}

static json_t *warnings_to_json(const struct warnings *found)
{
    return json_pack("{s:o,s:I,s:I,s:o,s:o,s:o}", "threshold", number(found->threshold), "warned", (json_int_t)found->warned, "late",
                     (json_int_t)found->right, "precision", number(found->precision), "recall", number(found->recall), "lead_hours",
                     number(found->lead_minutes < 0 ? -1 : found->lead_minutes / 60.0));
}

static json_t *tenths_to_json(const struct score *score)
{
    json_t *tenths = json_array();
    for (int i = 0; i < SCORE_TENTHS; i++)
        json_array_append_new(tenths, json_pack("{s:I,s:o,s:I}", "looks", (json_int_t)score->tenth[i].glances, "probability",
                                                number(score->tenth[i].glances ? score->tenth[i].probability : -1), "late",
                                                (json_int_t)score->tenth[i].late));
    return tenths;
}

static json_t *thresholds_to_json(const struct score *score)
{
    json_t *rows = json_array();
    for (int i = 0; i < SCORE_THRESHOLDS; i++) json_array_append_new(rows, warnings_to_json(&score->at[i]));
    return rows;
}

static json_t *score_to_json(const struct outlook *outlook)
{
    const struct score *score = &outlook->score;
    const struct hindsight *hindsight = &outlook->hindsight;
    json_t *object = json_pack("{s:o,s:o,s:i,s:b,s:I,s:I}", "from", json_instant(outlook->rules->zone, hindsight->start_ms[hindsight->months]), "to",
                               json_instant(outlook->rules->zone, outlook->now_ms), "months", hindsight->months, "judged", outlook->judged, "cases",
                               (json_int_t)score->cases, "late", (json_int_t)score->late);
    if (!outlook->judged) return object;
    json_object_set_new_nocheck(object, "model", warnings_to_json(&score->model));
    json_object_set_new_nocheck(object, "half_gone", warnings_to_json(&score->plain));
    json_object_set_new_nocheck(object, "model_at_equal_recall", warnings_to_json(&score->equal));
    json_object_set_new_nocheck(object, "share_gone_as_many", warnings_to_json(&score->as_many));
    json_object_set_new_nocheck(object, "model_at", thresholds_to_json(score));
    json_object_set_new_nocheck(object, "order_at_half", number(score->order));
    json_object_set_new_nocheck(object, "looks", json_integer(score->glances));
    json_object_set_new_nocheck(object, "brier", number(score->brier));
    json_object_set_new_nocheck(object, "brier_of_share", number(score->brier_base));
    json_object_set_new_nocheck(object, "tenths", tenths_to_json(score));
    return object;
}

static json_t *days_to_json(const struct outlook *outlook)
{
    json_t *days = json_array();
    for (int i = 0; i < OUTLOOK_DAYS; i++) json_array_append_new(days, json_day(outlook->day[i]));
    return days;
}

static json_t *head_to_json(const struct outlook *outlook)
{
    return json_pack("{s:s,s:o,s:s,s:o,s:o,s:I,s:I,s:I,s:o,s:o}", "line", "foresight", "as_of", json_instant(outlook->rules->zone, outlook->now_ms), "policy",
                     outlook->rules->policy->name, "days", days_to_json(outlook), "threshold", number(outlook->threshold), "foretold",
                     (json_int_t)outlook->foretold, "warned", (json_int_t)outlook->warned, "unknown",
                     (json_int_t)(outlook->prospects - outlook->foretold), "score", score_to_json(outlook), "words", words(outlook_accuracy, outlook));
}

static json_t *unit_to_json(const char *line, const struct outlook_unit *unit)
{
    json_t *due = json_array(), *object = json_pack("{s:s}", "line", line);
    for (int i = 0; i < OUTLOOK_DAYS; i++) json_array_append_new(due, json_integer(unit->due[i]));
    if (strcmp(line, "unit") == 0) json_object_set_new_nocheck(object, "unit", json_text(unit->unit));
    json_object_set_new_nocheck(object, "overdue", json_integer(unit->overdue));
    json_object_set_new_nocheck(object, "due", due);
    json_object_set_new_nocheck(object, "later", json_integer(unit->later));
    json_object_set_new_nocheck(object, "suspended", json_integer(unit->suspended));
    return object;
}

/* As policies name limits. */
static const char *unit_name(enum limit_unit unit)
{
    static const char *const names[] = {"workdays", "days", "work_hours", "hours"};
    return names[unit];
}

static json_t *times_to_json(const struct prospect *prospect)
{
    return json_pack("{s:i,s:i,s:i,s:i,s:i,s:i,s:i}", "reopened", prospect->reopened, "transferred", prospect->transferred, "returned", prospect->returned,
                     "suspended", prospect->suspended, "extended", prospect->extended, "urged", prospect->urged, "supervised", prospect->supervised);
}

static json_t *prospect_to_json(const struct outlook *outlook, const struct prospect *prospect)
{
    const struct pace *pace = outlook_pace(outlook);
    const struct rules *rules = outlook->rules;
    double median = pace_median(pace, prospect->circle);
    json_t *zh = json_array(), *en = json_array();
    json_t *object = json_pack("{s:s,s:o,s:s,s:o,s:s,s:s,s:o,s:o,s:s,s:o,s:o,s:o,s:i,s:i}", "line", "case", "case", json_text(prospect->id), "of",
                               of_name(prospect->of), "unit", json_text_or_null(prospect->unit), "class", prospect->class, "clock",
                               prospect->rule->name, "deadline", json_instant(rules->zone, prospect->deadline_ms), "probability",
                               number(prospect->probability), "counted_in", unit_name(prospect->rule->limit.unit), "gone",
                               number(course_gone(&prospect->course)), "left", number(course_left(&prospect->course)), "median",
                               number(median < 0 ? -1 : median * prospect->course.stride), "answered", pace_answers(pace, prospect->circle), "examples",
                               pace_open(pace, prospect->circle, prospect->course.step));
    outlook_reasons(outlook, prospect, zh, en);
    json_object_set_new_nocheck(object, "times", times_to_json(prospect));
    json_object_set_new_nocheck(object, "words", json_pack("{s:o,s:o}", "zh", zh, "en", en));
    return object;
}

bool outlook_print_json(FILE *out, const struct outlook *outlook, size_t limit)
{
    bool good = print_line(out, head_to_json(outlook));
    for (const struct outlook_unit *unit = outlook->units; unit && good; unit = unit->hh.next) good = print_line(out, unit_to_json("unit", unit));
    good = good && print_line(out, unit_to_json("total", &outlook->total));
    for (size_t i = 0; i < outlook->warned && i < limit && good; i++) good = print_line(out, prospect_to_json(outlook, &outlook->prospect[i]));
    return good;
}

bool outlook_print_score_json(FILE *out, const struct outlook *outlook)
{
    json_t *object = score_to_json(outlook);
    json_object_set_new_nocheck(object, "words", words(outlook_accuracy, outlook));
    return print_line(out, object);
}
