/* The Kafka channel: the envelope as a record of a topic of the department's, keyed by the case. */
#include <string.h>

#include "notify/channel_open.h"
#include "notify/verdict.h"

static size_t open(const struct config_endpoint *config, void **secrets, struct buffer *faults, struct buffer *warnings)
{
    size_t found = channel_unused(config, " topic ", faults);
    (void)warnings;
    *secrets = NULL;
    if (!strcmp(config->topic, ".") || !strcmp(config->topic, "..") ||
        strspn(config->topic, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != strlen(config->topic))
        found += channel_say(faults, config, "topic: letters, digits and . _ - alone make a topic's name");
    return found;
}

static void close(void *secrets)
{
    (void)secrets;
}

static bool compose(const struct channel_call *call, struct request *request, struct pool *pool, char *error)
{
    (void)pool, (void)error;
    *request = (struct request){.transport = TRANSPORT_KAFKA, .topic = call->config->topic, .key = call->message->key, .body = call->message->envelope,
                                .bytes = strlen(call->message->envelope), .header = {"content-type: application/cloudevents+json; charset=UTF-8"}, .headers = 1};
    return true;
}

static void judge(const void *secrets, const struct answer *answer, struct verdict *verdict)
{
    (void)secrets;
    verdict_begin(answer, verdict);
}

const struct channel channel_kafka = {.name = "kafka", .open = open, .close = close, .compose = compose, .judge = judge};
