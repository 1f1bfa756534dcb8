/* Sentences. Numbers are those that the probability rests on, so that a handler can
 * check them; what is said of a case besides its pace is not weighed. */
#include "sla/outlook_words.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sla/case_json.h"

enum { PHRASE_BYTES = 64, FACTS_BYTES = 256 };
#define ORDER_MIN 0.55 /* below it the order of warnings is as good as chance */

__attribute__((format(printf, 2, 3))) static void say(json_t *lines, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    json_t *line = json_vsprintf(format, args);
    va_end(args);
    json_array_append_new(lines, line ? line : json_string("?"));
}

static const char *english_unit(enum limit_unit unit)
{
    static const char *const words[] = {"working days", "days", "working hours", "hours"};
    return words[unit];
}

static const char *chinese_unit(enum limit_unit unit)
{
    static const char *const words[] = {"个工作日", "天", "个工作小时", "小时"};
    return words[unit];
}

static int unit_bytes(struct text unit, const char *none) { return unit.bytes ? (int)unit.bytes : (int)strlen(none); }
static const char *unit_text(struct text unit, const char *none) { return unit.bytes ? unit.at : none; }

/* --- a case --- */

static void say_median(const struct prospect *prospect, double median, int answers, json_t *zh, json_t *en)
{
    static const char none_en[] = "the dispatcher (no unit)", none_zh[] = "派单员(未派)";
    enum limit_unit unit = prospect->rule->limit.unit;
    const char *name_en = unit_text(prospect->unit, none_en), *name_zh = unit_text(prospect->unit, none_zh);
    int bytes_en = unit_bytes(prospect->unit, none_en), bytes_zh = unit_bytes(prospect->unit, none_zh);
    double amount = median * prospect->course.stride;
    if (median < 0) {
        say(en, "With %.*s half of such cases take more than %d %s (%d answered so far).", bytes_en, name_en,
            (COURSE_STEPS - 2) * prospect->course.stride, english_unit(unit), answers);
        say(zh, "%.*s办理此类工单半数以上超过 %d %s(已答复 %d 件)。", bytes_zh, name_zh, (COURSE_STEPS - 2) * prospect->course.stride,
            chinese_unit(unit), answers);
    } else if (median == 0) {
        say(en, "%.*s answers half of such cases on the day of receipt (%d answered so far).", bytes_en, name_en, answers);
        say(zh, "%.*s办理此类工单半数当天答复(已答复 %d 件)。", bytes_zh, name_zh, answers);
    } else {
        say(en, "%.*s answers such cases in %.1f %s at the median (%d answered so far).", bytes_en, name_en, amount, english_unit(unit), answers);
        say(zh, "%.*s办理此类工单的中位时间为 %.1f %s(已答复 %d 件)。", bytes_zh, name_zh, amount, chinese_unit(unit), answers);
    }
}

/* Never all or none. */
static const char *of_100(char text[PHRASE_BYTES], double probability)
{
    int n = (int)lround(probability * 100);
    if (n >= 100) return "more than 99 of 100";
    if (n < 1) return "fewer than 1 of 100";
    snprintf(text, PHRASE_BYTES, "%d of 100", n);
    return text;
}

static const char *of_100_chinese(char text[PHRASE_BYTES], double probability)
{
    int n = (int)lround(probability * 100);
    if (n >= 100) return "100 件中有 99 件以上";
    if (n < 1) return "100 件中不到 1 件";
    snprintf(text, PHRASE_BYTES, "100 件中有 %d 件", n);
    return text;
}

static void say_pace(const struct outlook *outlook, const struct prospect *prospect, json_t *zh, json_t *en)
{
    char phrase[PHRASE_BYTES];
    enum limit_unit unit = prospect->rule->limit.unit;
    double gone = course_gone(&prospect->course), left = course_left(&prospect->course);
    int own = pace_open(outlook_pace(outlook), prospect->circle, prospect->course.step);
    say(en, "%.1f %s are gone, %.1f are left: %s like it that were still open then came too late.", gone, english_unit(unit), left,
        of_100(phrase, prospect->probability));
    say(zh, "已过 %.1f %s,剩 %.1f:此时仍未办结的同类工单,%s超期。", gone, chinese_unit(unit), left,
        of_100_chinese(phrase, prospect->probability));
    if (own >= PACE_FEW) return;
    say(en, "Few examples: %d of this unit's own were open as long; the pace of the whole class counts for most.", own);
    say(zh, "样本少:该单位此时仍未办结的同类工单仅 %d 件,主要参照全部同类工单。", own);
}

static void add_fact(char *facts, const char *separator, const char *what, unsigned n, const char *times)
{
    size_t used = strlen(facts);
    if (n) snprintf(facts + used, FACTS_BYTES - used, "%s%s %u%s", used ? separator : "", what, n, times);
}

static void say_facts(const struct prospect *prospect, json_t *zh, json_t *en)
{
    const struct {
        unsigned n;
        const char *english, *chinese;
    } fact[] = {{prospect->reopened, "reopened", "重办"},   {prospect->transferred, "transferred", "转派"}, {prospect->returned, "returned", "退单"},
                {prospect->suspended, "suspended", "挂起"}, {prospect->extended, "extended", "延期"},       {prospect->urged, "urged", "催单"},
                {prospect->supervised, "supervised", "督办"}};
    char english[FACTS_BYTES] = "", chinese[FACTS_BYTES] = "";
    for (size_t i = 0; i < sizeof fact / sizeof *fact; i++) {
        add_fact(english, ", ", fact[i].english, fact[i].n, fact[i].n == 1 ? " time" : " times");
        add_fact(chinese, "、", fact[i].chinese, fact[i].n, " 次");
    }
    if (!*english) return;
    say(en, "So far %s.", english);
    say(zh, "此前:%s。", chinese);
}

void outlook_reasons(const struct outlook *outlook, const struct prospect *prospect, json_t *zh, json_t *en)
{
    const struct pace *pace = outlook_pace(outlook);
    say_median(prospect, pace_median(pace, prospect->circle), pace_answers(pace, prospect->circle), zh, en);
    say_pace(outlook, prospect, zh, en);
    say_facts(prospect, zh, en);
}

/* --- the score --- */

static const char *percent(char text[PHRASE_BYTES], double share)
{
    if (share < 0) snprintf(text, PHRASE_BYTES, "–");
    else snprintf(text, PHRASE_BYTES, "%.0f %%", share * 100);
    return text;
}

static void say_rule(const char *english, const char *chinese, const struct warnings *found, json_t *zh, json_t *en)
{
    char precision[PHRASE_BYTES], recall[PHRASE_BYTES];
    percent(precision, found->precision);
    percent(recall, found->recall);
    say(en, "%s: %u warned of, %u of them came late (%s right); %s of all late ones were warned of, %.1f working hours before their deadline at the median.",
        english, found->warned, found->right, precision, recall, found->lead_minutes > 0 ? found->lead_minutes / 60.0 : 0);
    say(zh, "%s:预警 %u 件,其中超期 %u 件(准确率 %s);超期工单中 %s 已预警,中位提前 %.1f 个工作小时。", chinese, found->warned, found->right, precision,
        recall, found->lead_minutes > 0 ? found->lead_minutes / 60.0 : 0);
}

static void say_tested(const struct outlook *outlook, json_t *zh, json_t *en)
{
    char from[DAY_TEXT_BYTES], to[DAY_TEXT_BYTES];
    const struct hindsight *hindsight = &outlook->hindsight;
    day_print(from, zone_day(outlook->rules->zone, hindsight->start_ms[hindsight->months]));
    day_print(to, zone_day(outlook->rules->zone, outlook->now_ms));
    say(en, "Tested on %s to %s, each month judged by what was known before it: %u cases, %u of them late.", from, to, outlook->score.cases,
        outlook->score.late);
    say(zh, "检验期 %s 至 %s(每月只用此前已知的数据):%u 件,其中超期 %u 件。", from, to, outlook->score.cases, outlook->score.late);
}

/* A rule that warns later is more often right. Only this tells whether more is known than the time that is gone. */
static void say_order(const struct score *score, json_t *zh, json_t *en)
{
    int pairs = (int)lround(score->order * 100);
    if (score->order < 0) return;
    say(en, "Of a late and a timely case, half of the limit gone for both, the late one had the higher probability in %d of 100 pairs (chance: 50)%s", pairs,
        score->order < ORDER_MIN ? ": little more is known here than the time that is gone." : ".");
    say(zh, "期限同样过半时,超期工单的概率高于按时工单的占 %d %%(随机为 50 %%)%s", pairs, score->order < ORDER_MIN ? ":此处预警所知与已过时间相差无几。" : "。");
}

void outlook_accuracy(const struct outlook *outlook, json_t *zh, json_t *en)
{
    char english[PHRASE_BYTES], chinese[PHRASE_BYTES];
    say_tested(outlook, zh, en);
    if (!outlook->judged) {
        say(en, "Too little to say how right such warnings are.");
        say(zh, "数据太少,无法说明预警是否准确。");
        return;
    }
    snprintf(english, sizeof english, "Warnings from %.2f on", outlook->score.model.threshold);
    snprintf(chinese, sizeof chinese, "概率 %.2f 起预警", outlook->score.model.threshold);
    say_rule(english, chinese, &outlook->score.model, zh, en);
    say_rule("The plain rule, half of the limit is gone", "简单规则(期限过半)", &outlook->score.plain, zh, en);
    say_order(&outlook->score, zh, en);
}
