#ifndef BIHUAN_TESTS_WORDING_H
#define BIHUAN_TESTS_WORDING_H
/* Notices put into words by the shipped templates: endpoints of every kind, and demands of the life under way. */
#include "notify/words.h"
#include "tests/unit/lives.h"

static struct {
    struct config config;
    struct config_endpoint endpoint[9];
    struct words *words[2]; /* by enum config_language */
    struct pool pool;
    struct envelope envelope;
    struct demand demand;
    struct message message;
} wording_world;

static const char *const wording_endpoints[] = {"wecom", "dingtalk", "feishu", "wecom-text", "dingtalk-text", "feishu-text", "email", "sms", "webhook"};
enum { AT_WECOM, AT_DINGTALK, AT_FEISHU, AT_WECOM_TEXT, AT_DINGTALK_TEXT, AT_FEISHU_TEXT, AT_EMAIL, AT_SMS, AT_WEBHOOK, ATS };

static inline int wording_open(void)
{
    static const int channels[] = {CHANNEL_WECOM, CHANNEL_DINGTALK, CHANNEL_FEISHU, CHANNEL_WECOM, CHANNEL_DINGTALK, CHANNEL_FEISHU, CHANNEL_EMAIL, CHANNEL_SMS,
                                   CHANNEL_WEBHOOK};
    static char link[] = "https://platform.example.cn/case/{{of}}?id={{case}}";
    struct buffer faults;
    struct config *config = &wording_world.config;
    config_defaults(config);
    free(config->notify.case_link);
    config->notify.case_link = strdup(link);
    for (int i = 0; i < ATS; i++)
        wording_world.endpoint[i] = (struct config_endpoint){.name = (char *)(uintptr_t)wording_endpoints[i], .channel = channels[i],
                                                             .format = i >= AT_WECOM_TEXT && i <= AT_FEISHU_TEXT ? FORMAT_TEXT : FORMAT_MARKDOWN};
    buffer_init(&faults, 1 << 16);
    for (int language = LANGUAGE_ZH; language <= LANGUAGE_EN; language++) {
        config->notify.language = language;
        wording_world.words[language] = words_open(config, true, &faults);
        if (!wording_world.words[language]) return fprintf(stderr, "%s", buffer_text(&faults)), 1;
    }
    buffer_free(&faults);
    return 0;
}

static inline void wording_close(void)
{
    words_close(wording_world.words[0]);
    words_close(wording_world.words[1]);
    config_free(&wording_world.config);
    pool_free(&wording_world.pool);
}

/* The step of that name on the ladder of the clock; NULL name: none. */
static inline const struct policy_step *wording_step(const struct clock *clock, const char *name)
{
    for (int i = 0; name && i < clock->ladder->steps; i++) {
        const struct policy_step *step = &life.rules.policy->step[clock->ladder->first_step + i];
        if (strcmp(step->name, name) == 0) return step;
    }
    if (name) fail_msg("no step %s", name);
    return NULL;
}

/* A notice about a clock of the life's case as of an instant, ready for wording_at. */
static inline void wording_of(const char *now, const char *clock_name, const char *step_name, int day)
{
    const struct fold *fold = fold_at(now);
    const struct clock *clock = clock_named(fold, clock_name, 0);
    const struct policy_step *step = wording_step(clock, step_name);
    wording_world.envelope = (struct envelope){&life.file, fold, &life.rules, ms(now)};
    wording_world.demand = (struct demand){.kind = DEMAND_NOTICE, .clock = clock, .step = step, .unit = clock->unit.bytes ? clock->unit : fold->unit};
    wording_world.demand.told = (struct told){.kind = TOLD_NOTICE, .clock = clock->rule->told_as, .step = step ? step->told_as : 0, .day = (uint8_t)day,
                                              .which = clock->which, .deadline_ms = clock->deadline_ms};
}

/* Put into words for an endpoint; `more` has trial, elsewhere and links. */
static inline const struct message *wording_at(int language, int at, struct wording more)
{
    more.envelope = &wording_world.envelope;
    more.demand = &wording_world.demand;
    more.id = "ntc_1";
    if (!more.seen_link) more.seen_link = "";
    if (!more.signed_link) more.signed_link = "";
    words_notice(wording_world.words[language], &wording_world.endpoint[at], &more, &wording_world.message, &wording_world.pool);
    return &wording_world.message;
}

static inline bool says(const char *text, const char *what)
{
    return strstr(text, what) != NULL;
}
#endif
