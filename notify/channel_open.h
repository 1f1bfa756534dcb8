#ifndef BIHUAN_NOTIFY_CHANNEL_OPEN_H
#define BIHUAN_NOTIFY_CHANNEL_OPEN_H
/* What channels check alike when an endpoint is opened, and how they say it. */
#include "notify/channel.h"

/* Adds the line "[endpoint NAME] …\n"; lines may be NULL. Returns 1. */
size_t channel_say(struct buffer *lines, const struct config_endpoint *config, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Is the url one of these two schemes', with a host and without a name or password; can ca_file be read? Returns the number of faults. */
size_t channel_url(const struct config_endpoint *config, const char *scheme, const char *secure, struct buffer *faults);

/* Options that this channel does not read are faults: nobody should think that they do something. `used` names those of the channel-specific
 * ones it reads, with blanks around each. */
size_t channel_unused(const struct config_endpoint *config, const char *used, struct buffer *faults);

/* The secret of secret_file or secret_env; NULL where neither is set (that is no fault here), or it cannot be read. Free with secret_free. */
char *channel_secret(const struct config_endpoint *config, size_t *count, struct buffer *faults) __attribute__((warn_unused_result));
/* Where that secret comes from, for messages. */
const char *channel_secret_source(const struct config_endpoint *config);

#endif
