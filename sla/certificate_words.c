/* A certificate in plain Chinese and English: the same facts, a sentence each.
 *
 * The trap: words are part of what is checked, so they depend on the fold and the
 * rules alone. */
#include "sla/certificate.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sla/clock_days.h"

enum { MOMENT_BYTES = 40, PHRASE_BYTES = 96 };

struct words {
    json_t *zh, *en;
    const struct rules *rules;
    const struct fold *fold;
};

__attribute__((format(printf, 2, 3))) static void say(json_t *lines, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    json_t *line = json_vsprintf(format, args);
    va_end(args);
    json_array_append_new(lines, line ? line : json_string("?"));
}

/* "2024-09-30 10:15", seconds where they are not zero. */
static const char *moment(char *text, const struct zone *zone, int64_t at_ms)
{
    char instant[INSTANT_TEXT_BYTES];
    instant_print(instant, zone, at_ms);
    instant[10] = ' ';
    instant[strncmp(instant + 16, ":00", 3) == 0 && instant[19] != '.' ? 16 : 19] = 0;
    snprintf(text, MOMENT_BYTES, "%s", instant);
    return text;
}

/* A deadline at midnight is the end of the day before: "2024-10-12 24:00". */
static const char *end_moment(char *text, const struct zone *zone, int64_t at_ms, int32_t last_day)
{
    char day[DAY_TEXT_BYTES];
    if (zone_day(zone, at_ms) == last_day) return moment(text, zone, at_ms);
    day_print(day, last_day);
    snprintf(text, MOMENT_BYTES, "%s 24:00", day);
    return text;
}

static const char *english_name(struct text unit) { return unit.bytes ? unit.at : "the dispatcher"; }
static const char *chinese_name(struct text unit) { return unit.bytes ? unit.at : "派单员"; }
static int name_bytes(struct text unit, const char *name) { return unit.bytes ? (int)unit.bytes : (int)strlen(name); }

static void say_head(const struct words *w)
{
    const struct policy *policy = w->rules->policy;
    const char *class = policy->class[w->fold->class].name, *calendar = calendar_version(w->rules->calendar);
    char received[MOMENT_BYTES], now[MOMENT_BYTES];
    moment(received, w->rules->zone, w->fold->received_ms);
    moment(now, w->rules->zone, w->fold->now_ms);
    say(w->zh, "%s受理,类别 %s;截至 %s 的状态:%s。", received, class, now, case_state_chinese(w->fold->state));
    say(w->en, "Received %s, class %s; as of %s it is %s.", received, class, now, case_state_name(w->fold->state));
    say(w->zh, "依据:政策 %s%s%s;日历 %s;时区 %s。", policy->name, *policy->source ? "," : "", policy->source, calendar, w->rules->zone->name);
    say(w->en, "Under policy %s%s%s; calendar %s; zone %s.", policy->name, *policy->source ? ", " : "", policy->source, calendar, w->rules->zone->name);
}

static void say_notices(const struct words *w, const json_t *notices)
{
    size_t i;
    const json_t *notice;
    json_array_foreach(notices, i, notice) {
        int year = (int)json_integer_value(json_object_get(notice, "year"));
        const char *source = json_string_value(json_object_get(notice, "source"));
        bool published = json_is_true(json_object_get(notice, "published"));
        say(w->zh, "%d 年放假安排:%s。", year, source ? source : published ? "已公布" : "尚未公布,按周末与固定节日暂定");
        say(w->en, "Calendar of %d: %s.", year, source ? source : published ? "published" : "not published yet, weekends and fixed holidays for now");
    }
}

static void say_step(const struct words *w, const struct trace *trace)
{
    char at[MOMENT_BYTES], granted_zh[PHRASE_BYTES] = "", granted_en[PHRASE_BYTES] = "";
    const char *zh = trace->event ? event_type_chinese((enum event_type)trace->event->type) : "";
    const char *en = trace->event ? event_type_name((enum event_type)trace->event->type) : "";
    const char *en_unit = english_name(trace->unit), *zh_unit = chinese_name(trace->unit);
    moment(at, w->rules->zone, trace->at_ms);
    if (trace->days) {
        snprintf(granted_zh, sizeof granted_zh, ",延长 %d 个工作日", trace->days);
        snprintf(granted_en, sizeof granted_en, ", %d working days granted", trace->days);
    }
    say(w->zh, "%s %s:%s%s(%s,由%.*s持有)。", at, zh, effect_chinese((enum effect)trace->effect), granted_zh,
        case_state_chinese((enum case_state)trace->state), name_bytes(trace->unit, zh_unit), zh_unit);
    say(w->en, "%s %s: %s%s (%s, with %.*s).", at, en, effect_english((enum effect)trace->effect), granted_en,
        case_state_name((enum case_state)trace->state), name_bytes(trace->unit, en_unit), en_unit);
}

static void say_limit(const struct words *w, const struct clock *clock)
{
    static const char *const zh[] = {"个工作日", "日", "个工作小时", "小时"}, *const en[] = {"working days", "days", "working hours", "hours"};
    const struct policy_clock *rule = clock->rule;
    bool hours = rule->limit.unit >= LIMIT_WORK_HOURS;
    char from[MOMENT_BYTES], end[MOMENT_BYTES], gained[PHRASE_BYTES];
    moment(from, w->rules->zone, clock->begin_ms);
    end_moment(end, w->rules->zone, clock->deadline_ms, clock->last_day);
    snprintf(gained, sizeof gained, "%lld", (long long)(hours ? clock->gained / 60000 : clock->gained));
    say(w->zh, "时限 %s(第 %u 次)%.*s:自 %s 起 %d %s%s;延期 %d 个工作日;挂起顺延 %s %s;期限至 %s%s。", rule->name, clock->round, (int)clock->unit.bytes,
        clock->unit.bytes ? clock->unit.at : "", from, rule->limit.amount, zh[rule->limit.unit], hours ? "" : ",起始日不计入", clock->extended_days,
        gained, hours ? "分钟" : zh[rule->limit.unit], end, clock->provisional ? "(暂定:有年份的放假安排尚未公布)" : "");
    say(w->en, "Clock %s, no. %u%s%.*s: %d %s from %s%s; %d working days granted; %s %s for suspension; until %s%s.", rule->name, clock->round, clock->unit.bytes ? " " : "",
        (int)clock->unit.bytes, clock->unit.bytes ? clock->unit.at : "", rule->limit.amount, en[rule->limit.unit], from,
        hours ? "" : ", the day it starts not counted", clock->extended_days, gained, hours ? "minutes" : en[rule->limit.unit], end,
        clock->provisional ? " (provisional: a year's calendar is not published yet)" : "");
}

/* The days that do not count, run by run; the rest do. */
static void say_days(const struct words *w, const struct clock *clock)
{
    static const char *const zh[] = {"工作日", "周末", "节假日", "调休上班"};
    int32_t first = zone_day(w->rules->zone, clock->started_ms) + 1;
    char from[DAY_TEXT_BYTES], to[DAY_TEXT_BYTES];
    int counted = 0;
    for (int32_t day = first; day <= clock->last_day; day++) {
        enum day_kind kind = calendar_kind(w->rules->calendar, day);
        int32_t end = day;
        if (clock_day(clock, w->rules, day).counted) {
            counted++;
            continue;
        }
        while (end < clock->last_day && calendar_kind(w->rules->calendar, end + 1) == kind && !clock_day(clock, w->rules, end + 1).counted) end++;
        day_print(from, day);
        day_print(to, end);
        say(w->zh, "%s 至 %s:%s,不计。", from, to, zh[kind]);
        say(w->en, "%s to %s: %s, not counted.", from, to, day_kind_name(kind));
        day = end;
    }
    say(w->zh, "起始日之后计入 %d 日。", counted);
    say(w->en, "%d days after the first are counted.", counted);
}

static void say_outcome(const struct words *w, const struct clock *clock)
{
    static const char *const zh[] = {"进行中", "挂起中", "按时", "超期", "已逾期未办", "取消"};
    char at[MOMENT_BYTES] = "";
    bool stopped = clock->outcome == CLOCK_MET || clock->outcome == CLOCK_MISSED;
    if (stopped) moment(at, w->rules->zone, clock->stopped_ms);
    say(w->zh, "结果:%s%s%s。", zh[clock->outcome], stopped ? "," : "", at);
    say(w->en, "Outcome: %s%s%s.", clock_outcome_name(clock->outcome), stopped ? ", " : "", at);
}

static void say_due(const struct words *w, const struct clock *clock)
{
    static const char *const zh[] = {"以本系统计算为准", "以平台所定为准", "以较早者为准"};
    static const char *const en[] = {"ours counts", "theirs counts", "the earlier counts"};
    char ours[MOMENT_BYTES], theirs[MOMENT_BYTES];
    if (!clock->stated_ms) return;
    enum due_counts due = w->rules->policy->due;
    moment(ours, w->rules->zone, clock->ours_ms);
    moment(theirs, w->rules->zone, clock->theirs_ms);
    say(w->zh, "平台所定期限 %s,本系统计算 %s:%s。", theirs, ours, zh[due]);
    say(w->en, "The platform says %s, our count says %s: by policy %s.", theirs, ours, en[due]);
}

void certificate_put_words(json_t *certificate, const struct rules *rules, const struct fold *fold)
{
    struct words w = {json_array(), json_array(), rules, fold};
    say_head(&w);
    say_notices(&w, json_object_get(json_object_get(certificate, "rules"), "notices"));
    for (size_t i = 0; i < fold->traces; i++) say_step(&w, &fold->trace[i]);
    for (size_t i = 0; i < fold->clocks; i++) {
        say_limit(&w, &fold->clock[i]);
        say_days(&w, &fold->clock[i]);
        say_due(&w, &fold->clock[i]);
        say_outcome(&w, &fold->clock[i]);
    }
    json_object_set_new_nocheck(certificate, "words", json_pack("{s:o,s:o}", "zh", w.zh, "en", w.en));
}
