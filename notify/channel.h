#ifndef BIHUAN_NOTIFY_CHANNEL_H
#define BIHUAN_NOTIFY_CHANNEL_H
/* A channel 渠道: how one kind of endpoint is spoken to. One file implements one; notify/channel.c lists them, and nothing else
 * knows them by name. Pure: a channel makes requests and reads answers; sending is the sender's. */
#include "common/buffer.h"
#include "common/config.h"
#include "common/pool.h"
#include "notify/message.h"
#include "notify/request.h"
#include "sla/event.h"

/* How fields that are filled into its templates are escaped (notify/escape.h). */
enum markup { MARKUP_PLAIN, MARKUP_MARKDOWN, MARKUP_HTML, MARKUP_JSON, MARKUP_URL };

enum verdict_kind {
    VERDICT_DELIVERED,
    VERDICT_RETRY,     /* may do the next time */
    VERDICT_SLOW_DOWN, /* too many: the endpoint gets nothing for a while */
    VERDICT_REFUSED,   /* will not do however often: a bad key, address or body */
    VERDICT_GONE,      /* 410: the endpoint gets nothing more until a reload */
};
const char *verdict_name(enum verdict_kind kind);

/* What an answer means. */
struct verdict {
    enum verdict_kind kind;
    int64_t wait_ms;    /* at least so long before the next attempt; 0: as we like */
    long code;          /* the business code in the body; 0 where there is none */
    char error[REQUEST_ERROR_BYTES]; /* for people: what the endpoint said; "" when delivered */
    char receipt[64];   /* what it calls the message, where it says so; "" */
};

/* What a request is made from. */
struct channel_call {
    const struct config_endpoint *config;
    const void *secrets;            /* of `open` */
    const struct message *message;
    const struct text *address;     /* [addresses]; an addressed channel: the one; a group robot: whom it mentions */
    size_t addresses;
    int64_t real_ms;                /* for signatures and dates */
};

struct channel {
    const char *name;
    const char *words;      /* suffix of its templates; NULL: it takes the envelope and needs none */
    enum markup markup;
    bool addressed;         /* every message goes to one address: e-mail, SMS; else the endpoint itself is whom it reaches */
    int rate_a_minute;      /* the service's own bound; 0 none */
    int64_t throttled_ms;   /* how long it blocks one who goes beyond */
    /* Reads secrets and files of an endpoint; *secrets is freed by close. Returns the number of faults, said as
     * "[endpoint NAME] …\n" in *faults; warnings likewise. Either buffer may be NULL. */
    size_t (*open)(const struct config_endpoint *config, void **secrets, struct buffer *faults, struct buffer *warnings);
    void (*close)(void *secrets); /* overwrites and frees; accepts NULL */
    /* Is this an address of this channel? NULL: yes, else what is wrong (static text). Not called where nobody is mentioned. NULL: it has no addresses. */
    const char *(*address)(struct text address);
    /* Makes the request; its memory from the pool. False: it cannot be made; why in error[REQUEST_ERROR_BYTES]. */
    bool (*compose)(const struct channel_call *call, struct request *request, struct pool *pool, char *error);
    void (*judge)(const void *secrets, const struct answer *answer, struct verdict *verdict); /* secrets: of `open` */
};

const struct channel *channel_of(enum config_channel channel);

#endif
