/* An alert in words, for every channel and in both languages. */
#include "notify/words.h"
#include "tests/unit/appealing.h"

static struct config config;
static struct config_endpoint endpoint = {.name = (char *)(uintptr_t)"x"};
static struct words *words[2];
static struct zone zone;
static struct appeals appeals;
static struct message message;

static void burst_of(unsigned citizens, struct text item)
{
    appeals = (struct appeals){.of = OF_PLACE, .item = item, .area = TEXT("310112")};
    for (unsigned i = 0; i < citizens; i++) {
        struct appeal appeal = appeal_by(i);
        appeals_add(&appeals, &pool, &appeal, noon_ms + i * 60000, numbered(i));
    }
}

static const struct message *put(int language, int channel)
{
    struct case_file told = {0};
    struct demands demands;
    const struct rules zoned = {.zone = &zone};
    const struct alert alert = {TEXT("PLACE"), &appeals, &rules, &zone, noon_ms + HOUR_MS};
    const struct envelope envelope = {.rules = &zoned, .now_ms = noon_ms + HOUR_MS};
    clusters_owed(&demands, &appeals, &told, &rules, noon_ms + HOUR_MS, &pool);
    assert_int_equal(demands.count, 1);
    struct wording wording = {.envelope = &envelope, .demand = &demands.at[0], .alert = &alert, .id = "ntc_1", .seen_link = "", .signed_link = ""};
    endpoint.channel = channel;
    words_notice(words[language], &endpoint, &wording, &message, &pool);
    return &message;
}

static bool says(const char *text, const char *what)
{
    return strstr(text, what) != NULL;
}

static void an_alert_says_how_many_about_what_since_when(void **state)
{
    (void)state;
    burst_of(3, TEXT("noise"));
    const struct message *en = put(LANGUAGE_EN, CHANNEL_EMAIL);
    assert_true(says(en->body, "From 15 Oct 12:00 to 15 Oct 12:02, 3 citizens appealed about \"noise\" in 310112."));
    assert_true(says(en->html, "<li>ML2024101500000</li>") && says(en->subject, "noise: 3 citizens") && !en->calendar);
    assert_true(says(en->body, "ML2024101500002") && !says(en->body, "the first 10"));
    assert_string_equal(en->key, "PLACE");
    const struct message *zh = put(LANGUAGE_ZH, CHANNEL_WECOM);
    assert_true(says(zh->body, "10\u670815\u65E512:00\u81F310\u670815\u65E512:02\uFF0C310112\u6709 3 \u540D\u7FA4\u4F17\u53CD\u6620\u201Cnoise\u201D\u95EE\u9898"));
    assert_true(says(put(LANGUAGE_ZH, CHANNEL_SMS)->body, "3 \u540D\u7FA4\u4F17") && says(put(LANGUAGE_EN, CHANNEL_SMS)->body, "3 citizens"));
}

static void of_many_cases_the_first_are_named(void **state)
{
    (void)state;
    burst_of(15, TEXT("<@all>"));
    const struct message *en = put(LANGUAGE_EN, CHANNEL_DINGTALK);
    assert_true(says(en->body, "15 citizens") && says(en->body, "(the first 10)") && says(en->body, "ML2024101500009") && !says(en->body, "ML2024101500010"));
    assert_false(says(en->body, "<@") || says(put(LANGUAGE_ZH, CHANNEL_FEISHU)->body, "<@"));
    assert_true(says(put(LANGUAGE_EN, CHANNEL_EMAIL)->html, "&lt;@all&gt;"));
}

static int open_all(void **state)
{
    (void)state;
    config_defaults(&config);
    for (int language = 0; language < 2; language++) {
        config.notify.language = language;
        words[language] = words_open(&config, true, NULL);
        if (!words[language]) return 1;
    }
    return zone_load(&zone, "Asia/Shanghai") ? 0 : 1;
}

static int close_all(void **state)
{
    (void)state;
    words_close(words[0]);
    words_close(words[1]);
    config_free(&config);
    pool_free(&pool);
    buffer_free(&blob);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_alert_says_how_many_about_what_since_when), cmocka_unit_test(of_many_cases_the_first_are_named)};
    return cmocka_run_group_tests(tests, open_all, close_all);
}
