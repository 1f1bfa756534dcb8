/* DingTalk 钉钉: a group robot. Signed in the url; who is mentioned must stand both in `at` and, with an @ before, in the text. */
#include "notify/channel_dingtalk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "notify/cut.h"

enum { CONTENT_MAX_BYTES = 20000, TITLE_MAX_BYTES = 128, RATE_A_MINUTE = 20, THROTTLED_MS = 600000 };

static size_t open(const struct config_endpoint *config, void **secrets, struct buffer *faults, struct buffer *warnings)
{
    return robot_open(config, true, secrets, faults, warnings);
}

static const char *address(struct text address)
{
    return robot_address(address, true);
}

void dingtalk_sign(const char *secret, int64_t real_ms, char signature[ROBOT_SIGNATURE_BYTES])
{
    char text[ROBOT_SECRET_MAX_BYTES + 32];
    int bytes = snprintf(text, sizeof text, "%" PRId64 "\n%s", real_ms, secret);
    robot_sign(secret, strlen(secret), text, (size_t)bytes, signature);
    explicit_bzero(text, sizeof text);
}

/* The url with timestamp and sign; of base64's characters + / = are escaped. */
static const char *signed_url(const struct channel_call *call, struct pool *pool)
{
    char signature[ROBOT_SIGNATURE_BYTES];
    const char *url = call->config->url;
    size_t room = strlen(url) + 64 + 3 * ROBOT_SIGNATURE_BYTES;
    char *signed_one = pool_take(pool, room), *end = signed_one;
    dingtalk_sign(call->secrets, call->real_ms, signature);
    end += snprintf(signed_one, room, "%s%ctimestamp=%" PRId64 "&sign=", url, strchr(url, '?') ? '&' : '?', call->real_ms);
    for (const char *c = signature; *c; c++) {
        if (*c == '+' || *c == '/' || *c == '=') end += snprintf(end, room - (size_t)(end - signed_one), "%%%02X", (unsigned)*c);
        else *end++ = *c;
    }
    *end = 0;
    return signed_one;
}

/* Who is mentioned, as members of `at` and as text. */
static json_t *mention(const struct channel_call *call, struct buffer *mentions)
{
    json_t *at = json_object(), *phones = json_array(), *members = json_array();
    for (size_t i = 0; i < call->addresses; i++) {
        struct text one = call->address[i];
        if (!robot_mention(mentions, mentions->bytes ? " @" : "@", one, "")) break;
        json_array_append_new(robot_is_phone(one) ? phones : members, json_stringn(one.at, one.bytes));
    }
    json_object_set_new(at, "atMobiles", phones);
    if (json_array_size(members)) json_object_set(at, "atUserIds", members);
    json_decref(members);
    json_object_set_new(at, "isAtAll", json_false());
    return at;
}

static const char *title(const struct channel_call *call, struct pool *pool)
{
    const char *subject = call->message->subject;
    size_t bytes = cut_fit(subject, strlen(subject), TITLE_MAX_BYTES, false);
    char *copy = pool_take(pool, bytes + 1);
    memcpy(copy, subject, bytes);
    copy[bytes] = 0;
    return copy;
}

static bool compose(const struct channel_call *call, struct request *request, struct pool *pool, char *error)
{
    struct buffer mentions;
    buffer_init(&mentions, CONTENT_MAX_BYTES / 2);
    json_t *at = mention(call, &mentions);
    const char *content = robot_content(call, buffer_text(&mentions), CONTENT_MAX_BYTES, pool);
    json_t *body = call->config->format == FORMAT_MARKDOWN
        ? json_pack("{s:s,s:{s:s,s:s},s:o}", "msgtype", "markdown", "markdown", "title", title(call, pool), "text", content, "at", at)
        : json_pack("{s:s,s:{s:s},s:o}", "msgtype", "text", "text", "content", content, "at", at);
    buffer_free(&mentions);
    return robot_request(call, call->secrets ? signed_url(call, pool) : call->config->url, body, request, pool, error);
}

static void judge(const void *secrets, const struct answer *answer, struct verdict *verdict)
{
    (void)secrets;
    static const struct robot_code known[] = {
        {130101, VERDICT_SLOW_DOWN, "too many messages"},
        {310000, VERDICT_REFUSED, "signature, keyword or address of the sender is bad"},
    };
    robot_judge(&(struct robot_codes){"errcode", "errmsg", THROTTLED_MS, sizeof known / sizeof *known, known}, answer, verdict);
}

const struct channel channel_dingtalk = {.name = "dingtalk", .words = "dingtalk", .markup = MARKUP_MARKDOWN, .rate_a_minute = RATE_A_MINUTE, .throttled_ms = THROTTLED_MS,
                                         .open = open, .close = robot_close, .address = address, .compose = compose, .judge = judge};
