/* libcurl's multi interface behind three calls.
 *
 * The traps: an environment's proxy must not see what departments are sent; a redirect could lead
 * anywhere; and an endless answer must end. */
#include "notify/sender.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "common/alloc.h"

enum { CONNECT_TIMEOUT_MS = 5000, HEADER_BYTES = 256 };

struct exchange {
    struct sender *sender;
    CURL *easy;
    struct curl_slist *headers;
    void *opaque;
    size_t received;
    bool withheld;
    struct exchange *next; /* free ones */
};

struct sender {
    CURLM *multi;
    int64_t timeout_s;
    sender_ready *ready;
    sender_answered *answered;
    void *context;
    size_t under_way, count;
    struct exchange *exchange, *free;
};

struct sender *sender_open(size_t in_flight, int64_t timeout_s, sender_ready *ready, sender_answered *answered, void *context)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return NULL;
    struct sender *sender = xcalloc(1, sizeof *sender);
    *sender = (struct sender){.multi = curl_multi_init(), .timeout_s = timeout_s, .ready = ready, .answered = answered, .context = context,
                              .count = in_flight};
    sender->exchange = xcalloc(in_flight + 1, sizeof *sender->exchange);
    for (size_t i = in_flight; i-- > 0;) {
        sender->exchange[i] = (struct exchange){.sender = sender, .next = sender->free};
        sender->free = &sender->exchange[i];
    }
    if (!sender->multi) {
        sender_close(sender);
        return NULL;
    }
    curl_multi_setopt(sender->multi, CURLMOPT_MAXCONNECTS, (long)in_flight);
    return sender;
}

static size_t take_answer(char *data, size_t size, size_t count, void *exchange)
{
    (void)data;
    struct exchange *one = exchange;
    one->received += size * count;
    return one->received > SENDER_ANSWER_MAX_BYTES ? 0 : size * count;
}

static int before_request(void *data, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    struct exchange *exchange = data;
    (void)remote_ip, (void)local_ip, (void)remote_port, (void)local_port;
    exchange->withheld = !exchange->sender->ready(exchange->sender->context, exchange->opaque);
    return exchange->withheld ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static bool add_header(struct exchange *exchange, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool add_header(struct exchange *exchange, const char *format, ...)
{
    char line[HEADER_BYTES];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    struct curl_slist *longer = curl_slist_append(exchange->headers, line);
    if (longer) exchange->headers = longer;
    return longer != NULL;
}

static bool add_headers(struct exchange *exchange, const struct request *request)
{
    char signature[WEBHOOK_SIGNATURE_BYTES];
    bool good = add_header(exchange, "Content-Type: application/json") && add_header(exchange, "Expect:") &&
                add_header(exchange, "webhook-id: %s", request->id) && add_header(exchange, "webhook-timestamp: %" PRId64, request->timestamp_s);
    if (!good || request->key->bytes == 0) return good;
    webhook_sign(request->key, request->id, request->timestamp_s, request->body, request->bytes, signature);
    return add_header(exchange, "webhook-signature: %s", signature);
}

static void set_options(const struct sender *sender, struct exchange *exchange, const struct request *request)
{
    CURL *easy = exchange->easy;
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, (long)sender->timeout_s);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)request->bytes);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "bihuan-notify");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange);
}

static void give_back(struct sender *sender, struct exchange *exchange)
{
    curl_slist_free_all(exchange->headers);
    exchange->headers = NULL;
    exchange->next = sender->free;
    sender->free = exchange;
}

bool sender_start(struct sender *sender, const struct request *request)
{
    struct exchange *exchange = sender->free;
    if (!exchange) return false;
    sender->free = exchange->next;
    if (exchange->easy) curl_easy_reset(exchange->easy);
    else exchange->easy = curl_easy_init();
    exchange->opaque = request->opaque;
    exchange->received = 0;
    exchange->withheld = false;
    if (exchange->easy && add_headers(exchange, request)) {
        set_options(sender, exchange, request);
        if (curl_multi_add_handle(sender->multi, exchange->easy) == CURLM_OK) {
            sender->under_way++;
            return true;
        }
    }
    give_back(sender, exchange);
    return false;
}

static void finish(struct sender *sender, CURL *easy, CURLcode code)
{
    struct answer answer = {0};
    struct exchange *exchange = NULL;
    curl_off_t retry_after_s = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&exchange);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after_s);
    /* An answer that is too long was still an answer. */
    if (code != CURLE_OK && code != CURLE_WRITE_ERROR) {
        answer.status = 0;
        snprintf(answer.error, sizeof answer.error, "%s", curl_easy_strerror(code));
    }
    answer.withheld = exchange->withheld;
    if (retry_after_s > 0) answer.retry_after_ms = retry_after_s > INT32_MAX / 1000 ? INT32_MAX : (int64_t)retry_after_s * 1000;
    curl_multi_remove_handle(sender->multi, easy);
    void *opaque = exchange->opaque;
    give_back(sender, exchange);
    sender->under_way--;
    sender->answered(sender->context, opaque, &answer);
}

static void finish_those_done(struct sender *sender)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(sender->multi, &left));)
        if (message->msg == CURLMSG_DONE) finish(sender, message->easy_handle, message->data.result);
}

bool sender_has_room(const struct sender *sender)
{
    return sender->free != NULL;
}

size_t sender_under_way(const struct sender *sender)
{
    return sender->under_way;
}

void sender_drive(struct sender *sender, int wait_ms, int wake)
{
    int running;
    struct curl_waitfd extra = {.fd = wake, .events = CURL_WAIT_POLLIN};
    curl_multi_perform(sender->multi, &running);
    if ((size_t)running == sender->under_way) {
        curl_multi_poll(sender->multi, wake >= 0 ? &extra : NULL, wake >= 0, wait_ms, NULL);
        curl_multi_perform(sender->multi, &running);
    }
    finish_those_done(sender);
}

void sender_close(struct sender *sender)
{
    if (!sender) return;
    for (size_t i = 0; i < sender->count; i++) {
        struct exchange *exchange = &sender->exchange[i];
        if (exchange->headers) finish(sender, exchange->easy, CURLE_ABORTED_BY_CALLBACK);
        curl_easy_cleanup(exchange->easy);
    }
    curl_multi_cleanup(sender->multi);
    free(sender->exchange);
    free(sender);
    curl_global_cleanup();
}
