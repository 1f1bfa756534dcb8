/* The roll of the day, the one who was asked for, and one look at all cases for that one. */
#include "notify/digest_preview.h"

#include <string.h>

#include "notify/digest_roll.h"

static const struct digest_reader *find(const struct digest_roll *roll, struct text name)
{
    for (const struct digest_reader *reader = roll->readers; reader; reader = reader->hh.next) {
        const char *endpoint = reader->to.place[0].endpoint->config->name;
        if (reader->to.person.bytes ? text_equal(reader->to.person, name) : text_equal((struct text){endpoint, strlen(endpoint)}, name)) return reader;
    }
    return NULL;
}

static const char *look_at_all(struct digest_filling *filling, struct store *store, struct outfit *outfit)
{
    static struct digest_scan scan;
    struct digest_filling *one[] = {filling};
    enum store_result result = STORE_DONE;
    bool done = false;
    digest_scan_begin(&scan, store, &outfit->routing, one, 1, filling->digest.at_ms);
    while (result == STORE_DONE && !done) result = digest_scan_go_on(&scan, INT64_MAX, &done);
    digest_scan_end(&scan);
    return result == STORE_DONE ? NULL : store->fault;
}

const char *digest_preview(struct digest_filling *filling, struct store *store, struct outfit *outfit, struct text name, struct pool *pool)
{
    int64_t now_ms = clock_business_ms(&store->clock);
    const struct rules *rules = rulebook_at(store->book, now_ms);
    const struct digest_roll_source source = {&outfit->routing, outfit->sending, rules};
    struct digest_roll roll = {0};
    *filling = (struct digest_filling){.recipient = 0};
    if (!outfit->sending) return "[notify] sending is not set, so nobody gets digests";
    outfit->routing.calendar = rules->calendar;
    digest_roll_begin(&roll, zone_day(rules->zone, now_ms));
    while (!roll.whole) digest_roll_go_on(&roll, &source, now_ms, INT64_MAX);
    const struct digest_reader *reader = find(&roll, name);
    const char *none = reader ? NULL : "nobody of that name gets a digest today";
    if (reader) {
        filling->recipient = reader->to.key;
        filling->digest.recipient = name;
        filling->digest.name = (struct text){pool_copy(pool, reader->to.name.at, reader->to.name.bytes), reader->to.name.bytes};
        filling->digest.at_ms = now_ms;
        filling->digest.zone = rules->zone;
        none = look_at_all(filling, store, outfit);
    }
    digest_roll_free(&roll);
    return none;
}
