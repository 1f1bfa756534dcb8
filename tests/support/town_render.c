/* Happenings as canonical CloudEvents (town_render.h), built with Jansson.
 *
 * Made for bulk: values that recur are made once and shared, and strings known
 * to be UTF-8 go in unchecked. The citizen's text now and then holds what must
 * not get through: telephone and ID numbers, e-mail addresses. */
#include "town_render.h"

#include "town_calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SHARED = 192, MAX_ID_BYTES = 32, MAX_TIME_BYTES = 32, MAX_TEXT_BYTES = 4096, MAX_ADDRESS_BYTES = 128, PEOPLE = 20000 };

/* Shared values, found by the address of their text: only literals go here. */
static struct {
    const char *text;
    json_t *value;
} shared[MAX_SHARED];

void town_render_open(void)
{
    memset(shared, 0, sizeof shared);
}

void town_render_close(void)
{
    for (size_t i = 0; i < MAX_SHARED; i++)
        json_decref(shared[i].value);
    memset(shared, 0, sizeof shared);
}

/* A new reference to the string of a literal. */
static json_t *literal(const char *text)
{
    size_t slot = ((uintptr_t)text >> 2) % MAX_SHARED;
    for (size_t tries = 0; tries < MAX_SHARED; tries++, slot = (slot + 1) % MAX_SHARED) {
        if (!shared[slot].text) {
            shared[slot].text = text;
            shared[slot].value = json_string_nocheck(text);
        }
        if (shared[slot].text == text)
            return json_incref(shared[slot].value);
    }
    return json_string_nocheck(text);
}

static void put(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new_nocheck(object, key, value) != 0) {
        fputs("town: out of memory\n", stderr);
        abort();
    }
}

static void put_literal(json_t *object, const char *key, const char *text)
{
    put(object, key, literal(text));
}

static void put_bool(json_t *object, const char *key, bool value)
{
    put(object, key, json_boolean(value));
}

static char *digits(char *to, uint32_t value, int width)
{
    for (int i = width; i-- > 0; value /= 10)
        to[i] = (char)('0' + value % 10);
    return to + width;
}

/* local_ms as RFC 3339, +08:00, or in UTC with milliseconds. */
static json_t *time_value(int64_t local_ms, bool utc)
{
    int64_t ms = utc ? local_ms - 8 * hour_ms : local_ms;
    int32_t day = (int32_t)(ms / day_ms), second = (int32_t)(ms % day_ms / 1000);
    int year, month, month_day;
    town_date(day, &year, &month, &month_day);
    char text[MAX_TIME_BYTES], *end = digits(text, (uint32_t)year, 4);
    *end++ = '-';
    end = digits(end, (uint32_t)month, 2);
    *end++ = '-';
    end = digits(end, (uint32_t)month_day, 2);
    *end++ = 'T';
    end = digits(end, (uint32_t)second / 3600, 2);
    *end++ = ':';
    end = digits(end, (uint32_t)second / 60 % 60, 2);
    *end++ = ':';
    end = digits(end, (uint32_t)second % 60, 2);
    if (utc) {
        memcpy(end, ".000Z", 5);
        end += 5;
    } else {
        memcpy(end, "+08:00", 6);
        end += 6;
    }
    return json_stringn_nocheck(text, (size_t)(end - text));
}

/* ML tickets, PJ ratings of the hall, HP ratings of a ticket. */
static size_t case_id(char id[MAX_ID_BYTES], const char *prefix, struct town_case of)
{
    int year, month, month_day;
    town_date(of.day, &year, &month, &month_day);
    char *end = id;
    memcpy(end, prefix, 2);
    end = digits(end + 2, (uint32_t)year, 4);
    end = digits(end, (uint32_t)month, 2);
    end = digits(end, (uint32_t)month_day, 2);
    end = digits(end, of.number, of.number > 99999 ? 9 : 5);
    *end = '\0';
    return (size_t)(end - id);
}

static json_t *case_value(const char *prefix, struct town_case of)
{
    char id[MAX_ID_BYTES];
    size_t bytes = case_id(id, prefix, of);
    return json_stringn_nocheck(id, bytes);
}

static struct town_person caller(struct dice *dice)
{
    /* The smaller numbers call again and again. */
    return town_person(dice_below(dice, dice_below(dice, PEOPLE) + 1));
}

static json_t *citizen_value(const struct town_person *person, bool with_id)
{
    json_t *citizen = json_object();
    put(citizen, "name", json_string_nocheck(person->name));
    put(citizen, "phone", json_string_nocheck(person->phone));
    if (with_id)
        put(citizen, "id_no", json_string_nocheck(person->id_no));
    return citizen;
}

static json_t *complaint_value(struct dice *dice, const char *title, const char *address,
                               const struct town_person *person)
{
    char text[MAX_TEXT_BYTES];
    size_t end = (size_t)snprintf(text, sizeof text, "市民%s反映：%s%s，已持续%d天，希望尽快核实处理并答复。", person->name,
                                  address, title, dice_between(dice, 1, 40));
    if (dice_chance(dice, 120))
        end += (size_t)snprintf(text + end, sizeof text - end, "联系电话%s。", person->phone);
    if (dice_chance(dice, 15))
        end += (size_t)snprintf(text + end, sizeof text - end, "身份证号%s。", person->id_no);
    if (dice_chance(dice, 15))
        end += (size_t)snprintf(text + end, sizeof text - end, "回复请发 wang%u@example.com 。", dice_below(dice, 10000));
    if (dice_chance(dice, 8))
        for (int n = 0; n < 30; n++)
            end += (size_t)snprintf(text + end, sizeof text - end, "此前已多次来电，均未得到解决；\n");
    return json_stringn_nocheck(text, end);
}

static void put_address(char address[MAX_ADDRESS_BYTES], struct dice *dice)
{
    const char *road = town_road(dice);
    int32_t lane = dice_between(dice, 1, 1800), house = dice_between(dice, 1, 120);
    int32_t floor = dice_between(dice, 1, 18), door = dice_between(dice, 1, 4);
    snprintf(address, MAX_ADDRESS_BYTES, "%s%d弄%d号%d室", road, lane, house, floor * 100 + door);
}

static void fill_received(json_t *data, const struct town_happening *happening, struct dice *dice)
{
    static const char *const channels[] = {"phone", "wechat", "app", "web"};
    static const uint16_t channel_weights[] = {700, 130, 100, 70};
    static const char *const urgencies[] = {"normal", "urgent", "critical"};
    static const uint16_t urgency_weights[] = {930, 60, 10};
    const struct town_item *item = &town_items[happening->item];
    struct town_person person = caller(dice);
    const char *title = item->titles[dice_below(dice, 4)];
    char address[MAX_ADDRESS_BYTES];
    put_address(address, dice);

    put_literal(data, "channel", channels[dice_weighted(dice, channel_weights, 4)]);
    put_literal(data, "kind", town_kind_names[happening->kind]);
    put_bool(data, "simple", happening->simple);
    put_literal(data, "urgency", urgencies[dice_weighted(dice, urgency_weights, 3)]);
    put_literal(data, "item", item->code);
    put_literal(data, "area", "310112");
    put_literal(data, "title", title);
    put(data, "text", complaint_value(dice, title, address, &person));
    put(data, "address", json_string_nocheck(address));
    if (happening->unit != NO_UNIT)
        put_literal(data, "unit", town_units[happening->unit].code);
    put(data, "citizen", citizen_value(&person, dice_chance(dice, 400)));
}

/* One to three codes of these stars: 5 stars 510-517, 4 406-413, ... 1 108-115. */
static json_t *reasons_value(const struct town_happening *happening, struct dice *dice)
{
    json_t *reasons = json_array();
    if (happening->is_default) {
        json_array_append_new(reasons, literal("510"));
        json_array_append_new(reasons, literal("517"));
        return reasons;
    }
    static const uint32_t first_codes[] = {0, 108, 207, 307, 406, 510};
    uint32_t offset = dice_below(dice, 8), count = 1 + dice_below(dice, 3);
    for (uint32_t i = 0; i < count; i++) {
        char code[3];
        digits(code, first_codes[happening->satisfaction] + (offset + 3 * i) % 8, 3);
        json_array_append_new(reasons, json_stringn_nocheck(code, sizeof code));
    }
    return reasons;
}

static void fill_rating(json_t *data, const struct town_happening *happening, struct dice *dice)
{
    static const char *const channels[] = {"pc", "mobile", "qr", "tablet", "terminal"};
    static const uint16_t channel_weights[] = {120, 350, 180, 300, 50};
    static const char *const texts[6] = {
        "", "排队两小时，材料要求与网上不一致", "等候时间太长，解释不清楚", "基本可以", "办理较快", "服务热情，一次办好",
    };
    bool linked = happening->other.number != 0;
    put(data, "satisfaction", json_integer(happening->satisfaction));
    put(data, "reasons", reasons_value(happening, dice));
    bool silent = happening->is_default || dice_chance(dice, 600);
    put_literal(data, "text", texts[silent ? 0 : happening->satisfaction]);
    put_literal(data, "channel", linked ? "mobile" : channels[dice_weighted(dice, channel_weights, 5)]);
    put_literal(data, "item", linked ? town_items[happening->item].code : town_services[happening->item].code);
    put_literal(data, "area", "310112");
    put_literal(data, "unit", town_units[happening->unit].code);
    if (linked)
        put(data, "case", case_value("ML", happening->other));
    else
        put(data, "project_no", case_value("XM", happening->of));
    put_bool(data, "default", happening->is_default);
    put_bool(data, "named", happening->named);
    if (happening->named) {
        struct town_person person = caller(dice);
        put(data, "citizen", citizen_value(&person, true));
    }
}

/* One of the three reasons usual for the step. */
static const char *reason(enum town_type type, struct dice *dice)
{
    static const char *const reasons[TOWN_TYPES][3] = {
        [TICKET_TRANSFERRED] = {"属其他部门职责", "管辖区域调整", "需专业部门处置"},
        [TICKET_RETURNED] = {"不属本单位职责", "地址不详，请核实", "诉求重复派单"},
        [TICKET_SUSPENDED] = {"等待第三方检测", "市民出差，约定回沪后处理", "等待采购配件"},
        [TICKET_RESUMED] = {"检测报告已出", "市民已返回", "配件已到"},
        [TICKET_EXTENSION_REQUESTED] = {"需多部门会商", "施工周期较长", "涉及历史资料核查"},
        [TICKET_EXTENSION_GRANTED] = {"情况属实，同意", "同意", "同意，须告知市民"},
        [TICKET_EXTENSION_REFUSED] = {"理由不充分", "应在时限内办结", "不同意"},
        [TICKET_URGED] = {"市民再次来电催办", "市民询问进度", "市民要求尽快联系"},
        [TICKET_SUPERVISED] = {"领导批示督办", "逾期督办", "媒体关注"},
        [TICKET_CLOSED] = {"已办结", "市民认可", "回访完成"},
        [TICKET_REOPENED] = {"市民不认可", "问题反复", "答复不完整"},
        [TICKET_VOIDED] = {"市民撤单", "误登记", "测试工单"},
        [RATING_VERIFIED] = {"情况属实", "部分属实", "情况不属实"},
        [RATING_RECTIFIED] = {"已调整窗口排班", "已培训人员", "已修订办事指南"},
        [RATING_APPEALED] = {"误评", "与本单位无关", "非真实办件"},
        [RATING_APPEAL_UPHELD] = {"误评属实", "申诉成立", "同意剔除"},
        [RATING_APPEAL_REJECTED] = {"申诉不成立", "证据不足", "评价有效"},
    };
    return reasons[type][dice_below(dice, 3)];
}

static void put_unit_and_reason(json_t *data, const struct town_happening *happening, struct dice *dice, bool unit)
{
    if (unit && happening->unit != NO_UNIT)
        put_literal(data, "unit", town_units[happening->unit].code);
    const char *text = reason(happening->type, dice);
    if (text)
        put_literal(data, "reason", text);
}

static void fill_dispatched(json_t *data, const struct town_happening *happening)
{
    put_literal(data, "unit", town_units[happening->unit].code);
    if (happening->co_unit != NO_UNIT)
        put(data, "co_units", json_pack("[o]", literal(town_units[happening->co_unit].code)));
    if (happening->due_ms)
        put(data, "due", time_value(happening->due_ms, false));
}

static void fill_answered(json_t *data, const struct town_happening *happening)
{
    if (happening->unit != NO_UNIT && !happening->direct)
        put_literal(data, "unit", town_units[happening->unit].code);
    put_literal(data, "outcome", happening->solved ? "solved" : "explained");
    put_bool(data, "direct", happening->direct);
    put_literal(data, "text", happening->solved ? "已现场处置完毕，市民表示认可。" : "已向市民解释相关政策。");
}

static void fill_called_back(json_t *data, const struct town_happening *happening)
{
    put_bool(data, "reached", happening->reached);
    if (!happening->reached)
        return;
    put(data, "satisfaction", json_integer(happening->satisfaction));
    if (happening->type == TICKET_CALLED_BACK)
        put_bool(data, "solved", happening->solved);
}

static json_t *data_value(const struct town_happening *happening)
{
    struct dice dice = {happening->wording};
    json_t *data = json_object();
    switch ((enum town_type)happening->type) {
    case TICKET_RECEIVED:
        fill_received(data, happening, &dice);
        break;
    case TICKET_AMENDED:
        put_literal(data, "kind", town_kind_names[happening->kind]);
        put_bool(data, "simple", happening->simple);
        break;
    case TICKET_DISPATCHED:
        fill_dispatched(data, happening);
        break;
    case TICKET_CONTACTED:
        put_unit_and_reason(data, happening, &dice, true);
        put_bool(data, "reached", happening->reached);
        break;
    case TICKET_EXTENSION_REQUESTED:
    case TICKET_EXTENSION_GRANTED:
    case TICKET_EXTENSION_REFUSED:
        put(data, "days", json_integer(happening->days));
        put_unit_and_reason(data, happening, &dice, false);
        break;
    case TICKET_URGED:
    case TICKET_SUPERVISED:
        put_literal(data, "by", happening->type == TICKET_URGED ? "citizen" : "supervision-office");
        put_unit_and_reason(data, happening, &dice, false);
        break;
    case TICKET_ANSWERED:
        fill_answered(data, happening);
        break;
    case TICKET_CALLED_BACK:
    case RATING_CALLED_BACK:
        fill_called_back(data, happening);
        break;
    case TICKET_MERGED:
        put(data, "into", case_value("ML", happening->other));
        break;
    case RATING_SUBMITTED:
        fill_rating(data, happening, &dice);
        break;
    case TICKET_RETURNED:
    case TICKET_SUSPENDED:
    case TICKET_RESUMED:
    case TICKET_CLOSED:
    case TICKET_REOPENED:
    case TICKET_VOIDED:
        put_unit_and_reason(data, happening, &dice, false);
        break;
    default: /* signed, transferred, the other steps of a rating */
        put_unit_and_reason(data, happening, &dice, true);
    }
    return data;
}

/* jiedao-02 signs and contacts in a system of its own, which writes UTC. */
static bool from_own_system(const struct town_happening *happening)
{
    return (happening->type == TICKET_SIGNED || happening->type == TICKET_CONTACTED) &&
           happening->unit == TOWN_UNITS - 1;
}

json_t *town_render(const struct town_happening *happening)
{
    bool rating = happening->type >= RATING_SUBMITTED, own = from_own_system(happening);
    const char *prefix = !rating ? "ML" : happening->other.number ? "HP" : "PJ";
    char id[MAX_ID_BYTES + 8];
    size_t bytes = case_id(id, prefix, happening->of);

    json_t *event = json_object();
    put_literal(event, "specversion", "1.0");
    json_t *subject = json_stringn_nocheck(id, bytes);
    id[bytes++] = '-';
    bytes = (size_t)(digits(id + bytes, happening->number, happening->number > 9 ? 2 : 1) - id);
    put(event, "id", json_stringn_nocheck(id, bytes));
    put_literal(event, "source", own ? "/oa/jiedao-02" : rating ? "/haochaping/meilong" : "/12345/meilong");
    put_literal(event, "type", town_type_names[happening->type]);
    put(event, "subject", subject);
    put(event, "time", time_value(happening->time_ms, own));
    put(event, "data", data_value(happening));
    return event;
}
