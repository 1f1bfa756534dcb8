/* Many requests at once: a place for each, given to libcurl's multi interface or to a Kafka producer.
 *
 * The trap: connections that stand were judged by the configuration of then, so a reload begins with none. */
#include "notify/sender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/config.h"
#include "notify/sender_kafka.h"
#include "notify/transfer.h"

enum { KAFKA_ACKNOWLEDGED = 200, IDLE_CONNECTIONS = 64 };

struct exchange {
    struct transfer transfer; /* first: libcurl's private pointer is both */
    struct sender *sender;
    bool busy, record;     /* under way; to Kafka */
    void *opaque;
    char error[REQUEST_ERROR_BYTES]; /* why Kafka did not take it */
    struct exchange *next; /* free ones; those that Kafka did not take */
};

struct sender {
    const struct config *config;
    CURLM *multi;
    struct sender_kafka kafka;
    struct mail_sockets sockets;
    sender_ready *ready;
    sender_answered *answered;
    void *context;
    size_t under_way, in_kafka, count;
    struct exchange *exchange, *free, *refused;
};

static void give_back(struct sender *sender, struct exchange *exchange)
{
    transfer_rest(&exchange->transfer);
    exchange->busy = false;
    exchange->next = sender->free;
    sender->free = exchange;
}

/* The body of the answer lives in the exchange, so that is free only afterwards. */
static void finish(struct sender *sender, struct exchange *exchange, const struct answer *answer)
{
    sender->under_way--;
    sender->answered(sender->context, exchange->opaque, answer);
    give_back(sender, exchange);
}

static void kafka_answered(void *context, void *opaque, rd_kafka_resp_err_t error, int32_t partition, int64_t offset)
{
    struct sender *sender = context;
    struct answer answer = {.status = error ? 0 : KAFKA_ACKNOWLEDGED, .body = ""};
    (void)partition, (void)offset;
    if (error) snprintf(answer.error, sizeof answer.error, "Kafka: %s", rd_kafka_err2str(error));
    sender->in_kafka--;
    finish(sender, opaque, &answer);
}

/* --- open, close --- */

static bool open_all(struct sender *sender, const struct config *config)
{
    sender->config = config;
    sender->count = (size_t)config->notify.in_flight;
    sender->exchange = xcalloc(sender->count + 1, sizeof *sender->exchange);
    sender->free = NULL;
    for (size_t i = sender->count; i-- > 0;) {
        struct exchange *exchange = &sender->exchange[i];
        transfer_open(&exchange->transfer, config, &sender->sockets, sender->ready, sender->context);
        exchange->sender = sender;
        give_back(sender, exchange);
    }
    sender_kafka_open(&sender->kafka, config, kafka_answered, sender);
    sender->multi = curl_multi_init();
    return sender->multi && curl_multi_setopt(sender->multi, CURLMOPT_MAXCONNECTS, (long)sender->count + IDLE_CONNECTIONS) == CURLM_OK;
}

static void finish_transfer(struct sender *sender, CURL *easy, CURLcode code)
{
    struct answer answer;
    char *private = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
    struct exchange *exchange = (struct exchange *)(void *)private;
    curl_multi_remove_handle(sender->multi, easy);
    transfer_answer(&exchange->transfer, code, &answer);
    finish(sender, exchange, &answer);
}

/* What Kafka did not take. */
static void finish_refused(struct sender *sender)
{
    struct exchange *exchange = sender->refused;
    sender->refused = NULL;
    for (struct exchange *next; exchange; exchange = next) {
        struct answer answer = {.body = ""};
        next = exchange->next;
        memcpy(answer.error, exchange->error, sizeof answer.error);
        finish(sender, exchange, &answer);
    }
}

static void close_all(struct sender *sender)
{
    sender_kafka_close(&sender->kafka);
    finish_refused(sender);
    for (size_t i = 0; i < sender->count; i++) {
        struct exchange *exchange = &sender->exchange[i];
        if (exchange->busy && exchange->record) finish(sender, exchange, &(struct answer){.body = "", .error = "Kafka: ended before its acknowledgement"});
        else if (exchange->busy) finish_transfer(sender, exchange->transfer.easy, CURLE_ABORTED_BY_CALLBACK);
    }
    mail_socket_shut(&sender->sockets, -1);
    for (size_t i = 0; i < sender->count; i++) transfer_close(&sender->exchange[i].transfer);
    curl_multi_cleanup(sender->multi);
    free(sender->exchange);
}

struct sender *sender_open(const struct config *config, sender_ready *ready, sender_answered *answered, void *context)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return NULL;
    struct sender *sender = xcalloc(1, sizeof *sender);
    *sender = (struct sender){.ready = ready, .answered = answered, .context = context};
    if (open_all(sender, config)) return sender;
    sender_close(sender);
    return NULL;
}

void sender_close(struct sender *sender)
{
    if (!sender) return;
    close_all(sender);
    free(sender);
    curl_global_cleanup();
}

void sender_reload(struct sender *sender, const struct config *config)
{
    close_all(sender);
    if (!open_all(sender, config)) abort(); /* libcurl without memory */
}

/* --- requests --- */

static bool start_transfer(struct sender *sender, struct exchange *exchange, const struct request *request)
{
    return transfer_prepare(&exchange->transfer, request) && curl_multi_add_handle(sender->multi, exchange->transfer.easy) == CURLM_OK;
}

/* What Kafka does not take is answered at the next turn: nothing is answered while it is started. */
static bool start_record(struct sender *sender, struct exchange *exchange, const struct request *request)
{
    if (sender_kafka_start(&sender->kafka, request, exchange, exchange->error)) {
        sender->in_kafka++;
        return true;
    }
    exchange->next = sender->refused;
    sender->refused = exchange;
    return true;
}

bool sender_start(struct sender *sender, const struct request *request)
{
    struct exchange *exchange = sender->free;
    if (!exchange) return false;
    sender->free = exchange->next;
    exchange->opaque = request->opaque;
    exchange->record = request->transport == TRANSPORT_KAFKA;
    exchange->busy = exchange->record ? start_record(sender, exchange, request) : start_transfer(sender, exchange, request);
    sender->under_way += exchange->busy;
    if (exchange->busy) return true;
    give_back(sender, exchange);
    return false;
}

static void finish_those_done(struct sender *sender)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(sender->multi, &left));)
        if (message->msg == CURLMSG_DONE) finish_transfer(sender, message->easy_handle, message->data.result);
}

size_t sender_room(const struct sender *sender)
{
    return sender->free ? sender->count - sender->under_way : 0;
}

size_t sender_under_way(const struct sender *sender)
{
    return sender->under_way;
}

void sender_drive(struct sender *sender, int wait_ms, int wake)
{
    int running;
    struct curl_waitfd extra[2];
    unsigned extras = 0;
    if (wake >= 0) extra[extras++] = (struct curl_waitfd){.fd = wake, .events = CURL_WAIT_POLLIN};
    if (sender->kafka.wake >= 0) extra[extras++] = (struct curl_waitfd){.fd = sender->kafka.wake, .events = CURL_WAIT_POLLIN};
    curl_multi_perform(sender->multi, &running);
    if ((size_t)running + sender->in_kafka == sender->under_way) { /* none is done, or refused */
        curl_multi_poll(sender->multi, extra, extras, wait_ms, NULL);
        curl_multi_perform(sender->multi, &running);
    }
    finish_those_done(sender);
    sender_kafka_drive(&sender->kafka);
    finish_refused(sender);
}
