/* The webhook channel: a department's own system, by Standard Webhooks 1.0.
 *
 * While a secret is replaced by another both sign, so that the receiver may change when it likes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/secret.h"
#include "notify/channel_open.h"
#include "notify/verdict.h"
#include "notify/webhook.h"

enum { KEYS_MAX = 8 };

struct keys {
    size_t count;
    struct webhook_key key[KEYS_MAX];
};

/* One whsec_ secret a line; blank lines do not count. Returns the number of faults. */
static size_t read_keys(struct keys *keys, char *secret, const struct config_endpoint *config, struct buffer *faults)
{
    size_t found = 0;
    int number = 0;
    for (char *line; (line = strsep(&secret, "\n"));) {
        number++;
        line[strcspn(line, "\r")] = 0;
        if (!*line) continue;
        const char *wrong = keys->count == KEYS_MAX ? "more than 8 secrets" : webhook_key_parse(line, &keys->key[keys->count]);
        if (wrong) found += channel_say(faults, config, "%s:%d: %s", channel_secret_source(config), number, wrong);
        else keys->count++;
    }
    return found;
}

static size_t open(const struct config_endpoint *config, void **secrets, struct buffer *faults, struct buffer *warnings)
{
    struct keys *keys = *secrets = xcalloc(1, sizeof *keys);
    size_t found = channel_url(config, "http", "https", faults) + channel_unused(config, " url secret_file  secret_env  ca_file ", faults);
    char *secret = channel_secret(config, &found, faults);
    if (secret) found += read_keys(keys, secret, config, faults);
    else if (!*channel_secret_source(config)) channel_say(warnings, config, "no secret_file or secret_env: its requests are not signed");
    secret_free(secret);
    return found;
}

static void close(void *secrets)
{
    if (!secrets) return;
    explicit_bzero(secrets, sizeof(struct keys));
    free(secrets);
}

/* "webhook-signature: v1,… v1,…" */
static const char *signatures(const struct keys *keys, const char *id, int64_t timestamp_s, const char *body, size_t bytes, struct pool *pool)
{
    static const char name[] = "webhook-signature:";
    char *line = pool_take(pool, sizeof name + keys->count * (WEBHOOK_SIGNATURE_BYTES + 1)), *end = line + sizeof name - 1;
    memcpy(line, name, sizeof name);
    for (size_t i = 0; i < keys->count; i++) {
        *end++ = ' ';
        webhook_sign(&keys->key[i], id, timestamp_s, body, bytes, end);
        end += WEBHOOK_SIGNATURE_BYTES - 1;
    }
    return line;
}

static bool compose(const struct channel_call *call, struct request *request, struct pool *pool, char *error)
{
    enum { LINE_BYTES = 192 };
    const struct keys *keys = call->secrets;
    const struct message *message = call->message;
    int64_t timestamp_s = call->real_ms / 1000;
    size_t bytes = strlen(message->envelope);
    char *id = pool_take(pool, LINE_BYTES), *timestamp = pool_take(pool, LINE_BYTES);
    if (snprintf(id, LINE_BYTES, "webhook-id: %s", message->id) >= LINE_BYTES) {
        snprintf(error, REQUEST_ERROR_BYTES, "the notice's id is too long");
        return false;
    }
    snprintf(timestamp, LINE_BYTES, "webhook-timestamp: %" PRId64, timestamp_s);
    *request = (struct request){.transport = TRANSPORT_HTTP, .url = call->config->url, .method = "POST", .body = message->envelope, .bytes = bytes,
                                .ca_file = call->config->ca_file, .header = {"Content-Type: application/json", id, timestamp}, .headers = 3};
    if (keys->count) request->header[request->headers++] = signatures(keys, message->id, timestamp_s, message->envelope, bytes, pool);
    return true;
}

static void judge(const void *secrets, const struct answer *answer, struct verdict *verdict)
{
    (void)secrets;
    verdict_begin(answer, verdict);
}

const struct channel channel_webhook = {.name = "webhook", .open = open, .close = close, .compose = compose, .judge = judge};
