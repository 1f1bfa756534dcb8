/* bihuan-notify lift: ends a silence early. What it held back is looked at at once.
 *
 * The trap: what was put off until its end waits in the outbox until then. So after the decision it is
 * brought forward; what another silence holds back is put off again. */
#include <stdio.h>
#include <string.h>

#include "common/consent.h"
#include "notify/verbs.h"
#include "sla/adoption.h"
#include "sla/look.h"

static bool yes_option;
const struct options_extra lift_extras[] = {{"yes", NULL, &yes_option}, {NULL, NULL, NULL}};

struct waking {
    struct look *look;
    struct control scope; /* of the silence that was lifted */
    struct case_file file;
    struct fold fold;
};

/* Places, which are few, all: what they owe has no unit of its own. */
static bool is_meant(void *context, struct text field, struct text blob)
{
    struct waking *waking = context;
    struct case_file *file = &waking->file;
    struct pool pool = {0};
    if (!blob.bytes || !store_field_parse(field, &file->of, &file->id)) return false;
    if (!of_case(file->of)) return true;
    bool meant = false;
    if (!case_decode(blob.at, blob.bytes, file, &pool)) {
        fold_case(&waking->fold, rulebook_bind(waking->look->store.book, file), file, clock_business_ms(&waking->look->store.clock));
        struct silence silence = {.record = &waking->scope};
        meant = silence_covers(&silence, &(struct silence_case){waking->fold.unit, waking->fold.item});
        for (size_t i = 0; i < waking->fold.clocks && !meant; i++) meant = silence_covers(&silence, &(struct silence_case){waking->fold.clock[i].unit, {NULL, 0}});
        for (size_t i = 0; i < waking->fold.holdings && !meant; i++) /* a notice may concern who held it */
            meant = silence_covers(&silence, &(struct silence_case){waking->fold.holding[i].unit, {NULL, 0}});
    }
    pool_free(&pool);
    return meant;
}

static enum store_result wake_all(struct look *look, const struct control *scope, int64_t *woken)
{
    struct waking waking = {.look = look, .scope = *scope};
    enum store_result result = STORE_DONE;
    for (unsigned shard = 0; shard < look->store.shards && result == STORE_DONE; shard++) result = store_wake(&look->store, shard, is_meant, &waking, woken);
    case_clear(&waking.file);
    fold_free(&waking.fold);
    return result;
}

static int lift(struct look *look, const char *id)
{
    struct control decision = {.kind = CONTROL_LIFT, .from_ms = INT64_MIN, .to_ms = INT64_MAX};
    const struct silence *silence = silence_named(look->store.book, id);
    int64_t woken = 0;
    if (!silence || silence->until_ms <= clock_business_ms(&look->store.clock)) {
        fprintf(stderr, "bihuan-notify lift: %s %s\n", id, !silence ? "is no silence" : silence->lift ? "is lifted already" : "has ended already");
        return EXIT_FAILED;
    }
    struct control scope = *silence->record;
    snprintf(decision.of, sizeof decision.of, "%s", scope.id);
    fprintf(stderr, "%s (%s) ends now, and what it holds back goes.\n", id, scope.reason);
    if (!consent("Lift it?", yes_option)) return EXIT_OK;
    if (adopt_decision(&look->store, &decision) != STORE_DONE || wake_all(look, &scope, &woken) != STORE_DONE) return look_failed(look);
    if (look->options->json) printf("{\"lift\":\"%s\",\"of\":\"%s\",\"looked_at\":%lld}\n", decision.id, decision.of, (long long)woken);
    else printf("%s: %lld cases that wait are looked at now\n", decision.id, (long long)woken);
    return EXIT_OK;
}

int notify_lift(const struct options *options)
{
    struct look look;
    int code = look_open_to_write(&look, options);
    if (code != EXIT_OK) return code;
    code = lift(&look, options->operands[0]);
    look_close(&look);
    return code;
}
