/* The courier: sends messages through a configured endpoint with the real channel and sender, and prints what came of them, for tests.
 *
 *   courier --config FILE ENDPOINT [--loop N] [--at MS] <messages.jsonl
 *
 * Each line of stdin is a message: id, key, subject, body, html, calendar, envelope, link (texts; id is required) and addresses (a list). Each verdict is a line of
 * stdout, in the order of the answers: id, kind, status, code, wait_ms, error, receipt. --loop sends the lines N times over and prints counts and the pace
 * instead. --at is the real time in ms that signatures bear. Exit 2: the configuration has faults, said on stderr. */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/alloc.h"
#include "notify/endpoint.h"
#include "notify/sender.h"
#include "tests/support/ready.h"

enum { LINE_BYTES = 1 << 20, MESSAGES_MAX = 4096, ADDRESSES_MAX = 64, VERDICTS = 5 };

struct letter {
    json_t *json;
    struct message message;
    struct text address[ADDRESSES_MAX];
    size_t addresses;
};

/* One on its way. */
struct flight {
    const struct letter *letter;
    struct pool pool;
    struct flight *next;
};

struct courier {
    struct config config;
    struct endpoints endpoints;
    const struct endpoint *endpoint;
    struct sender *sender;
    struct letter letter[MESSAGES_MAX];
    size_t letters, loop, next, answered, count[VERDICTS];
    struct flight *free;
    int64_t at_ms;
};

static const char *text_of(const json_t *json, const char *name, const char *fallback)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text ? text : fallback;
}

static bool read_letter(struct courier *courier, const char *line)
{
    struct letter *letter = &courier->letter[courier->letters];
    json_t *json = letter->json = json_loads(line, 0, NULL);
    const json_t *addresses = json_object_get(json, "addresses");
    if (!json_is_object(json) || courier->letters == MESSAGES_MAX || json_array_size(addresses) > ADDRESSES_MAX) return false;
    letter->message = (struct message){.id = text_of(json, "id", ""), .key = text_of(json, "key", ""), .subject = text_of(json, "subject", ""),
                                       .body = text_of(json, "body", ""), .html = text_of(json, "html", NULL), .calendar = text_of(json, "calendar", NULL),
                                       .envelope = text_of(json, "envelope", "{}"), .link = text_of(json, "link", "")};
    for (size_t i = 0; i < json_array_size(addresses); i++) {
        const char *address = json_string_value(json_array_get(addresses, i));
        letter->address[letter->addresses++] = (struct text){address ? address : "", address ? strlen(address) : 0};
    }
    courier->letters++;
    return true;
}

static bool read_letters(struct courier *courier)
{
    static char line[LINE_BYTES];
    while (fgets(line, sizeof line, stdin))
        if (!read_letter(courier, line)) return false;
    return courier->letters > 0;
}

static void print_verdict(const struct letter *letter, const struct answer *answer, const struct verdict *verdict)
{
    json_t *line = json_pack("{s:s,s:s,s:I,s:I,s:I,s:s,s:s,s:b}", "id", letter->message.id, "kind", verdict_name(verdict->kind), "status", (json_int_t)answer->status,
                             "code", (json_int_t)verdict->code, "wait_ms", (json_int_t)verdict->wait_ms, "error", verdict->error, "receipt", verdict->receipt,
                             "withheld", answer->withheld);
    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
    fflush(stdout);
    json_decref(line);
}

static void note(struct courier *courier, const struct letter *letter, const struct answer *answer)
{
    struct verdict verdict;
    courier->endpoint->channel->judge(courier->endpoint->secrets, answer, &verdict);
    courier->count[verdict.kind]++;
    courier->answered++;
    if (courier->loop == 1) print_verdict(letter, answer, &verdict);
}

static bool ready(void *context, void *opaque)
{
    (void)context, (void)opaque;
    return true;
}

static void answered(void *context, void *opaque, const struct answer *answer)
{
    struct courier *courier = context;
    struct flight *flight = opaque;
    note(courier, flight->letter, answer);
    pool_clear(&flight->pool);
    flight->next = courier->free;
    courier->free = flight;
}

static int64_t now_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void start(struct courier *courier, const struct letter *letter)
{
    struct flight *flight = courier->free;
    const struct endpoint *endpoint = courier->endpoint;
    struct request request;
    struct answer failed = {.body = ""};
    courier->free = flight->next;
    flight->letter = letter;
    struct channel_call call = {.config = endpoint->config, .secrets = endpoint->secrets, .message = &letter->message, .address = letter->address,
                                .addresses = letter->addresses, .real_ms = courier->at_ms ? courier->at_ms : now_ms(CLOCK_REALTIME)};
    bool made = endpoint->channel->compose(&call, &request, &flight->pool, failed.error);
    request.opaque = flight;
    if (made && sender_start(courier->sender, &request)) return;
    if (made) snprintf(failed.error, sizeof failed.error, "the request could not be started");
    answered(courier, flight, &failed);
}

static void send_all(struct courier *courier)
{
    size_t total = courier->letters * courier->loop;
    int64_t began_ms = now_ms(CLOCK_MONOTONIC);
    while (courier->answered < total) {
        while (courier->next < total && sender_room(courier->sender)) start(courier, &courier->letter[courier->next++ % courier->letters]);
        sender_drive(courier->sender, 20, -1);
    }
    if (courier->loop == 1) return;
    int64_t took_ms = now_ms(CLOCK_MONOTONIC) - began_ms;
    printf("{\"delivered\":%zu,\"other\":%zu,\"ms\":%lld,\"a_second\":%lld}\n", courier->count[VERDICT_DELIVERED], total - courier->count[VERDICT_DELIVERED],
           (long long)took_ms, (long long)total * 1000 / (took_ms ? took_ms : 1));
}

static bool open_endpoint(struct courier *courier, const char *path, const char *name)
{
    struct buffer faults;
    buffer_init(&faults, CONFIG_FAULTS_BYTES);
    if (!config_open(&courier->config, path)) return false;
    size_t found = endpoints_open(&courier->endpoints, &courier->config, &faults, NULL);
    for (size_t i = 0; i < courier->endpoints.count; i++)
        if (!strcmp(courier->endpoints.at[i].config->name, name)) courier->endpoint = &courier->endpoints.at[i];
    if (!courier->endpoint) fprintf(stderr, "courier: no endpoint %s\n", name);
    fputs(buffer_text(&faults), stderr);
    buffer_free(&faults);
    return !found && courier->endpoint;
}

static void close_all(struct courier *courier, struct flight *flights)
{
    sender_close(courier->sender);
    for (int64_t i = 0; i < courier->config.notify.in_flight; i++) pool_free(&flights[i].pool);
    free(flights);
    endpoints_close(&courier->endpoints);
    config_free(&courier->config);
    for (size_t i = 0; i < courier->letters; i++) json_decref(courier->letter[i].json);
}

int main(int argc, char **argv)
{
    static struct courier courier = {.loop = 1};
    static const struct option known[] = {{"config", required_argument, NULL, 'c'}, {"loop", required_argument, NULL, 'l'}, {"at", required_argument, NULL, 'a'}, {NULL, 0, NULL, 0}};
    const char *path = NULL;
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (option == 'c') path = optarg;
        else if (option == 'l') courier.loop = (size_t)ready_number("--loop", optarg, 1, 10000000);
        else if (option == 'a') courier.at_ms = ready_number("--at", optarg, 1, 4000000000000);
        else return 2;
    }
    if (!path || optind + 1 != argc || !open_endpoint(&courier, path, argv[optind])) return 2;
    if (!read_letters(&courier)) {
        fputs("courier: a line is no message\n", stderr);
        return 2;
    }
    struct flight *flights = xcalloc((size_t)courier.config.notify.in_flight, sizeof *flights);
    for (int64_t i = 0; i < courier.config.notify.in_flight; i++) {
        flights[i].pool.chunk_bytes = 4096;
        flights[i].next = courier.free;
        courier.free = &flights[i];
    }
    courier.sender = sender_open(&courier.config, ready, answered, &courier);
    if (!courier.sender) return 1;
    send_all(&courier);
    close_all(&courier, flights);
    return 0;
}
