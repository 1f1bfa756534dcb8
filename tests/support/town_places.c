/* The town's units, subjects, services and people (town_places.h). People are
 * made from their index: names, numbers and addresses belong to nobody. */
#include "town_places.h"

#include <stdio.h>
#include <string.h>

/* chengguan is busy and late, shequ exemplary. */
const struct town_unit town_units[TOWN_UNITS] = {
    {"wuye", 240, 90, 60, 620, 50},       /* 物业管理 */
    {"chengguan", 480, 300, 150, 480, 90}, /* 城管 */
    {"shequ", 40, 5, 0, 930, 5},          /* 社区事务受理 */
    {"lvhua", 200, 60, 40, 750, 40},      /* 绿化市容 */
    {"shuiwu", 150, 50, 30, 780, 40},     /* 水务 */
    {"shichang", 260, 100, 60, 600, 60},  /* 市场监管 */
    {"renshe", 220, 70, 50, 560, 50},     /* 人社 */
    {"minzheng", 120, 40, 20, 800, 20},   /* 民政 */
    {"gongan", 160, 50, 30, 700, 40},     /* 公安 */
    {"jiaotong", 280, 110, 70, 520, 70},  /* 交通 */
    {"jiedao-01", 180, 70, 40, 680, 40},  /* 街道 */
    {"jiedao-02", 320, 120, 90, 600, 60},
};

const struct town_item town_items[TOWN_ITEMS] = {
    {"property", 0, {"小区电梯故障", "物业费收取不明", "地下车库漏水", "门禁损坏无人维修"}},
    {"housing", 0, {"公共维修资金使用咨询", "房屋外墙渗水", "加装电梯意见征询", "二次供水水箱未清洗"}},
    {"street", 1, {"占道设摊影响通行", "违法搭建举报", "共享单车乱停放", "建筑垃圾堆放"}},
    {"noise", 1, {"夜间施工噪声扰民", "广场舞噪声扰民", "餐饮店油烟扰民", "沿街音响噪声"}},
    {"greening", 3, {"树木遮挡采光", "绿化带被毁", "行道树倒伏", "小区虫害"}},
    {"water", 4, {"自来水浑浊", "下水道堵塞", "道路积水", "河道有异味"}},
    {"consumer", 5, {"预付卡不退款", "购买到过期食品", "价格标示不清", "健身房停业退费"}},
    {"labour", 6, {"拖欠工资", "社保补缴咨询", "工伤认定进度", "技能补贴申请"}},
    {"elderly", 7, {"长护险申请咨询", "老年助餐点意见", "养老院床位咨询", "高龄津贴未到账"}},
    {"household", 8, {"户口迁移咨询", "居住证办理进度", "群租扰民", "电动车楼道充电"}},
    {"traffic", 9, {"公交班次过少", "路口信号灯配时不合理", "机动车占用消防通道", "道路护栏损坏"}},
    {"service", 2, {"办事材料清单咨询", "预约号源不足", "窗口办理时间咨询", "对窗口工作人员的表扬"}},
    {"neighbour", 10, {"楼道堆物", "邻里宠物扰民", "高空抛物", "活动室开放时间建议"}},
    {"rubbish", 11, {"垃圾分类投放时间不便", "垃圾房异味", "大件垃圾清运", "误时投放点设置建议"}},
};
const uint16_t town_item_weights[TOWN_ITEMS] = {150, 60, 160, 120, 60, 50, 90, 50, 30, 60, 70, 40, 35, 25};

const struct town_service town_services[TOWN_SERVICES] = {
    {"residence-permit", 8}, {"social-security-card", 2}, {"household-register", 8}, {"business-licence", 5},
    {"medical-insurance", 2}, {"elderly-card", 7}, {"employment-register", 6}, {"food-permit", 5},
    {"marriage-register", 7}, {"rent-subsidy", 2},
};
const uint16_t town_service_weights[TOWN_SERVICES] = {150, 200, 80, 90, 220, 60, 80, 40, 30, 50};

static const char *const roads[] = {"虹梅南路", "莲花南路", "龙州路", "梅陇路", "罗阳路", "春申路", "上中西路", "益梅路"};

const char *town_road(struct dice *dice)
{
    return roads[dice_below(dice, sizeof roads / sizeof roads[0])];
}

/* GB 11643 check character of the first 17 digits. */
static char check_character(const char digits[17])
{
    static const int factors[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (int i = 0; i < 17; i++)
        sum += (digits[i] - '0') * factors[i];
    return "10X98765432"[sum % 11];
}

/* `value` as `width` digits, no end mark. */
static void put_digits(char *to, uint32_t value, int width)
{
    while (width-- > 0) {
        to[width] = (char)('0' + value % 10);
        value /= 10;
    }
}

struct town_person town_person(uint32_t index)
{
    static const char surnames[] = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高";
    static const char given[] = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华";
    enum { CHARACTER = 3 }; /* bytes of one of these in UTF-8 */
    struct dice dice = {index * UINT64_C(2654435761) + 12345};
    struct town_person person;

    char *end = person.name;
    memcpy(end, surnames + CHARACTER * dice_below(&dice, sizeof surnames / CHARACTER), CHARACTER);
    end += CHARACTER;
    if (index % 500 == 7) { /* beyond the Basic Multilingual Plane */
        memcpy(end, "𠮷", 4);
        end += 4;
    }
    for (uint32_t n = 1 + (dice_below(&dice, 3) > 0); n > 0; n--, end += CHARACTER)
        memcpy(end, given + CHARACTER * dice_below(&dice, sizeof given / CHARACTER), CHARACTER);
    *end = '\0';

    memcpy(person.phone, "13", 2);
    put_digits(person.phone + 2, dice_below(&dice, 1000000000), 9);
    person.phone[11] = '\0';

    memcpy(person.id_no, "310112", 6);
    put_digits(person.id_no + 6, (uint32_t)dice_between(&dice, 1940, 2005), 4);
    put_digits(person.id_no + 10, (uint32_t)dice_between(&dice, 1, 12), 2);
    put_digits(person.id_no + 12, (uint32_t)dice_between(&dice, 1, 28), 2);
    put_digits(person.id_no + 14, dice_below(&dice, 1000), 3);
    person.id_no[17] = check_character(person.id_no);
    person.id_no[18] = '\0';
    return person;
}
