/* Feishu 飞书: a group robot. Signed in the body; its bound is on the whole body, so a text whose characters need escaping is cut shorter. */
#include "notify/channel_feishu.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/arena.h"
#include "notify/cut.h"

enum { BODY_MAX_BYTES = 20 * 1024, LEAST_BYTES = 1024, STEP_BYTES = 16, TITLE_MAX_BYTES = 256, RATE_A_MINUTE = 100, THROTTLED_MS = 60000 };

static size_t open(const struct config_endpoint *config, void **secrets, struct buffer *faults, struct buffer *warnings)
{
    return robot_open(config, true, secrets, faults, warnings);
}

static const char *address(struct text address)
{
    return robot_address(address, false);
}

void feishu_sign(const char *secret, int64_t real_s, char signature[ROBOT_SIGNATURE_BYTES])
{
    char key[ROBOT_SECRET_MAX_BYTES + 32];
    int bytes = snprintf(key, sizeof key, "%" PRId64 "\n%s", real_s, secret);
    robot_sign(key, (size_t)bytes, "", 0, signature);
    explicit_bzero(key, sizeof key);
}

static json_t *card(const struct channel_call *call, const char *content)
{
    const char *subject = call->message->subject;
    size_t bytes = cut_fit(subject, strlen(subject), TITLE_MAX_BYTES, false);
    return json_pack("{s:s,s:{s:{s:b},s:{s:{s:s,s:s%}},s:[{s:s,s:s}]}}", "msg_type", "interactive", "card", "config", "wide_screen_mode", 1, "header", "title",
                     "tag", "plain_text", "content", subject, bytes, "elements", "tag", "markdown", "content", content);
}

static json_t *body_with(const struct channel_call *call, const char *mentions, size_t most, struct pool *pool)
{
    char signature[ROBOT_SIGNATURE_BYTES], timestamp[24];
    const char *content = robot_content(call, mentions, most, pool);
    json_t *body = call->config->format == FORMAT_MARKDOWN ? card(call, content) : json_pack("{s:s,s:{s:s}}", "msg_type", "text", "content", "text", content);
    if (!body || !call->secrets) return body;
    snprintf(timestamp, sizeof timestamp, "%" PRId64, call->real_ms / 1000);
    feishu_sign(call->secrets, call->real_ms / 1000, signature);
    json_object_set_new(body, "timestamp", json_string(timestamp));
    json_object_set_new(body, "sign", json_string(signature));
    return body;
}

static bool compose(const struct channel_call *call, struct request *request, struct pool *pool, char *error)
{
    bool markdown = call->config->format == FORMAT_MARKDOWN;
    struct buffer mentions;
    buffer_init(&mentions, BODY_MAX_BYTES / 4);
    for (size_t i = 0; i < call->addresses; i++)
        robot_mention(&mentions, markdown ? "<at id=" : "<at user_id=\"", call->address[i], markdown ? "></at>" : "\"></at>");
    size_t most = strlen(call->message->body) + BODY_MAX_BYTES / 2;
    if (most > BODY_MAX_BYTES) most = BODY_MAX_BYTES;
    bool good = robot_request(call, call->config->url, body_with(call, buffer_text(&mentions), most, pool), request, pool, error);
    /* How much escaping adds is not known before; it is taken to be as much everywhere. */
    while (good && request->bytes > BODY_MAX_BYTES && most > LEAST_BYTES) {
        most = most * BODY_MAX_BYTES / request->bytes - STEP_BYTES;
        good = robot_request(call, call->config->url, body_with(call, buffer_text(&mentions), most, pool), request, pool, error);
    }
    buffer_free(&mentions);
    return good;
}

static void judge(const void *secrets, const struct answer *answer, struct verdict *verdict)
{
    (void)secrets;
    static const struct robot_code known[] = {
        {11232, VERDICT_SLOW_DOWN, "too many messages"},
        {19021, VERDICT_REFUSED, "the signature is bad"},
        {19022, VERDICT_REFUSED, "the sender's address is not allowed"},
        {19024, VERDICT_REFUSED, "the keyword is missing"},
        {9499, VERDICT_REFUSED, "the body is bad"},
    };
    robot_judge(&(struct robot_codes){"code", "msg", THROTTLED_MS, sizeof known / sizeof *known, known}, answer, verdict);
}

const struct channel channel_feishu = {.name = "feishu", .words = "feishu", .markup = MARKUP_MARKDOWN, .rate_a_minute = RATE_A_MINUTE, .throttled_ms = THROTTLED_MS,
                                       .open = open, .close = robot_close, .address = address, .compose = compose, .judge = judge};
