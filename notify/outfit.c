/* An outfit. The trap: files refer to one another (a person's contact names an endpoint), so what cannot work together is a fault
 * as well. */
#include "notify/outfit.h"

enum { FAULT_BYTES = 512 };

#include "common/clock.h"
#include "common/zone.h"

static size_t lines_in(const char *text)
{
    size_t lines = 0;
    for (; *text; text++) lines += *text == '\n';
    return lines;
}

/* What a loader said, into *faults. How many lines there are. */
static size_t take_faults(struct buffer *said, struct buffer *faults)
{
    size_t count = lines_in(buffer_text(said));
    if (faults) buffer_add_text(faults, buffer_text(said));
    buffer_clear(said);
    return count;
}

static bool needs_words(const struct endpoints *endpoints)
{
    for (size_t i = 0; i < endpoints->count; i++)
        if (endpoints->at[i].channel->words) return true;
    return false;
}

int32_t outfit_day(const struct config *config)
{
    return (int32_t)((config->clock.mode == CLOCK_MODE_SCALED ? config->clock.start_ms : clock_real_ms()) / DAY_MS);
}

static size_t open_keys(struct ack_keys *keys, const struct config *config, struct buffer *faults)
{
    char error[FAULT_BYTES];
    if (!*config->acknowledge.url || ack_keys_open(keys, config, error, sizeof error)) return 0;
    if (faults) buffer_addf(faults, "[acknowledge] %s\n", error);
    return 1;
}

size_t outfit_open(struct outfit *outfit, const struct config *config, struct buffer *faults, struct buffer *warnings)
{
    struct buffer said;
    *outfit = (struct outfit){0};
    buffer_init(&said, CONFIG_FAULTS_BYTES);
    size_t count = endpoints_open(&outfit->endpoints, config, faults, warnings);
    if (*config->notify.units) outfit->units = units_load(config->notify.units, &said);
    if (*config->notify.sending) outfit->sending = sending_load(config->notify.sending, &said);
    if (needs_words(&outfit->endpoints)) outfit->words = words_open(config, false, &said);
    count += take_faults(&said, faults);
    count += open_keys(&outfit->ack_keys, config, faults);
    buffer_free(&said);
    routing_open(&outfit->routing, &outfit->endpoints, outfit->units, NULL);
    return count + route_check(&outfit->routing, outfit_day(config), faults, warnings);
}

void outfit_change(struct outfit *outfit, struct outfit *from)
{
    outfit_close(outfit);
    *outfit = *from;
    outfit->routing.endpoints = &outfit->endpoints;
    *from = (struct outfit){0};
}

void outfit_close(struct outfit *outfit)
{
    ack_keys_close(&outfit->ack_keys);
    routing_close(&outfit->routing);
    endpoints_close(&outfit->endpoints);
    units_free(outfit->units);
    sending_free(outfit->sending);
    words_close(outfit->words);
    *outfit = (struct outfit){0};
}
