/* Taking acknowledgements.
 *
 * The traps: programs that look at links before people do (previews, mail scanners) GET them, so GET only shows a form. And an answer
 * is only given once Kafka has the event; where it does not answer in time the event may arrive all the same, and whoever clicks again
 * makes the same event, which counts once. */
#include "notify/ack_desk.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/log.h"
#include "sla/case_codec.h"

enum {
    PUBLISH_WAIT_MS = 5000,
    POLL_MS = 50,
    CLOSE_MS = 5000,
    AWAY_MS = 1000,          /* between tries to reach a store that is away */
    REOPEN_MS = 60000,       /* a reader's rules and address grow old */
    RECENT = 4096,           /* events that ingest may not have applied yet */
    RATE_A_SECOND = 100, BURST = 200,
};

/* An event on its way. */
struct parcel {
    struct ack_desk *desk;
    bool waited_for, reported, good;
};

struct ack_desk {
    const struct config *config;
    const struct ruleset *set;
    const struct ack_keys *keys;
    struct kafka_producer *producer;
    size_t abandoned;        /* parcels that nobody waits for any more */
    struct store store;
    bool open;
    int64_t opened_ms, try_ms; /* monotonic */
    struct {
        uint8_t key[8];
        int64_t at_ms;
    } recent[RECENT];
    size_t next_recent;
    double tokens;           /* of the rate */
    int64_t filled_ms;
    uint64_t taken;
};

/* --- Kafka --- */

static void delivered(void *context, void *opaque, rd_kafka_resp_err_t error, int32_t partition, int64_t offset)
{
    struct parcel *parcel = opaque;
    (void)context, (void)partition, (void)offset;
    parcel->reported = true;
    parcel->good = error == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (parcel->waited_for) return;
    parcel->desk->abandoned--;
    free(parcel);
}

/* Takes whatever became of those that nobody waits for; a producer that can send no more gives way to another. */
static bool producer_works(struct ack_desk *desk)
{
    char error[KAFKA_ERROR_BYTES];
    if (desk->producer) kafka_poll(desk->producer, 0);
    if (desk->producer && kafka_producer_failed(desk->producer)) {
        log_error("acknowledge.kafka", "error=%s", log_quote(desk->producer->error));
        kafka_producer_close(desk->producer, 0);
        desk->producer = NULL;
    }
    if (!desk->producer) desk->producer = kafka_producer_open(desk->config, delivered, desk, error, sizeof error);
    return desk->producer && desk->abandoned == 0;
}

/* Has Kafka acknowledged it? */
static bool publish(struct ack_desk *desk, const struct ack *ack, const char *text)
{
    if (!producer_works(desk)) return false;
    struct parcel *parcel = xcalloc(1, sizeof *parcel);
    *parcel = (struct parcel){.desk = desk, .waited_for = true};
    struct kafka_record record = {.topic = ack->of == OF_TICKET ? desk->config->topics.tickets : desk->config->topics.ratings, .key = ack->id.at,
                                  .key_bytes = ack->id.bytes, .value = text, .value_bytes = strlen(text), .opaque = parcel};
    bool good = kafka_produce(desk->producer, &record, 0);
    int64_t until_ms = clock_monotonic_ms() + PUBLISH_WAIT_MS;
    while (good && !parcel->reported && clock_monotonic_ms() < until_ms) kafka_poll(desk->producer, POLL_MS);
    if (good && !parcel->reported) {
        parcel->waited_for = false;
        desk->abandoned++;
        return false;
    }
    good = good && parcel->good;
    free(parcel);
    return good;
}

/* --- Redis --- */

static void close_store(struct ack_desk *desk)
{
    if (desk->open) store_close(&desk->store);
    desk->open = false;
}

static bool store_is_there(struct ack_desk *desk)
{
    int64_t now_ms = clock_monotonic_ms();
    if (desk->open && now_ms - desk->opened_ms < REOPEN_MS) return true;
    if (!desk->open && now_ms < desk->try_ms) return false;
    close_store(desk);
    desk->open = store_open_reader(&desk->store, desk->config, desk->set);
    desk->opened_ms = now_ms;
    if (desk->open) return true;
    log_warn("acknowledge.store", "state=lost error=%s", log_quote(desk->store.fault));
    store_close(&desk->store);
    desk->try_ms = clock_monotonic_ms() + AWAY_MS;
    return false;
}

/* Has the case the event already? Then at_ms is when. Has it ended? */
static void look_into(struct ack_desk *desk, const struct ack *ack, const struct case_file *file, struct ack_page *page)
{
    uint8_t key[8];
    struct fold fold = {0};
    ack_event_key(key, ack);
    for (size_t i = 0; i < file->events; i++) {
        if (memcmp(file->event[i].key, key, sizeof key)) continue;
        page->kind = PAGE_ALREADY;
        page->at_ms = file->event[i].at_ms;
    }
    fold_case(&fold, rulebook_bind(desk->store.book, file), file, clock_business_ms(&desk->store.clock));
    page->closed = fold.state == STATE_ANSWERED || fold.state == STATE_CLOSED || fold.state == STATE_VOIDED || fold.state == STATE_MERGED;
    fold_free(&fold);
}

/* Sets the page's kind where it is not to be asked or taken. */
static void look_up(struct ack_desk *desk, const struct ack *ack, struct ack_page *page)
{
    struct pool pool = {0};
    struct case_file file = {.of = ack->of, .id = ack->id};
    redisReply *reply = store_is_there(desk) ? store_case(&desk->store, ack->of, ack->id) : NULL;
    if (!reply) {
        if (desk->open) log_warn("acknowledge.store", "state=lost error=%s", log_quote(desk->store.fault));
        close_store(desk);
        page->kind = PAGE_AWAY;
        return;
    }
    const char *fault = reply->type == REDIS_REPLY_STRING ? case_decode(reply->str, (size_t)reply->len, &file, &pool) : NULL;
    if (reply->type != REDIS_REPLY_STRING) page->kind = PAGE_UNKNOWN;
    else if (fault) page->kind = PAGE_AWAY;
    else look_into(desk, ack, &file, page);
    if (fault) log_error("acknowledge.case", "error=%s", log_quote(fault));
    case_clear(&file);
    pool_free(&pool);
    freeReplyObject(reply);
}

/* --- what was taken just now --- */

static bool is_recent(const struct ack_desk *desk, const struct ack *ack, int64_t *at_ms)
{
    uint8_t key[8];
    ack_event_key(key, ack);
    for (size_t i = 0; i < RECENT; i++) {
        if (!desk->recent[i].at_ms || memcmp(desk->recent[i].key, key, sizeof key)) continue;
        *at_ms = desk->recent[i].at_ms;
        return true;
    }
    return false;
}

static void note_recent(struct ack_desk *desk, const struct ack *ack, int64_t at_ms)
{
    ack_event_key(desk->recent[desk->next_recent].key, ack);
    desk->recent[desk->next_recent].at_ms = at_ms;
    desk->next_recent = (desk->next_recent + 1) % RECENT;
}

/* --- answering --- */

static bool is_allowed(struct ack_desk *desk)
{
    int64_t now_ms = clock_monotonic_ms();
    desk->tokens += (double)(now_ms - desk->filled_ms) * RATE_A_SECOND / 1000;
    if (desk->tokens > BURST) desk->tokens = BURST;
    desk->filled_ms = now_ms;
    if (desk->tokens < 1) return false;
    desk->tokens -= 1;
    return true;
}

static void take(struct ack_desk *desk, const struct ack *ack, struct ack_page *page)
{
    int64_t now_ms = clock_business_ms(&desk->store.clock);
    json_t *event = ack_event(ack, page->zone, now_ms);
    char *text = json_dumps(event, JSON_COMPACT);
    page->kind = text && publish(desk, ack, text) ? PAGE_TAKEN : PAGE_AWAY;
    free(text);
    json_decref(event);
    if (page->kind != PAGE_TAKEN) return;
    note_recent(desk, ack, now_ms);
    desk->taken++;
    log_info("acknowledge.taken", "action=%s notice=%.*s", ack_action_name(ack->action), (int)ack->notice.bytes, ack->notice.at);
}

static void answer(struct ack_desk *desk, const struct listener_request *request, struct ack_page *page, struct ack *ack, char *room)
{
    const char *token = listener_query(request, "t");
    int64_t real_ms = desk->open ? clock_shared_ms(&desk->store.clock) : clock_real_ms();
    enum ack_read read = token ? ack_read(token, desk->keys, real_ms, ack, room) : ACK_FORGED;
    page->kind = PAGE_ASK;
    page->token = token;
    if (!token) page->kind = PAGE_NO_LINK;
    else if (read == ACK_FORGED) page->kind = PAGE_FORGED;
    else page->ack = ack;
    if (page->ack && read == ACK_EXPIRED) page->kind = PAGE_EXPIRED;
    if (page->kind == PAGE_ASK && !is_allowed(desk)) page->kind = PAGE_BUSY;
    if (page->kind == PAGE_ASK && is_recent(desk, ack, &page->at_ms)) page->kind = PAGE_ALREADY;
    if (page->kind == PAGE_ASK) look_up(desk, ack, page);
    if (page->kind == PAGE_ASK && !strcmp(request->method, "POST")) take(desk, ack, page);
}

void ack_desk_answer(void *context, const struct listener_request *request, struct listener_reply *reply)
{
    struct ack_desk *desk = context;
    struct ack ack;
    char room[ACK_TOKEN_BYTES];
    struct ack_page page = {.zone = desk->set->rules.zone};
    answer(desk, request, &page, &ack, room);
    reply->status = ack_page_status(page.kind);
    reply->content_type = "text/html; charset=utf-8";
    ack_page_print(&reply->body, &page);
}

/* --- beginning and end --- */

struct ack_desk *ack_desk_open(const struct config *config, const struct ruleset *set, const struct ack_keys *keys, char *error, size_t error_bytes)
{
    struct ack_desk *desk = xcalloc(1, sizeof *desk);
    *desk = (struct ack_desk){.config = config, .set = set, .keys = keys, .tokens = BURST, .filled_ms = clock_monotonic_ms()};
    desk->producer = kafka_producer_open(config, delivered, desk, error, error_bytes);
    if (desk->producer) return desk;
    free(desk);
    return NULL;
}

uint64_t ack_desk_taken(const struct ack_desk *desk)
{
    return desk->taken;
}

void ack_desk_close(struct ack_desk *desk)
{
    if (!desk) return;
    kafka_producer_close(desk->producer, CLOSE_MS);
    close_store(desk);
    free(desk);
}
