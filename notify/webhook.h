#ifndef BIHUAN_NOTIFY_WEBHOOK_H
#define BIHUAN_NOTIFY_WEBHOOK_H
/* Standard Webhooks 1.0: secrets and signatures. Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WEBHOOK_KEY_MIN_BYTES = 24, /* what the standard allows */
    WEBHOOK_KEY_MAX_BYTES = 64,
    WEBHOOK_SIGNATURE_BYTES = 48, /* "v1," and 44 of base64, with a NUL */
};

struct webhook_key {
    unsigned char at[WEBHOOK_KEY_MAX_BYTES];
    size_t bytes; /* 0: none, requests are not signed */
};

/* Reads "whsec_<base64>" into *key. NULL, or what is wrong with it (static text, never the secret). */
const char *webhook_key_parse(const char *text, struct webhook_key *key) __attribute__((warn_unused_result));

/* Signs id.timestamp.body: "v1,<base64 of HMAC-SHA256>" into signature. timestamp_s: real time, seconds since 1970. */
void webhook_sign(const struct webhook_key *key, const char *id, int64_t timestamp_s, const void *body, size_t bytes,
                  char signature[WEBHOOK_SIGNATURE_BYTES]);

#endif
