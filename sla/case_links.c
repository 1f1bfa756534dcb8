/* Links of a case: what its appellant has gathered names cases, and each of them is looked at.
 *
 * The trap: what is gathered holds receipts that do not count (a case received twice), and knows minutes only. What is shown is
 * what the cases themselves say. */
#include "sla/case_links.h"

#include <stdlib.h>

#include "sla/appeals.h"
#include "sla/case_json.h"

/* A case found, as JSON, and when it was received. */
struct linked {
    struct event receipt;
    json_t *json;
};

/* What is being linked. */
struct linking {
    struct look *look;
    const struct fold *fold; /* of the case asked for */
    struct text self, appellant;
    int64_t window_ms;
    bool self_found;
    struct linked one[APPEALS_OF_APPELLANT_MAX];
    size_t count;
};

/* Reads the case of a name; *there: is there one? False: the store failed. */
static bool load(struct look *look, struct case_file *file, struct pool *pool, bool *there)
{
    redisReply *reply = store_case(&look->store, file->of, file->id);
    const char *fault = NULL;
    if (!reply) return false;
    *there = reply->type == REDIS_REPLY_STRING;
    if (*there) fault = case_decode(pool_copy(pool, reply->str, (size_t)reply->len), (size_t)reply->len, file, pool);
    freeReplyObject(reply);
    *there &= fault == NULL;
    return true;
}

static void link_case(struct linking *linking, const struct case_file *file, struct pool *pool)
{
    struct appeal appeal;
    struct fold fold = {0};
    const struct rules *rules = rulebook_bind(linking->look->store.book, file);
    const struct event *self = linking->fold->receipt;
    fold_case(&fold, rules, file, linking->fold->now_ms);
    bool same = fold.receipt && appeal_of(fold.receipt, &appeal) && text_equal(appeal_id(pool, OF_APPELLANT, &appeal), linking->appellant);
    int64_t apart_ms = same ? fold.receipt->at_ms - self->at_ms : 0;
    if (same && apart_ms <= linking->window_ms && -apart_ms <= linking->window_ms && linking->count < APPEALS_OF_APPELLANT_MAX) {
        json_t *one = json_object();
        json_object_set_new_nocheck(one, "case", json_text(file->id));
        json_object_set_new_nocheck(one, "received", json_instant(rules->zone, fold.receipt->at_ms));
        json_object_set_new_nocheck(one, "state", json_string_nocheck(case_state_name(fold.state)));
        json_object_set_new_nocheck(one, "unit", json_text_or_null(fold.unit));
        linking->one[linking->count++] = (struct linked){*fold.receipt, one};
    }
    fold_free(&fold);
}

/* One that was received twice is named twice. */
static bool named_before(const struct appeals *appeals, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (text_equal(appeals->entry[i].case_id, appeals->entry[at].case_id)) return true;
    return false;
}

static bool link_all(struct linking *linking, const struct appeals *appeals)
{
    bool good = true;
    for (size_t i = 0; i < appeals->count && good; i++) {
        struct case_file file = {.of = OF_TICKET, .id = appeals->entry[i].case_id};
        struct pool pool = {0};
        bool there = false, is_self = text_equal(file.id, linking->self);
        linking->self_found |= is_self;
        if (is_self || named_before(appeals, i)) continue;
        good = load(linking->look, &file, &pool, &there);
        if (good && there) link_case(linking, &file, &pool);
        case_clear(&file);
        pool_free(&pool);
    }
    return good;
}

static int by_receipt(const void *a, const void *b)
{
    const struct linked *x = a, *y = b;
    return event_compare(&x->receipt, &y->receipt);
}

/* Takes the found ones over. */
static json_t *to_json(struct linking *linking)
{
    json_t *object = json_object(), *earlier = json_array(), *later = json_array();
    if (linking->count) qsort(linking->one, linking->count, sizeof *linking->one, by_receipt);
    for (size_t i = 0; i < linking->count; i++) {
        bool is_later = event_compare(&linking->one[i].receipt, linking->fold->receipt) > 0;
        json_array_append_new(is_later ? later : earlier, linking->one[i].json);
    }
    linking->count = 0;
    json_object_set_new_nocheck(object, "window_days", json_integer(linking->window_ms / DAY_MS));
    json_object_set_new_nocheck(object, "earlier", earlier);
    json_object_set_new_nocheck(object, "later", later);
    return object;
}

/* What the appellant of a receipt has gathered, linked. */
static json_t *link_appellant(struct linking *linking, struct pool *pool)
{
    struct look *look = linking->look;
    struct appeals appeals = {.of = OF_APPELLANT};
    struct case_file told = {0};
    json_t *links = json_null();
    redisReply *reply = store_case(&look->store, OF_APPELLANT, linking->appellant);
    bool good = reply != NULL, there = good && reply->type == REDIS_REPLY_STRING;
    const char *fault = there ? appeals_decode(reply->str, (size_t)reply->len, &appeals, &told, pool) : NULL;
    if (there && !fault) good = link_all(linking, &appeals);
    if (!good || fault) fprintf(stderr, "bihuan-sla case: its links are not known: %s\n", fault ? fault : look->store.fault);
    else if (linking->self_found) links = to_json(linking);
    if (reply) freeReplyObject(reply);
    case_clear(&told);
    return links;
}

json_t *case_links(struct look *look, const struct case_file *file, const struct fold *fold)
{
    struct appeal appeal;
    struct linking linking = {.look = look, .fold = fold, .self = file->id, .window_ms = appeal_rules(&look->config).window_ms};
    if (!linking.window_ms || !fold->receipt || !appeal_of(fold->receipt, &appeal)) return json_null();
    struct pool pool = {0};
    linking.appellant = appeal_id(&pool, OF_APPELLANT, &appeal);
    json_t *links = link_appellant(&linking, &pool);
    for (size_t i = 0; i < linking.count; i++) json_decref(linking.one[i].json);
    pool_free(&pool);
    return links;
}

static void print_cases(const json_t *cases)
{
    size_t i;
    const json_t *one;
    json_array_foreach(cases, i, one) {
        const char *unit = json_string_value(json_object_get(one, "unit"));
        printf("  %-29s %-28s %-20s %s\n", json_string_value(json_object_get(one, "received")), json_string_value(json_object_get(one, "case")),
               unit ? unit : "-", json_string_value(json_object_get(one, "state")));
    }
}

void case_links_print(const json_t *links)
{
    const json_t *earlier = json_object_get(links, "earlier"), *later = json_object_get(links, "later");
    if (!json_is_object(links)) return;
    printf("repeats   the same citizen about this, within %lld days: %zu earlier, %zu later\n",
           json_integer_value(json_object_get(links, "window_days")), json_array_size(earlier), json_array_size(later));
    print_cases(earlier);
    print_cases(later);
}
