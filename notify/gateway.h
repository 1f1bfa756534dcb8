#ifndef BIHUAN_NOTIFY_GATEWAY_H
#define BIHUAN_NOTIFY_GATEWAY_H
/* An SMS gateway 短信网关 described in a file (conf/schema/sms-gateway.json): every city has another. Pure once read. */
#include "common/pool.h"
#include "notify/channel.h"

enum { GATEWAY_HEADERS_MAX = 16, GATEWAY_CODES_MAX = 64, GATEWAY_STATUSES_MAX = 16, GATEWAY_POINTER_BYTES = 128, GATEWAY_VALUE_BYTES = 128 };

/* How a field is escaped where it stands. */
enum gateway_escape { ESCAPE_NONE, ESCAPE_JSON, ESCAPE_FORM, ESCAPE_XML };

/* Answers that mean something: values at the pointer, or texts in the body where there is none. */
struct gateway_codes {
    size_t count;
    char at[GATEWAY_CODES_MAX][GATEWAY_VALUE_BYTES];
};

struct gateway {
    char *url, *body, *content_type; /* owned */
    char *header[GATEWAY_HEADERS_MAX]; /* "Name: value" with fields; owned */
    size_t headers;
    int method;                     /* GET, POST, PUT */
    enum gateway_escape escape;     /* of the body */
    int characters_max;             /* of the text */
    int status[GATEWAY_STATUSES_MAX];
    size_t statuses;
    char pointer[GATEWAY_POINTER_BYTES], equals[GATEWAY_VALUE_BYTES], contains[GATEWAY_VALUE_BYTES]; /* the success test; "" for none */
    char message[GATEWAY_POINTER_BYTES], receipt[GATEWAY_POINTER_BYTES];
    struct gateway_codes slow_down, refused;
    bool uses_secret;
};

/* What fields are filled in with. */
struct gateway_fields {
    struct text mobile;
    const char *text, *id, *secret;
};

/* Reads the file, or text for which `file` is a name. False: the first fault, as "FILE: path: reason". *gateway must be freed even then. */
bool gateway_load(struct gateway *gateway, const char *file, char *error, size_t error_bytes) __attribute__((warn_unused_result));
bool gateway_parse(struct gateway *gateway, const char *file, const char *text, size_t bytes, char *error, size_t error_bytes) __attribute__((warn_unused_result));
void gateway_free(struct gateway *gateway);

/* The request for one message; memory from the pool. False: why, in error[REQUEST_ERROR_BYTES]. */
bool gateway_request(const struct gateway *gateway, const struct gateway_fields *fields, struct request *request, struct pool *pool, char *error);
void gateway_judge(const struct gateway *gateway, const struct answer *answer, struct verdict *verdict);

/* Fills {{mobile}}, {{text}}, {{id}} and {{secret}} into a template that was checked. */
void gateway_fill(struct buffer *out, const char *form, const struct gateway_fields *fields, enum gateway_escape escape);

#endif
