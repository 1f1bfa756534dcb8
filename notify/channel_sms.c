/* SMS 短信: one message to one phone, through the gateway that a file describes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/secret.h"
#include "notify/channel_open.h"
#include "notify/cut.h"
#include "notify/gateway.h"
#include "notify/glyph.h"
#include "notify/robot.h"
#include "notify/verdict.h"

enum { FAULT_BYTES = 512, SECRET_MAX_BYTES = 4096 };

struct secrets {
    struct gateway gateway;
    char *secret; /* NULL for none */
};

static size_t open_secret(struct secrets *secrets, const struct config_endpoint *config, struct buffer *faults)
{
    size_t found = 0;
    secrets->secret = channel_secret(config, &found, faults);
    bool given = *channel_secret_source(config);
    if (secrets->secret && (strlen(secrets->secret) > SECRET_MAX_BYTES || strpbrk(secrets->secret, "\r\n")))
        found += channel_say(faults, config, "%s: expected one line of at most %d bytes", channel_secret_source(config), SECRET_MAX_BYTES);
    if (secrets->gateway.uses_secret && !given) found += channel_say(faults, config, "%s: {{secret}} is used, but there is no secret_file or secret_env", config->gateway);
    if (given && !secrets->gateway.uses_secret) found += channel_say(faults, config, "%s: there is a secret, but no {{secret}} in it", config->gateway);
    return found;
}

static size_t open(const struct config_endpoint *config, void **secrets, struct buffer *faults, struct buffer *warnings)
{
    char fault[FAULT_BYTES];
    struct secrets *own = *secrets = xcalloc(1, sizeof *own);
    size_t found = channel_unused(config, " gateway secret_file  secret_env  ca_file ", faults);
    if (!gateway_load(&own->gateway, config->gateway, fault, sizeof fault)) return found + channel_say(faults, config, "%s", fault);
    if (!strncmp(own->gateway.url, "http://", 7)) channel_say(warnings, config, "%s: url: phone numbers go over http without encryption", config->gateway);
    return found + open_secret(own, config, faults);
}

static void close(void *secrets)
{
    struct secrets *own = secrets;
    if (!own) return;
    gateway_free(&own->gateway);
    secret_free(own->secret);
    free(own);
}

static const char *address(struct text address)
{
    return robot_is_phone(address) ? NULL : "expected a phone number: 5 to 15 digits, + before them or not";
}

/* So many characters at most; the link to the rest behind what is cut, where it fits. */
static const char *shortened(const struct channel_call *call, size_t most, struct pool *pool)
{
    const char *body = call->message->body, *link = call->message->link;
    size_t bytes = strlen(body), link_bytes = strlen(link), room = 0, count = 0, kept = 0;
    bool linked = *link && link_bytes + 2 < most / 2;
    size_t left = most - 1 - (linked ? link_bytes + 1 : 0);
    for (; room < bytes && count <= most; count++) {
        size_t length = glyph_bytes(body + room, bytes - room);
        if (count == left) kept = room;
        room += length ? length : 1;
    }
    if (count <= most) return body;
    size_t room_bytes = kept + sizeof "…" + 1 + link_bytes + 1;
    char *text = pool_take(pool, room_bytes);
    snprintf(text, room_bytes, "%.*s…%s%s", (int)kept, body, linked ? " " : "", linked ? link : "");
    return text;
}

static bool compose(const struct channel_call *call, struct request *request, struct pool *pool, char *error)
{
    const struct secrets *own = call->secrets;
    if (call->addresses != 1 || !robot_is_phone(*call->address)) {
        snprintf(error, REQUEST_ERROR_BYTES, "there is no phone number");
        return false;
    }
    struct gateway_fields fields = {.mobile = *call->address, .text = shortened(call, (size_t)own->gateway.characters_max, pool), .id = call->message->id,
                                    .secret = own->secret ? own->secret : ""};
    if (!gateway_request(&own->gateway, &fields, request, pool, error)) return false;
    request->ca_file = call->config->ca_file;
    return true;
}

static void judge(const void *secrets, const struct answer *answer, struct verdict *verdict)
{
    gateway_judge(&((const struct secrets *)secrets)->gateway, answer, verdict);
}

const struct channel channel_sms = {.name = "sms", .words = "sms", .markup = MARKUP_PLAIN, .addressed = true, .open = open, .close = close, .address = address,
                                    .compose = compose, .judge = judge};
