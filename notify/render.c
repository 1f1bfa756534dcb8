/* bihuan-notify render: a notice filled in as it would be sent now. Sends and writes nothing. */
#include <stdio.h>
#include <string.h>

#include "sla/envelope.h"
#include "notify/verbs.h"
#include "sla/case_json.h"
#include "sla/look.h"

static const char *step_option;
const struct options_extra render_extras[] = {{"step", &step_option, NULL}, {NULL, NULL, NULL}};

static bool is_asked_for(const struct policy_step *step, int day)
{
    char text[STEP_TEXT_BYTES];
    step_print(text, step, day);
    return !step_option || !strcmp(step_option, text) || !strcmp(step_option, step->name);
}

/* The step asked for; without one, the first of the clock's ladder. "escalate-d2" names a day of a repeated step. */
static const struct policy_step *find_step(const struct policy *policy, const struct policy_clock *ladder, int *day)
{
    for (int i = 0; i < ladder->steps; i++) {
        const struct policy_step *step = &policy->step[ladder->first_step + i];
        int first = step->when == STEP_WORKDAYS_AFTER ? step->n : step->when == STEP_ON_EVENT;
        int last = step->when == STEP_WORKDAYS_AFTER ? step->until : first;
        for (*day = first; *day <= last; ++*day)
            if (is_asked_for(step, *day)) return step;
    }
    return NULL;
}

/* The clock whose ladder has it: the latest that does; without a step asked for, the latest. */
static const struct clock *find_clock(const struct policy *policy, const struct fold *fold, const struct policy_step **step, int *day)
{
    for (size_t i = fold->clocks; i-- > 0;) {
        *step = find_step(policy, fold->clock[i].ladder, day);
        if (*step) return &fold->clock[i];
    }
    return NULL;
}

static int print_notice(const struct look *look, const struct envelope *envelope)
{
    const struct fold *fold = envelope->fold;
    char id[NOTICE_ID_BYTES];
    int day = 0;
    if (fold->class < 0 || fold->clocks == 0) {
        fprintf(stderr, "bihuan-notify render: this case has no clock, so no notice\n");
        return EXIT_FAILED;
    }
    const struct policy_step *step;
    const struct clock *clock = find_clock(envelope->rules->policy, fold, &step, &day);
    if (!clock) {
        fprintf(stderr, "bihuan-notify render: no clock of this case has a step %s\n", step_option ? step_option : "at all");
        return EXIT_FAILED;
    }
    struct demand demand = {.kind = DEMAND_NOTICE, .clock = clock, .step = step, .unit = clock->unit.bytes ? clock->unit : fold->unit};
    demand.told = (struct told){.kind = TOLD_NOTICE, .clock = clock->rule->told_as, .step = step->told_as,
                                .day = (uint8_t)day, .which = clock->which, .deadline_ms = clock->deadline_ms};
    demand.told.id = demand_notice_key(&demand.told);
    demand_id(id, envelope->file, &demand);
    json_t *object = envelope_notice(envelope, &demand, id);
    if (look->options->json) {
        json_print_line(stdout, object);
    } else {
        json_dumpf(object, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(object);
    return EXIT_OK;
}

/* A ticket of that name, or else a rating. */
static int render(struct look *look, struct text id)
{
    struct case_file file = {.id = id};
    struct pool pool = {0};
    struct fold fold = {0};
    redisReply *reply = store_case(&look->store, OF_TICKET, id);
    if (reply && reply->type != REDIS_REPLY_STRING) {
        freeReplyObject(reply);
        file.of = OF_RATING;
        reply = store_case(&look->store, OF_RATING, id);
    }
    int code = EXIT_FAILED;
    const char *fault = reply && reply->type == REDIS_REPLY_STRING ? case_decode(reply->str, (size_t)reply->len, &file, &pool) : "no such case";
    if (!reply) {
        code = look_failed(look);
    } else if (fault) {
        fprintf(stderr, "bihuan-notify render: \"%.*s\": %s\n", (int)id.bytes, id.at, fault);
    } else {
        struct envelope envelope = {&file, &fold, rulebook_bind(look->store.book, &file), clock_business_ms(&look->store.clock)};
        fold_case(&fold, envelope.rules, &file, envelope.now_ms);
        code = print_notice(look, &envelope);
    }
    if (reply) freeReplyObject(reply);
    case_clear(&file);
    fold_free(&fold);
    pool_free(&pool);
    return code;
}

int notify_render(const struct options *options)
{
    struct look look;
    int code = look_open(&look, options);
    if (code != EXIT_OK) return code;
    code = render(&look, (struct text){options->operands[0], strlen(options->operands[0])});
    look_close(&look);
    return code;
}
