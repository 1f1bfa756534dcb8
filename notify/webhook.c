/* Standard Webhooks by libcrypto. The trap: EVP_DecodeBlock counts base64's padding as
 * bytes of the key. */
#include "notify/webhook.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>

enum { MAC_BYTES = 32 };

const char *webhook_key_parse(const char *text, struct webhook_key *key)
{
    static const char prefix[] = "whsec_";
    unsigned char decoded[WEBHOOK_KEY_MAX_BYTES + 3];
    size_t length = strlen(text);
    if (strncmp(text, prefix, sizeof prefix - 1) != 0) return "expected whsec_ and base64";
    text += sizeof prefix - 1;
    length -= sizeof prefix - 1;
    if (length == 0 || length % 4 != 0 || length / 4 * 3 > sizeof decoded) return "expected base64 of 24 to 64 bytes behind whsec_";
    int bytes = EVP_DecodeBlock(decoded, (const unsigned char *)text, (int)length);
    for (size_t i = length; bytes > 0 && i > length - 2 && text[i - 1] == '='; i--) bytes--;
    if (bytes < WEBHOOK_KEY_MIN_BYTES || bytes > WEBHOOK_KEY_MAX_BYTES) return "expected base64 of 24 to 64 bytes behind whsec_";
    memcpy(key->at, decoded, (size_t)bytes);
    key->bytes = (size_t)bytes;
    return NULL;
}

/* HMAC over the pieces, so that the body is not copied. */
static void mac_of(const struct webhook_key *key, const char *head, size_t head_bytes, const void *body, size_t bytes, unsigned char mac[MAC_BYTES])
{
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
    size_t done = 0;
    if (!context || !EVP_MAC_init(context, key->at, key->bytes, params) || !EVP_MAC_update(context, (const unsigned char *)head, head_bytes) ||
        !EVP_MAC_update(context, body, bytes) || !EVP_MAC_final(context, mac, &done, MAC_BYTES) || done != MAC_BYTES)
        abort(); /* libcrypto without SHA-256, or without memory */
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(hmac);
}

void webhook_sign(const struct webhook_key *key, const char *id, int64_t timestamp_s, const void *body, size_t bytes,
                  char signature[WEBHOOK_SIGNATURE_BYTES])
{
    char head[256];
    unsigned char mac[MAC_BYTES];
    int head_bytes = snprintf(head, sizeof head, "%s.%" PRId64 ".", id, timestamp_s);
    mac_of(key, head, (size_t)head_bytes, body, bytes, mac);
    memcpy(signature, "v1,", 3);
    EVP_EncodeBlock((unsigned char *)signature + 3, mac, MAC_BYTES);
}
