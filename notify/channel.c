/* The channels by name. To add one: its file, and its line here. */
#include "notify/channel.h"

extern const struct channel channel_webhook, channel_wecom, channel_dingtalk, channel_feishu, channel_email, channel_sms, channel_kafka;

static const struct channel *const channels[CHANNELS] = {
    [CHANNEL_WEBHOOK] = &channel_webhook, [CHANNEL_WECOM] = &channel_wecom, [CHANNEL_DINGTALK] = &channel_dingtalk, [CHANNEL_FEISHU] = &channel_feishu,
    [CHANNEL_EMAIL] = &channel_email,     [CHANNEL_SMS] = &channel_sms,     [CHANNEL_KAFKA] = &channel_kafka,
};

const struct channel *channel_of(enum config_channel channel)
{
    return channels[channel];
}
