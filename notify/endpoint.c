/* Endpoints at work. */
#include "notify/endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

enum { SPEED_FIRST = 1000, SPEED_LEAST = 10, SPEED_MOST = 100000, SPEED_EVERY_MS = 1000, MINUTE_MS = 60000, WAITING_MAX = 4 /* times the requests at once */, WAITING_RATED = 8 };

static size_t say(struct buffer *lines, const struct config_endpoint *endpoint, const char *text, const char *about)
{
    if (lines) buffer_addf(lines, "[endpoint %s] %s%s\n", endpoint->name, text, about);
    return 1;
}

/* Bits of the roles it serves; 0 where one is unknown. */
static unsigned read_roles(const struct config_endpoint *config, struct buffer *faults, size_t *found)
{
    unsigned roles = 0;
    for (size_t i = 0; i < config->roles.count; i++) {
        const char *word = config->roles.at[i];
        unsigned bit = !strcmp(word, "*") ? (1U << ROLES) - 1 : 0;
        for (int role = 0; role < ROLES; role++)
            if (!strcmp(word, role_name((enum role)role))) bit = 1U << role;
        if (bit == 0) *found += say(faults, config, "roles: unknown role ", word);
        roles |= bit;
    }
    return roles;
}

void endpoint_rate(int64_t a_minute, int64_t *interval_ms, int64_t *burst)
{
    *burst = a_minute / 4 < ENDPOINT_BURST_MAX ? a_minute / 4 : ENDPOINT_BURST_MAX;
    if (*burst < 1) *burst = 1;
    *interval_ms = a_minute == 0 ? 0 : a_minute == *burst ? MINUTE_MS : (MINUTE_MS + a_minute - *burst - 1) / (a_minute - *burst);
}

static size_t open_one(struct endpoint *endpoint, const struct config_endpoint *config, unsigned in_flight, struct buffer *faults, struct buffer *warnings)
{
    size_t found = 0;
    *endpoint = (struct endpoint){.config = config, .channel = channel_of((enum config_channel)config->channel), .rate = SPEED_FIRST, .in_flight_max = in_flight};
    endpoint->roles = read_roles(config, faults, &found);
    found += endpoint->channel->open(config, &endpoint->secrets, faults, warnings);
    endpoint_rate(config->rate < 0 ? endpoint->channel->rate_a_minute : config->rate, &endpoint->interval_ms, &endpoint->burst);
    endpoint->waiting_max = endpoint->interval_ms ? WAITING_RATED : (size_t)in_flight * WAITING_MAX;
    if (endpoint->interval_ms) endpoint->rate = 1000.0 / (double)endpoint->interval_ms;
    return found;
}

size_t endpoints_open(struct endpoints *endpoints, const struct config *config, struct buffer *faults, struct buffer *warnings)
{
    size_t count = config->endpoints.count, found = 0, in_flight = (size_t)config->notify.in_flight;
    bool all = false;
    *endpoints = (struct endpoints){.at = xcalloc(count + 1, sizeof *endpoints->at), .count = count};
    for (size_t i = 0; i < count; i++) {
        const struct config_endpoint *one = &config->endpoints.at[i];
        found += open_one(&endpoints->at[i], one, (unsigned)(count == 1 || in_flight == 1 ? in_flight : in_flight / 2), faults, warnings);
        if (*one->fallback && !config_endpoint(config, one->fallback)) found += say(faults, one, "fallback: no endpoint is called ", one->fallback);
        if (!strcmp(one->fallback, one->name)) found += say(faults, one, "fallback: it cannot stand in for itself", "");
        all |= config_list_has(&one->units, "*");
    }
    if (!all && !*config->notify.units && warnings)
        buffer_add_text(warnings, "[endpoint] none serves every unit (units = *): notices to units that none names are not sent\n");
    return found;
}

void endpoints_close(struct endpoints *endpoints)
{
    for (size_t i = 0; i < endpoints->count; i++) endpoints->at[i].channel->close(endpoints->at[i].secrets);
    free(endpoints->at);
    *endpoints = (struct endpoints){0};
}

struct endpoint *endpoints_find(const struct endpoints *endpoints, struct text name)
{
    for (size_t i = 0; i < endpoints->count; i++) {
        const char *other = endpoints->at[i].config->name;
        if (strlen(other) == name.bytes && !memcmp(other, name.at, name.bytes)) return &endpoints->at[i];
    }
    return NULL;
}

bool endpoint_serves(const struct endpoint *endpoint, struct text unit)
{
    const struct config_list *units = &endpoint->config->units;
    for (size_t i = 0; i < units->count; i++)
        if (!strcmp(units->at[i], "*") || (strcmp(units->at[i], "-") && strlen(units->at[i]) == unit.bytes && unit.bytes && !memcmp(units->at[i], unit.at, unit.bytes))) return true;
    return false;
}

void endpoint_answered(struct endpoint *endpoint, int64_t real_ms)
{
    endpoint->answers++;
    int64_t passed_ms = real_ms - endpoint->second_ms;
    if (passed_ms < SPEED_EVERY_MS) return;
    /* Only while somebody waits all the time does it tell how fast the endpoint can be; else it can be faster than was thought. */
    double rate = (double)endpoint->answers * 1000 / (double)passed_ms;
    bool tells = endpoint->pressed && endpoint->waiting && passed_ms < 2 * SPEED_EVERY_MS;
    if (!tells) rate = endpoint->rate < SPEED_MOST / 2 ? endpoint->rate * 2 : SPEED_MOST;
    if (!endpoint->interval_ms) endpoint->rate = rate > SPEED_LEAST ? rate : SPEED_LEAST;
    endpoint->pressed = endpoint->waiting > 0;
    endpoint->second_ms = real_ms;
    endpoint->answers = 0;
}

int64_t endpoint_book(struct endpoint *endpoint, int rank, int64_t real_ms)
{
    int64_t first_us = (real_ms + ENDPOINT_LINE_MIN_MS) * 1000, last_us = endpoint->interval_ms ? INT64_MAX : (real_ms + ENDPOINT_LINE_MAX_MS) * 1000;
    /* A speed is a guess: twice as many are booked, so that the line never runs dry, and some come in vain. */
    int64_t step_us = (int64_t)(1000000 / (endpoint->interval_ms ? endpoint->rate : 2 * endpoint->rate));
    if (rank == 0) return real_ms + (step_us > 100000 ? step_us / 1000 : ENDPOINT_LINE_MIN_MS);
    for (int i = rank - 1; i < 2; i++)
        if (endpoint->line_us[i] < first_us) endpoint->line_us[i] = first_us;
    int64_t place_us = endpoint->line_us[rank - 1];
    if (place_us >= last_us) return last_us / 1000;
    /* What is more urgent pushes the others back. */
    for (int i = rank - 1; i < 2; i++) endpoint->line_us[i] += step_us;
    return place_us / 1000;
}
