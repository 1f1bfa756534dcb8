/* The channels by name. To add one: its file, and its line here. */
#include "notify/channel.h"

extern const struct channel channel_webhook;

static const struct channel *const channels[CHANNELS] = {
    [CHANNEL_WEBHOOK] = &channel_webhook,
};

const struct channel *channel_of(enum config_channel channel)
{
    return channels[channel];
}
