/* Tokens by libcrypto.
 *
 * The traps: a signature is compared in constant time, under every key, and before anything is read out of the token; and texts have
 * their length before them, so that no two acknowledgements are the same bytes. */
#include "notify/ack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/secret.h"
#include "sla/case_json.h"

enum { FORMAT = 1, HEAD_BYTES = 6, MAC_BYTES = 32, TEXTS = 4, BODY_MAX_BYTES = HEAD_BYTES + TEXTS * (1 + ACK_TEXT_MAX_BYTES), RAW_MAX_BYTES = BODY_MAX_BYTES + MAC_BYTES };
_Static_assert((RAW_MAX_BYTES + 2) / 3 * 4 < (int)ACK_TOKEN_BYTES, "a token has room");

const char *ack_action_name(enum ack_action action)
{
    static const char *const names[ACK_ACTIONS] = {"seen", "signed"};
    return names[action];
}

/* --- keys --- */

const char *ack_keys_parse(struct ack_keys *keys, const char *text)
{
    keys->count = 0;
    for (const char *line = text, *end; *line; line = end + (*end != 0)) {
        end = strchrnul(line, '\n');
        size_t bytes = (size_t)(end - line);
        while (bytes && strchr(" \t\r", line[bytes - 1])) bytes--;
        if (bytes == 0) continue;
        if (bytes < ACK_KEY_MIN_BYTES) return "a key has fewer than 16 bytes";
        if (bytes > ACK_KEY_MAX_BYTES) return "a key has more than 256 bytes";
        if (keys->count == ACK_KEYS_MAX) return "there are more than 8 keys";
        memcpy(keys->key[keys->count].at, line, bytes);
        keys->key[keys->count++].bytes = bytes;
    }
    return keys->count ? NULL : "there is no key in it";
}

bool ack_keys_open(struct ack_keys *keys, const struct config *config, char *error, size_t error_bytes)
{
    const char *file = config->acknowledge.key_file, *env = config->acknowledge.key_env;
    keys->count = 0;
    *error = 0;
    char *text = secret_read(file, env, error, error_bytes);
    if (!text) return !*error;
    const char *fault = ack_keys_parse(keys, text);
    secret_free(text);
    if (!fault) return true;
    snprintf(error, error_bytes, "%s: %s", *file ? file : env, fault);
    ack_keys_close(keys);
    return false;
}

void ack_keys_close(struct ack_keys *keys)
{
    OPENSSL_cleanse(keys, sizeof *keys);
}

const char *ack_url_check(const char *url)
{
    const char *host = !strncmp(url, "https://", 8) ? url + 8 : !strncmp(url, "http://", 7) ? url + 7 : NULL;
    if (!host) return "expected an address that begins with https:// or http://";
    if (!*host || strchr("/?:", *host)) return "there is no host in it";
    for (const char *at = url; *at; at++)
        if (*at <= ' ' || *at >= 0x7f || strchr("\"<>\\^`{|}", *at)) return "it holds characters that an address cannot";
    return strchr(url, '#') ? "it has a fragment (#)" : NULL;
}

/* --- tokens --- */

static void sign(unsigned char mac[MAC_BYTES], const void *key, size_t key_bytes, const unsigned char *body, size_t bytes)
{
    unsigned mac_bytes = 0;
    if (!HMAC(EVP_sha256(), key, (int)key_bytes, body, bytes, mac, &mac_bytes) || mac_bytes != MAC_BYTES) abort(); /* libcrypto without SHA-256 */
}

static bool is_signed(const struct ack_keys *keys, const unsigned char *raw, size_t bytes)
{
    int good = 0;
    unsigned char mac[MAC_BYTES];
    for (size_t i = 0; i < keys->count; i++) {
        sign(mac, keys->key[i].at, keys->key[i].bytes, raw, bytes - MAC_BYTES);
        good |= CRYPTO_memcmp(mac, raw + bytes - MAC_BYTES, MAC_BYTES) == 0;
    }
    return good;
}

static bool put_text(unsigned char *body, size_t *bytes, struct text text)
{
    if (text.bytes > ACK_TEXT_MAX_BYTES) return false;
    body[(*bytes)++] = (unsigned char)text.bytes;
    if (text.bytes) memcpy(body + *bytes, text.at, text.bytes);
    *bytes += text.bytes;
    return true;
}

/* What is signed, into body[BODY_MAX_BYTES]; 0: it cannot be. */
static size_t print_body(unsigned char *body, const struct ack *ack)
{
    size_t bytes = HEAD_BYTES;
    uint32_t until_s = (uint32_t)(ack->until_ms / 1000);
    bool good = of_case(ack->of) && (ack->of == OF_TICKET || ack->action == ACK_SEEN) && ack->id.bytes && ack->notice.bytes && ack->recipient.bytes &&
                ack->until_ms > 0 && ack->until_ms / 1000 <= UINT32_MAX;
    body[0] = FORMAT;
    body[1] = (unsigned char)(ack->of << 4 | (unsigned)ack->action);
    for (int i = 0; i < 4; i++) body[2 + i] = (unsigned char)(until_s >> (24 - 8 * i));
    good = good && put_text(body, &bytes, ack->id) && put_text(body, &bytes, ack->notice) && put_text(body, &bytes, ack->recipient) &&
           put_text(body, &bytes, ack->unit);
    return good ? bytes : 0;
}

bool ack_print(char *text, const struct ack_keys *keys, const struct ack *ack)
{
    unsigned char raw[RAW_MAX_BYTES];
    size_t bytes = keys->count ? print_body(raw, ack) : 0;
    if (bytes == 0) return false;
    sign(raw + bytes, keys->key[0].at, keys->key[0].bytes, raw, bytes);
    int length = EVP_EncodeBlock((unsigned char *)text, raw, (int)(bytes + MAC_BYTES));
    while (length > 0 && text[length - 1] == '=') text[--length] = 0;
    for (char *at = text; *at; at++) *at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
    return true;
}

void ack_link(char *text, const char *url, const struct ack_keys *keys, const struct ack *ack)
{
    char token[ACK_TOKEN_BYTES];
    *text = 0;
    if (!*url || !ack_print(token, keys, ack)) return;
    if (snprintf(text, ACK_LINK_BYTES, "%s%ct=%s", url, strchr(url, '?') ? '&' : '?', token) >= ACK_LINK_BYTES) *text = 0;
}

/* base64url into raw[RAW_MAX_BYTES]; 0: it is none, or not as we write it. */
static size_t decode(const char *token, unsigned char *raw)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t length = strnlen(token, ACK_TOKEN_BYTES), bytes = 0;
    uint32_t held = 0;
    unsigned bits = 0;
    if (length > (RAW_MAX_BYTES * 4 + 2) / 3 || length % 4 == 1) return 0;
    for (size_t i = 0; i < length; i++) {
        const char *digit = strchr(digits, token[i]);
        if (!digit) return 0;
        held = held << 6 | (uint32_t)(digit - digits);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        raw[bytes++] = (unsigned char)(held >> bits);
    }
    return held & ((1u << bits) - 1) ? 0 : bytes;
}

static bool take_text(const unsigned char **at, const unsigned char *end, char **room, struct text *text)
{
    if (*at == end) return false;
    size_t bytes = *(*at)++;
    if (bytes > ACK_TEXT_MAX_BYTES || bytes > (size_t)(end - *at)) return false;
    memcpy(*room, *at, bytes);
    *text = (struct text){*room, bytes};
    *room += bytes;
    *at += bytes;
    return true;
}

/* Reads what was signed. */
static bool read_body(const unsigned char *body, size_t bytes, struct ack *ack, char *room)
{
    const unsigned char *at = body + HEAD_BYTES, *end = body + bytes;
    uint32_t until_s = 0;
    if (body[0] != FORMAT || body[1] >> 4 > OF_RATING || (body[1] & 15) >= ACK_ACTIONS) return false;
    for (int i = 0; i < 4; i++) until_s = until_s << 8 | body[2 + i];
    *ack = (struct ack){.of = (enum of)(body[1] >> 4), .action = (enum ack_action)(body[1] & 15), .until_ms = (int64_t)until_s * 1000};
    return take_text(&at, end, &room, &ack->id) && take_text(&at, end, &room, &ack->notice) && take_text(&at, end, &room, &ack->recipient) &&
           take_text(&at, end, &room, &ack->unit) && at == end && ack->id.bytes && ack->notice.bytes && ack->recipient.bytes &&
           (ack->of == OF_TICKET || ack->action == ACK_SEEN);
}

enum ack_read ack_read(const char *token, const struct ack_keys *keys, int64_t now_ms, struct ack *ack, char room[ACK_TOKEN_BYTES])
{
    unsigned char raw[RAW_MAX_BYTES + 3];
    size_t bytes = decode(token, raw);
    if (bytes < HEAD_BYTES + TEXTS + MAC_BYTES || !is_signed(keys, raw, bytes)) return ACK_FORGED;
    if (!read_body(raw, bytes - MAC_BYTES, ack, room)) return ACK_FORGED;
    return now_ms < ack->until_ms ? ACK_GOOD : ACK_EXPIRED;
}

/* --- the event --- */

void ack_event_id(char text[ACK_EVENT_ID_BYTES], const struct ack *ack)
{
    unsigned char body[BODY_MAX_BYTES], digest[32];
    struct ack same = *ack;
    same.until_ms = 1000; /* whatever the link's end, and whom it names as unit */
    same.unit = (struct text){0};
    size_t bytes = print_body(body, &same);
    EVP_Digest(body, bytes, digest, NULL, EVP_sha256(), NULL);
    memcpy(text, "ack_", 4);
    for (int i = 0; i < 16; i++) snprintf(text + 4 + 2 * i, 3, "%02x", digest[i]);
}

void ack_event_key(uint8_t key[8], const struct ack *ack)
{
    char id[ACK_EVENT_ID_BYTES], text[sizeof ACK_SOURCE + 1 + sizeof id];
    unsigned char digest[32];
    ack_event_id(id, ack);
    int bytes = snprintf(text, sizeof text, "%s\n%s", ACK_SOURCE, id);
    EVP_Digest(text, (size_t)bytes, digest, NULL, EVP_sha256(), NULL);
    memcpy(key, digest, 8);
}

json_t *ack_event(const struct ack *ack, const struct zone *zone, int64_t now_ms)
{
    char id[ACK_EVENT_ID_BYTES];
    json_t *object = json_object(), *data = json_object();
    enum event_type type = ack->action == ACK_SIGNED ? TICKET_SIGNED : ack->of == OF_TICKET ? TICKET_SEEN : RATING_SEEN;
    ack_event_id(id, ack);
    if (ack->unit.bytes) json_object_set_new_nocheck(data, "unit", json_text(ack->unit));
    json_object_set_new_nocheck(data, "by", json_text(ack->recipient));
    json_object_set_new_nocheck(data, "notice", json_text(ack->notice));
    json_object_set_new_nocheck(object, "specversion", json_string_nocheck("1.0"));
    json_object_set_new_nocheck(object, "id", json_string_nocheck(id));
    json_object_set_new_nocheck(object, "source", json_string_nocheck(ACK_SOURCE));
    json_object_set_new_nocheck(object, "type", json_string_nocheck(event_type_name(type)));
    json_object_set_new_nocheck(object, "subject", json_text(ack->id));
    json_object_set_new_nocheck(object, "time", json_instant(zone, now_ms));
    json_object_set_new_nocheck(object, "data", data);
    return object;
}
