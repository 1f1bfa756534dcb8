#ifndef BIHUAN_NOTIFY_ROBOT_H
#define BIHUAN_NOTIFY_ROBOT_H
/* What the group robots 群机器人 of WeCom, DingTalk and Feishu have in common. Pure but for robot_open. */
#include <jansson.h>

#include "notify/channel.h"

enum { ROBOT_SECRET_MAX_BYTES = 256, ROBOT_SIGNATURE_BYTES = 45 /* base64 of 32 bytes, with a NUL */ };

/* Base64 of HMAC-SHA256; text_bytes may be 0. */
void robot_sign(const char *key, size_t key_bytes, const char *text, size_t text_bytes, char signature[ROBOT_SIGNATURE_BYTES]);

/* Opens a robot's endpoint: its url, and the secret where it has one (`signs`), NUL-terminated text in *secrets. */
size_t robot_open(const struct config_endpoint *config, bool signs, void **secrets, struct buffer *faults, struct buffer *warnings);
void robot_close(void *secrets);

/* The field that people read: the message's body, then the mentions (in the robot's own markup, "" for none), the keyword where it is missing; at most `most`
 * bytes: the body is cut for that, with an ellipsis and the link. In the pool. */
const char *robot_content(const struct channel_call *call, const char *mentions, size_t most, struct pool *pool);

/* Adds a mention to a text of at most `most` bytes; false: there is no room for it. */
bool robot_mention(struct buffer *mentions, const char *before, struct text address, const char *after);

/* Makes the POST of a body that is stolen; NULL: memory is out or it holds what is no UTF-8. */
bool robot_request(const struct channel_call *call, const char *url, json_t *body, struct request *request, struct pool *pool, char *error);

/* Is it a phone number, digits with an optional +? */
bool robot_is_phone(struct text address);
/* A phone number, or an id of letters, digits and - _ . @; `phones` false: an id alone. NULL, or what is wrong. */
const char *robot_address(struct text address, bool phones);

/* Codes in the body of an answer, and what is done about them. 0 is success and needs no line, what is not listed is tried again. */
struct robot_code {
    long code;
    enum verdict_kind kind;
    const char *meaning;
};
struct robot_codes {
    const char *code, *text; /* names of the members */
    int64_t throttled_ms;
    size_t count;
    const struct robot_code *at;
};
void robot_judge(const struct robot_codes *codes, const struct answer *answer, struct verdict *verdict);

#endif
