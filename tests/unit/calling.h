#ifndef BIHUAN_TESTS_UNIT_CALLING_H
#define BIHUAN_TESTS_UNIT_CALLING_H
/* A channel called by hand: an endpoint made of its defaults, a message, and what the channel makes of them. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "notify/channel.h"
#include "tests/unit/unit.h"

struct calling {
    struct config_endpoint config;
    struct message message;
    struct text address[8];
    struct channel_call call;
    struct request request;
    struct pool pool;
    char error[REQUEST_ERROR_BYTES];
    json_t *json; /* the body, where it is JSON */
};

static inline struct calling calling_begin(enum config_channel channel)
{
    static char none[] = "", name[] = "e", url[] = "https://robot.example.cn/send?key=abc";
    return (struct calling){.config = {.name = name, .channel = (int)channel, .url = url, .topic = none, .gateway = none, .secret_file = none, .secret_env = none, .user = none,
                                       .password_file = none, .from = none, .ca_file = none, .keyword = none, .fallback = none},
                            .message = {.id = "ntc_00112233445566778899aabbccddeeff", .key = "ML1", .subject = "到期提醒", .body = "正文", .envelope = "{}", .link = ""}};
}

static inline void calling_address(struct calling *calling, const char *address)
{
    calling->address[calling->call.addresses++] = (struct text){address, strlen(address)};
}

/* Composes anew; the body is parsed where it is JSON. */
static inline bool calling_compose(struct calling *calling, const void *secrets, int64_t real_ms)
{
    calling->call.config = &calling->config;
    calling->call.message = &calling->message;
    calling->call.address = calling->address;
    calling->call.secrets = secrets;
    calling->call.real_ms = real_ms;
    json_decref(calling->json);
    calling->json = NULL;
    bool good = channel_of((enum config_channel)calling->config.channel)->compose(&calling->call, &calling->request, &calling->pool, calling->error);
    if (good) calling->json = json_loadb(calling->request.body, calling->request.bytes, 0, NULL);
    return good;
}

static inline void calling_end(struct calling *calling)
{
    json_decref(calling->json);
    pool_free(&calling->pool);
}

/* The text at "a.b.0.c" of the body; NULL for none. */
static inline const char *calling_text(const struct calling *calling, const char *path)
{
    const json_t *value = calling->json;
    char copy[128];
    snprintf(copy, sizeof copy, "%s", path);
    for (char *rest = copy, *name; (name = strsep(&rest, "."));)
        value = json_is_array(value) ? json_array_get(value, (size_t)strtoul(name, NULL, 10)) : json_object_get(value, name);
    return json_string_value(value);
}

/* What the channel makes of an answer. */
static inline struct verdict calling_judge(enum config_channel channel, const void *secrets, long status, const char *body)
{
    struct answer answer = {.status = status, .body = body, .bytes = strlen(body)};
    struct verdict verdict;
    channel_of(channel)->judge(secrets, &answer, &verdict);
    return verdict;
}

#endif
