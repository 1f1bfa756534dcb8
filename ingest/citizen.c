/* A citizen as a keyed hash and masks.
 *
 * Not encryption: nothing here can be turned back. The trap is the short value: a mask
 * that shows three digits and the last four shows all of a number of seven; and the
 * placeholder, which would link everybody who gave no number. */
#include "ingest/citizen.h"

#include "common/alloc.h"
#include "common/secret.h"
#include "ingest/normal.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HASH_BYTES = 16, HASH_CHARACTERS = 22, ID_DIGITS_MIN = 6, PHONE_DIGITS_MIN = 7, KEY_ID_MAX_BYTES = 32 };

struct citizen {
    char *key; /* NULL: none configured */
    size_t key_bytes;
    char key_id[KEY_ID_MAX_BYTES + 1];
};

/* NULL, or what is wrong with the name of the key. */
static const char *key_id_fault(const char *key_id)
{
    if (!*key_id) return "expected a name beside key_file or key_env";
    if (strlen(key_id) > KEY_ID_MAX_BYTES) return "expected at most 32 bytes";
    for (const char *c = key_id; *c; c++)
        if (*c == ':' || *c <= ' ' || *c > '~') return "expected plain characters without blanks and colons";
    return NULL;
}

struct citizen *citizen_open(const struct config *config, char *error, size_t error_bytes)
{
    const char *file = config->privacy.key_file, *env = config->privacy.key_env, *key_id = config->privacy.key_id;
    struct citizen *citizen = xcalloc(1, sizeof *citizen);
    if (!*file && !*env) {
        snprintf(error, error_bytes, "[privacy] no key_file or key_env: citizens are masked but not hashed, repeat appeals are not linked");
        return citizen;
    }
    const char *fault = key_id_fault(key_id);
    if (fault) {
        snprintf(error, error_bytes, "[privacy] key_id: %s", fault);
    } else if ((citizen->key = secret_read(file, env, error, error_bytes))) {
        citizen->key_bytes = strlen(citizen->key);
        snprintf(citizen->key_id, sizeof citizen->key_id, "%s", key_id);
        if (error_bytes) *error = 0;
        if (citizen->key_bytes >= CITIZEN_KEY_MIN_BYTES) return citizen;
        snprintf(error, error_bytes, "[privacy] the key is shorter than %d bytes", CITIZEN_KEY_MIN_BYTES);
    }
    citizen_close(citizen);
    return NULL;
}

void citizen_close(struct citizen *citizen)
{
    if (!citizen) return;
    secret_free(citizen->key);
    free(citizen);
}

/* Whether a number says who somebody is: not masked, long enough, more than one digit. */
static bool identifies(const struct normal *normal, struct text given, size_t digits_min)
{
    if (normal->digits < digits_min || memchr(given.at, '*', given.bytes)) return false;
    char first = 0;
    for (size_t i = 0; i < normal->bytes; i++) {
        if (!glyph_is_digit((unsigned char)normal->at[i])) continue;
        if (first && normal->at[i] != first) return true;
        first = normal->at[i];
    }
    return false;
}

static void hash(const struct citizen *citizen, const struct normal *normal, char text[HASH_CHARACTERS + 1])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char base64[32];
    unsigned bytes = 0;
    if (!HMAC(EVP_sha256(), citizen->key, (int)citizen->key_bytes, (const unsigned char *)normal->at, normal->bytes, digest, &bytes))
        abort(); /* libcrypto without SHA-256 or memory */
    EVP_EncodeBlock((unsigned char *)base64, digest, HASH_BYTES);
    for (int i = 0; i < HASH_CHARACTERS; i++) text[i] = base64[i] == '+' ? '-' : base64[i] == '/' ? '_' : base64[i];
    text[HASH_CHARACTERS] = 0;
}

/* Whether a name's first character may be shown: a letter of some writing. */
static bool shows(struct glyph glyph)
{
    if (glyph.code < 0xc0) return glyph.code >= 'A' && glyph.code <= 'Z';
    return glyph.code != GLYPH_INVALID && !(glyph.code >= 0x2000 && glyph.code < 0x2e80) && !(glyph.code >= 0x3000 && glyph.code < 0x3040) &&
           !(glyph.code >= 0xe000 && glyph.code < 0xf900) && !(glyph.code >= 0xfe00 && glyph.code < 0x10000);
}

/* 王小明: 王*. Of one character nothing is shown. */
static size_t mask_name(char *mask, struct text name)
{
    struct normal normal;
    normal_text(&normal, name);
    if (!normal.bytes) return 0;
    struct glyph first = glyph_next(normal.at, normal.bytes);
    size_t shown = normal.glyphs >= 2 && shows(first) ? first.bytes : 0;
    memcpy(mask, normal.at, shown);
    mask[shown] = '*';
    return shown + 1;
}

/* Asterisks for all but the first `head` and last `tail` bytes. */
static size_t mask_middle(char *mask, const struct normal *normal, size_t head, size_t stars, size_t tail)
{
    memcpy(mask, normal->at, head);
    memset(mask + head, '*', stars);
    memcpy(mask + head + stars, normal->at + normal->bytes - tail, tail);
    return head + stars + tail;
}

/* 13812341234: 138****1234. */
static size_t mask_phone(char *mask, const struct normal *normal, struct text phone)
{
    if (!phone.bytes) return 0;
    if (normal->bytes >= 11) return mask_middle(mask, normal, 3, 4, 4);
    return mask_middle(mask, normal, 0, 4, normal->bytes >= PHONE_DIGITS_MIN ? 2 : 0);
}

/* 310112199001011234: 310***********1234. */
static size_t mask_id_no(char *mask, const struct normal *normal, struct text id_no)
{
    if (!id_no.bytes) return 0;
    bool ascii = normal->glyphs == normal->bytes;
    for (size_t i = 0; i < normal->bytes; i++) ascii &= glyph_is_word((unsigned char)normal->at[i]) || normal->at[i] == '*';
    if (ascii && (normal->bytes == 15 || normal->bytes == 18)) return mask_middle(mask, normal, 3, normal->bytes - 7, 4);
    return mask_middle(mask, normal, 0, 4, ascii && normal->bytes >= 8 ? 2 : 0);
}

size_t citizen_text(const struct citizen *citizen, const struct decoded *decoded, char text[CITIZEN_TEXT_BYTES])
{
    struct text name = decoded->citizen_name, phone = decoded->citizen_phone, id_no = decoded->citizen_id_no;
    struct normal phone_normal, id_normal;
    char *end = text;
    *text = 0;
    if (!name.bytes && !phone.bytes && !id_no.bytes) return 0;
    normal_phone(&phone_normal, phone);
    normal_text(&id_normal, id_no);
    const struct normal *who = identifies(&id_normal, id_no, ID_DIGITS_MIN)           ? &id_normal
                               : identifies(&phone_normal, phone, PHONE_DIGITS_MIN) ? &phone_normal
                                                                                      : NULL;
    if (citizen->key && who) {
        char hashed[HASH_CHARACTERS + 1];
        hash(citizen, who, hashed);
        end += snprintf(end, CITIZEN_TEXT_BYTES, "%s:%s", citizen->key_id, hashed);
    } else {
        *end++ = ':';
    }
    *end++ = ':';
    end += mask_name(end, name);
    *end++ = ':';
    end += mask_phone(end, &phone_normal, phone);
    *end++ = ':';
    end += mask_id_no(end, &id_normal, id_no);
    *end = 0;
    return (size_t)(end - text);
}
