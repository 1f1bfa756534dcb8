/* Endpoints at work. */
#include "notify/endpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

enum { RATE_FIRST = 1000, RATE_LEAST = 10, RATE_EVERY_MS = 1000 };

size_t endpoints_open(struct endpoints *endpoints, const struct config *config, struct buffer *faults, struct buffer *warnings)
{
    size_t count = config->endpoints.count, found = 0, in_flight = (size_t)config->notify.in_flight;
    bool all = false;
    *endpoints = (struct endpoints){.at = xcalloc(count + 1, sizeof *endpoints->at), .count = count};
    for (size_t i = 0; i < count; i++) {
        struct endpoint *endpoint = &endpoints->at[i];
        *endpoint = (struct endpoint){.config = &config->endpoints.at[i], .rate = RATE_FIRST};
        endpoint->in_flight_max = (unsigned)(count == 1 || in_flight == 1 ? in_flight : in_flight / 2);
        endpoint->channel = channel_of((enum config_channel)endpoint->config->channel);
        found += endpoint->channel->open(endpoint->config, &endpoint->secrets, faults, warnings);
        all |= config_list_has(&endpoint->config->units, "*");
    }
    if (!all && warnings) buffer_add_text(warnings, "[endpoint] none serves every unit (units = *): notices to units that none names are not sent\n");
    return found;
}

void endpoints_close(struct endpoints *endpoints)
{
    for (size_t i = 0; i < endpoints->count; i++) endpoints->at[i].channel->close(endpoints->at[i].secrets);
    free(endpoints->at);
    *endpoints = (struct endpoints){0};
}

bool endpoint_serves(const struct endpoint *endpoint, struct text unit)
{
    const struct config_list *units = &endpoint->config->units;
    for (size_t i = 0; i < units->count; i++)
        if (!strcmp(units->at[i], "*") || (strlen(units->at[i]) == unit.bytes && unit.bytes && !memcmp(units->at[i], unit.at, unit.bytes))) return true;
    return false;
}

void endpoint_answered(struct endpoint *endpoint, int64_t real_ms)
{
    endpoint->answers++;
    int64_t passed_ms = real_ms - endpoint->second_ms;
    if (passed_ms < RATE_EVERY_MS) return;
    /* Only while somebody waits does it tell how fast the endpoint can be. */
    double rate = (double)endpoint->answers * 1000 / (double)passed_ms;
    if (endpoint->waiting && endpoint->second_ms) endpoint->rate = rate > RATE_LEAST ? rate : RATE_LEAST;
    endpoint->second_ms = real_ms;
    endpoint->answers = 0;
}

int64_t endpoint_book(struct endpoint *endpoint, int64_t real_ms)
{
    int64_t first_us = (real_ms + ENDPOINT_LINE_MIN_MS) * 1000, last_us = (real_ms + ENDPOINT_LINE_MAX_MS) * 1000;
    if (endpoint->line_us < first_us) endpoint->line_us = first_us;
    if (endpoint->line_us >= last_us) return last_us / 1000;
    int64_t place_us = endpoint->line_us;
    endpoint->line_us += (int64_t)(1000000 / endpoint->rate);
    return place_us / 1000;
}
