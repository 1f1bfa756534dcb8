/* Group robots.
 *
 * The traps: they answer HTTP 200 to what they did not take, so the code in the body decides, and a body without one is no success; and a text that is too long is
 * not cut by them but refused. */
#include "notify/robot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/arena.h"
#include "common/secret.h"
#include "notify/channel_open.h"
#include "notify/cut.h"
#include "notify/verdict.h"

enum { MAC_BYTES = 32, WORDS_BYTES = 120, ID_MAX_BYTES = 64 };

void robot_sign(const char *key, size_t key_bytes, const char *text, size_t text_bytes, char signature[ROBOT_SIGNATURE_BYTES])
{
    unsigned char mac[MAC_BYTES];
    unsigned bytes = 0;
    if (!HMAC(EVP_sha256(), key, (int)key_bytes, (const unsigned char *)text, text_bytes, mac, &bytes) || bytes != MAC_BYTES)
        abort(); /* libcrypto without SHA-256, or without memory */
    EVP_EncodeBlock((unsigned char *)signature, mac, MAC_BYTES);
}

size_t robot_open(const struct config_endpoint *config, bool signs, void **secrets, struct buffer *faults, struct buffer *warnings)
{
    size_t found = channel_url(config, "http", "https", faults) +
                   channel_unused(config, signs ? " url keyword ca_file secret_file  secret_env " : " url keyword ca_file ", faults);
    char *secret = signs ? channel_secret(config, &found, faults) : NULL;
    if (signs && !*channel_secret_source(config)) channel_say(warnings, config, "no secret_file or secret_env: its requests are not signed");
    if (secret && (strlen(secret) > ROBOT_SECRET_MAX_BYTES || strpbrk(secret, " \t\r\n")))
        found += channel_say(faults, config, "%s: expected one secret of at most %d bytes", channel_secret_source(config), ROBOT_SECRET_MAX_BYTES);
    if (!strncmp(config->url, "http://", 7)) channel_say(warnings, config, "url: the robot's key goes over http without encryption");
    *secrets = secret;
    return found;
}

void robot_close(void *secrets)
{
    secret_free(secrets);
}

/* --- what is sent --- */

static bool has_keyword(const struct channel_call *call, const char *text, size_t bytes)
{
    const char *keyword = call->config->keyword;
    return !*keyword || memmem(text, bytes, keyword, strlen(keyword)) != NULL;
}

/* All but the body: the ellipsis and link of one that is cut, mentions, keyword. */
static void add_tail(struct buffer *tail, const struct channel_call *call, const char *mentions, bool cut, bool keyword)
{
    const char *link = call->message->link;
    if (cut) buffer_add_text(tail, "…");
    if (cut && *link) buffer_addf(tail, call->config->format == FORMAT_MARKDOWN ? "\n[全文 more](%s)" : "\n%s", link);
    if (*mentions) buffer_addf(tail, "\n%s", mentions);
    if (keyword) buffer_addf(tail, "\n%s", call->config->keyword);
}

const char *robot_content(const struct channel_call *call, const char *mentions, size_t most, struct pool *pool)
{
    const char *body = call->message->body;
    bool markdown = call->config->format == FORMAT_MARKDOWN, keyword = !has_keyword(call, body, strlen(body));
    size_t bytes = strlen(body), kept = bytes;
    struct buffer tail;
    buffer_init(&tail, most);
    add_tail(&tail, call, mentions, false, keyword);
    if (tail.overflow || bytes + tail.bytes > most) {
        /* The keyword may be in what is cut away. */
        for (int again = 0; again < 2; again++, keyword = true) {
            buffer_clear(&tail);
            add_tail(&tail, call, mentions, true, keyword);
            kept = tail.overflow ? 0 : cut_fit(body, bytes, most - tail.bytes, markdown);
            if (keyword || has_keyword(call, body, kept)) break;
        }
    }
    char *content = pool_take(pool, kept + tail.bytes + 1);
    memcpy(content, body, kept);
    memcpy(content + kept, buffer_text(&tail), tail.bytes + 1);
    buffer_free(&tail);
    return content;
}

bool robot_mention(struct buffer *mentions, const char *before, struct text address, const char *after)
{
    if (mentions->bytes + strlen(before) + address.bytes + strlen(after) > mentions->max) return false;
    buffer_add_text(mentions, before);
    buffer_add(mentions, address.at, address.bytes);
    return buffer_add_text(mentions, after);
}

bool robot_request(const struct channel_call *call, const char *url, json_t *body, struct request *request, struct pool *pool, char *error)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    if (!text) {
        snprintf(error, REQUEST_ERROR_BYTES, "the message is no UTF-8");
        return false;
    }
    size_t bytes = strlen(text);
    *request = (struct request){.transport = TRANSPORT_HTTP, .url = url, .method = "POST", .body = pool_copy(pool, text, bytes + 1), .bytes = bytes,
                                .ca_file = call->config->ca_file, .header = {"Content-Type: application/json; charset=utf-8"}, .headers = 1};
    arena_free(text);
    return true;
}

/* --- whom it mentions --- */

bool robot_is_phone(struct text address)
{
    size_t from = address.bytes && *address.at == '+', digits = address.bytes - from;
    for (size_t i = from; i < address.bytes; i++)
        if (address.at[i] < '0' || address.at[i] > '9') return false;
    return digits >= 5 && digits <= 15;
}

const char *robot_address(struct text address, bool phones)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.@";
    const char *expected = phones ? "expected a phone number or a member's id of letters, digits and - _ . @" : "expected a member's id of letters, digits and - _ . @";
    if (phones && robot_is_phone(address)) return NULL;
    if (address.bytes == 0 || address.bytes > ID_MAX_BYTES) return expected;
    for (size_t i = 0; i < address.bytes; i++)
        if (!address.at[i] || !strchr(good, address.at[i])) return expected;
    return NULL;
}

/* --- what it answers --- */

static const struct robot_code *find_code(const struct robot_codes *codes, long code)
{
    for (size_t i = 0; i < codes->count; i++)
        if (codes->at[i].code == code) return &codes->at[i];
    return NULL;
}

static void judge_code(const struct robot_codes *codes, const json_t *body, struct verdict *verdict)
{
    char words[WORDS_BYTES] = "";
    const json_t *code = json_object_get(body, codes->code), *text = json_object_get(body, codes->text);
    verdict->code = (long)json_integer_value(code);
    if (json_is_string(text)) verdict_words(words, sizeof words, json_string_value(text), json_string_length(text));
    if (verdict->code == 0) return;
    const struct robot_code *known = find_code(codes, verdict->code);
    verdict_say(verdict, known ? known->kind : VERDICT_RETRY, "%s %ld%s%s%s%s", codes->code, verdict->code, known ? ", " : "", known ? known->meaning : "",
                *words ? ": " : "", words);
    if (verdict->kind == VERDICT_SLOW_DOWN && verdict->wait_ms < codes->throttled_ms) verdict->wait_ms = codes->throttled_ms;
}

void robot_judge(const struct robot_codes *codes, const struct answer *answer, struct verdict *verdict)
{
    char words[WORDS_BYTES];
    bool good = verdict_begin(answer, verdict), refused = answer->status >= 400 && answer->status < 500;
    if (!good && !refused) return;
    json_t *body = json_loadb(answer->body, answer->bytes, 0, NULL);
    const json_t *code = json_object_get(body, codes->code);
    bool coded = json_is_integer(code) && (good || json_integer_value(code) != 0);
    if (coded) judge_code(codes, body, verdict);
    else if (good && answer->bytes == 0) verdict_say(verdict, VERDICT_RETRY, "HTTP %ld with an empty body", answer->status);
    else if (good) {
        verdict_words(words, sizeof words, answer->body, answer->bytes);
        verdict_say(verdict, VERDICT_RETRY, "HTTP %ld without %s: %s", answer->status, codes->code, words);
    }
    json_decref(body);
}
