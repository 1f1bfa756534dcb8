/* bihuan-notify send --test: a marked trial to all who would get a unit's notices, at every place where they can be reached, so that a wrong
 * address is found before it matters. Sends also in shadow mode, as it is asked for.
 *
 * The trap: a trial must not look like a notice to a machine, so the type of its envelope is "trial". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/alloc.h"
#include "common/consent.h"
#include "common/kafka.h"
#include "notify/chain.h"
#include "notify/dispatch.h"
#include "notify/ledger.h"
#include "notify/mask.h"
#include "notify/outfit.h"
#include "notify/sample.h"
#include "notify/sender.h"
#include "notify/verbs.h"
#include "sla/case_json.h"
#include "sla/look.h"
#include "sla/told_record.h"

enum { WAIT_MS = 120000, TURN_MS = 100, PRODUCE_WAIT_MS = 10000, FLUSH_MS = 10000, LINE_BYTES = 1024 };

static const char *test_option, *channel_option;
static bool yes_option;
const struct options_extra send_extras[] = {{"test", &test_option, NULL}, {"channel", &channel_option, NULL}, {"yes", NULL, &yes_option}, {NULL, NULL, NULL}};

/* One message to one place, and whom it is for. */
struct trial {
    struct delivery delivery;
    struct ledger_to to[DELIVERY_ADDRESSES_MAX];
    struct text name[DELIVERY_ADDRESSES_MAX];
    size_t tos;
    char id[NOTICE_ID_BYTES];
};

struct sending_trials {
    struct look look;
    struct outfit outfit;
    struct sample sample;
    struct route route;
    struct dispatch dispatch;
    struct trial *trial;
    size_t count, answered;
    struct pool pool;
};

/* --- who and where --- */

static void new_id(char id[NOTICE_ID_BYTES])
{
    unsigned char random[16];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) abort();
    size_t at = (size_t)snprintf(id, NOTICE_ID_BYTES, "tst_");
    for (size_t i = 0; i < sizeof random; i++) at += (size_t)snprintf(id + at, NOTICE_ID_BYTES - at, "%02x", random[i]);
}

/* What a group shares is one message. */
static struct trial *shared(struct sending_trials *all, const struct endpoint *endpoint)
{
    if (endpoint->channel->addressed) return NULL;
    for (size_t i = 0; i < all->count; i++)
        if (all->trial[i].delivery.endpoint == endpoint && all->trial[i].tos < DELIVERY_ADDRESSES_MAX) return &all->trial[i];
    return NULL;
}

static void add_place(struct sending_trials *all, const struct recipient *recipient, const struct place *place)
{
    struct trial *trial = shared(all, place->endpoint);
    if (channel_option && strcmp(channel_option, place->endpoint->channel->name) != 0) return;
    if (!trial) {
        trial = &all->trial[all->count++];
        trial->delivery.endpoint = place->endpoint;
        new_id(trial->id);
    }
    trial->name[trial->tos] = recipient->name.bytes ? recipient->name : recipient->person;
    trial->to[trial->tos++] = (struct ledger_to){recipient->person, recipient->roles, place->address};
    if (place->address.bytes) trial->delivery.address[trial->delivery.addresses++] = place->address;
}

static void find_places(struct sending_trials *all, struct text unit)
{
    const struct rules *rules = all->sample.envelope.rules;
    struct route_question question = {.unit = unit, .holder = unit, .roles = 1U << ROLE_HANDLER | 1U << ROLE_LEAD | 1U << ROLE_LEADER,
                                      .day = zone_day(rules->zone, all->sample.envelope.now_ms)};
    all->outfit.routing.calendar = rules->calendar;
    route_find(&all->route, &all->outfit.routing, &question);
    all->trial = xcalloc(RECIPIENTS_MAX * CONTACTS_MAX, sizeof *all->trial);
    for (size_t i = 0; i < all->route.count; i++)
        for (size_t place = 0; place < all->route.at[i].places; place++) add_place(all, &all->route.at[i], &all->route.at[i].place[place]);
}

/* "Zhang (handler, leader) 138****1234, … through wecom-wuye (wecom)" */
static void describe(const struct trial *trial, struct buffer *line)
{
    const struct endpoint *endpoint = trial->delivery.endpoint;
    for (size_t i = 0; i < trial->tos; i++) {
        char address[MASK_BYTES];
        const char *separator = "";
        mask_address(address, trial->to[i].address);
        buffer_addf(line, "%s%.*s", i ? ", " : "", (int)trial->name[i].bytes, trial->name[i].bytes ? trial->name[i].at : "");
        if (!trial->name[i].bytes) buffer_addf(line, "endpoint");
        buffer_addf(line, " (");
        for (int role = 0; role < ROLES; role++)
            if (trial->to[i].roles >> role & 1) {
                buffer_addf(line, "%s%s", separator, role_name((enum role)role));
                separator = ", ";
            }
        buffer_addf(line, ")%s%s", *address ? " " : "", address);
    }
    buffer_addf(line, " through %s (%s)", endpoint->config->name, endpoint->channel->name);
}

static bool agreed(const struct sending_trials *all)
{
    char question[LINE_BYTES];
    struct buffer line;
    buffer_init(&line, 1 << 20);
    for (size_t i = 0; i < all->count; i++) {
        describe(&all->trial[i], &line);
        buffer_add_text(&line, "\n");
    }
    fprintf(stderr, "A trial of unit %s%s will go to\n%s", test_option,
            all->route.elsewhere ? ", of which nobody can be reached: the dispatcher instead," : "", buffer_text(&line));
    buffer_free(&line);
    snprintf(question, sizeof question, "Send %zu message%s?", all->count, all->count == 1 ? "" : "s");
    return consent(question, yes_option);
}

/* --- sending --- */

static void fill(struct sending_trials *all, struct trial *trial)
{
    struct delivery *delivery = &trial->delivery;
    const struct envelope *envelope = &all->sample.envelope;
    struct wording wording = {.envelope = envelope, .demand = &all->sample.preview.demand, .units = all->outfit.units, .id = trial->id, .seen_link = "",
                              .signed_link = "", .trial = true, .elsewhere = all->route.elsewhere};
    json_t *object = envelope_notice(envelope, &all->sample.preview.demand, trial->id);
    json_object_set_new_nocheck(object, "type", json_string_nocheck("trial"));
    char *text = json_dumps(object, JSON_COMPACT);
    delivery->message = (struct message){.id = trial->id, .key = SAMPLE_CASE, .subject = "", .body = "", .link = ""};
    if (delivery->endpoint->channel->words) words_notice(all->outfit.words, delivery->endpoint->config, &wording, &delivery->message, &all->pool);
    delivery->message.envelope = text ? pool_copy(&all->pool, text, strlen(text) + 1) : "{}";
    free(text);
    json_decref(object);
}

static void answered(void *context, struct delivery *delivery)
{
    struct sending_trials *all = context;
    (void)delivery;
    all->answered++;
}

/* False: the store was lost, and what was not sent by then is not. */
static bool send_all(struct sending_trials *all)
{
    static const struct delivery_kind kind = {.answered = answered};
    bool good = true;
    int64_t begun_ms = clock_monotonic_ms();
    for (size_t i = 0; i < all->count; i++) {
        struct delivery *delivery = &all->trial[i].delivery;
        delivery->kind = &kind;
        delivery->owner = &all->trial[i];
        delivery->pool = &all->pool;
        delivery->rank = RANK_CRITICAL;
        fill(all, &all->trial[i]);
        dispatch_send(&all->dispatch, delivery);
    }
    while (good && all->answered < all->count && clock_monotonic_ms() - begun_ms < WAIT_MS) {
        good = dispatch_serve(&all->dispatch);
        sender_drive(all->dispatch.sender, TURN_MS, -1);
    }
    for (size_t i = 0; i < all->count; i++) {
        struct delivery *delivery = &all->trial[i].delivery;
        if (delivery->answered) continue;
        if (!delivery->started) dispatch_drop(delivery);
        delivery->verdict = (struct verdict){.kind = VERDICT_RETRY, .error = "no room at the endpoint within two minutes"};
    }
    return good;
}

/* --- the ledger --- */

static json_t *record_of(const struct sending_trials *all, const struct trial *trial)
{
    static const char *const none[] = {"class", "clock", "round", "step", "deadline", "due", NULL};
    const struct delivery *delivery = &trial->delivery;
    const struct message *message = &delivery->message;
    const char *sent = delivery->endpoint->channel->words ? message->body : message->envelope;
    char hash[CHAIN_HASH_BYTES];
    chain_hash(hash, sent, strlen(sent));
    struct ledger_entry entry = {.type = "trial", .id = trial->id, .outcome = delivery->verdict.kind == VERDICT_DELIVERED ? "delivered" : "failed",
                                 .endpoint = delivery->endpoint->config->name, .attempt = delivery->started, .sent_ms = delivery->sent_ms,
                                 .answered_ms = delivery->answered_ms, .status = delivery->status, .code = delivery->verdict.code,
                                 .error = delivery->verdict.error, .channel = delivery->endpoint->channel->name, .hash = hash,
                                 .receipt = delivery->verdict.receipt, .to = trial->to, .tos = trial->tos};
    struct demand demand = {.unit = all->sample.preview.demand.unit};
    json_t *object = json_object();
    ledger_begin(object, TEXT(SAMPLE_CASE), of_name(OF_TICKET), &entry);
    for (const char *const *name = none; *name; name++) json_object_set_new_nocheck(object, *name, json_null());
    ledger_end(object, &demand, &entry, all->sample.envelope.rules->zone, all->sample.envelope.now_ms);
    return object;
}

static bool record(struct sending_trials *all, struct kafka_producer *producer, struct chain *chain, json_t *value)
{
    struct text field = store_field(&all->pool, OF_TICKET, TEXT(SAMPLE_CASE));
    struct told_headers headers;
    struct chain_link *link;
    told_headers_make(&headers, field, &(struct told_record){.tolds = 0});
    struct chain_cover cover = {SAMPLE_CASE, sizeof SAMPLE_CASE - 1, headers.header, headers.count};
    char *text = chain_print(chain, case_shard(OF_TICKET, TEXT(SAMPLE_CASE), all->look.store.shards), value, &cover, &link);
    struct kafka_record one = {.topic = all->look.config.topics.ledger, .key = SAMPLE_CASE, .key_bytes = sizeof SAMPLE_CASE - 1, .value = text,
                               .value_bytes = text ? strlen(text) : 0, .headers = headers.header, .header_count = headers.count};
    bool good = text && kafka_produce(producer, &one, PRODUCE_WAIT_MS);
    free(text);
    return good;
}

static void show(const struct trial *trial, const json_t *value, bool json)
{
    const struct delivery *delivery = &trial->delivery;
    struct buffer line;
    if (json) {
        json_print_line(stdout, value);
        return;
    }
    buffer_init(&line, 1 << 20);
    describe(trial, &line);
    buffer_addf(&line, ": %s", delivery->verdict.kind == VERDICT_DELIVERED ? "delivered" : "failed");
    if (delivery->status) buffer_addf(&line, ", answer %ld", delivery->status);
    if (*delivery->verdict.error) buffer_addf(&line, ": %s", delivery->verdict.error);
    puts(buffer_text(&line));
    buffer_free(&line);
}

/* Tells people and the ledger what came of each. */
static int tell(struct sending_trials *all)
{
    struct look *look = &all->look;
    struct chain *chain = chain_open(&look->store);
    struct kafka_producer *producer = kafka_producer_open(&look->config, NULL, NULL, look->store.fault, sizeof look->store.fault);
    bool recorded = producer != NULL, delivered = true;
    for (size_t i = 0; i < all->count; i++) {
        json_t *value = record_of(all, &all->trial[i]);
        show(&all->trial[i], value, look->options->json);
        delivered &= all->trial[i].delivery.verdict.kind == VERDICT_DELIVERED;
        recorded = recorded && record(all, producer, chain, value);
        json_decref(value);
    }
    recorded = recorded && kafka_flush(producer, FLUSH_MS) && producer->failed == 0;
    if (recorded) chain_all_acknowledged(chain);
    else fprintf(stderr, "bihuan-notify send: the ledger cannot be written: %s\n", producer ? producer->error : look->store.fault);
    kafka_producer_close(producer, 0);
    bool noted = recorded && chain_note(chain, &look->store);
    chain_close(chain);
    return delivered && noted ? EXIT_OK : EXIT_FAILED;
}

/* --- the verb --- */

static int send_trials(struct sending_trials *all)
{
    struct look *look = &all->look;
    struct text unit = {test_option, strlen(test_option)};
    int64_t now_ms = clock_business_ms(&look->store.clock);
    const char *none = sample_make(&all->sample, rulebook_at(look->store.book, now_ms), unit, now_ms);
    if (none) {
        fprintf(stderr, "bihuan-notify send: %s\n", none);
        return EXIT_FAILED;
    }
    find_places(all, unit);
    if (all->count == 0) {
        fprintf(stderr, "bihuan-notify send: nobody can be reached for unit %s%s%s\n", test_option, channel_option ? " by " : "", channel_option ? channel_option : "");
        return EXIT_FAILED;
    }
    if (!agreed(all)) return EXIT_FAILED;
    all->dispatch = (struct dispatch){.endpoints = &all->outfit.endpoints, .store = &look->store, .context = all};
    all->dispatch.sender = sender_open(&look->config, dispatch_ready, dispatch_answered, &all->dispatch);
    if (!all->dispatch.sender) {
        fprintf(stderr, "bihuan-notify send: libcurl could not start\n");
        return EXIT_FAILED;
    }
    bool good = send_all(all);
    sender_close(all->dispatch.sender);
    if (!good) look_failed(look);
    return tell(all);
}

int notify_send(const struct options *options)
{
    static struct sending_trials all;
    struct buffer faults;
    if (!test_option) return options_usage(options, "--test UNIT is needed: nothing else is sent by hand");
    int code = look_open_to_write(&all.look, options);
    if (code != EXIT_OK) return code;
    buffer_init(&faults, CONFIG_FAULTS_BYTES);
    if (outfit_open(&all.outfit, &all.look.config, &faults, NULL)) code = EXIT_USAGE;
    fputs(buffer_text(&faults), stderr);
    if (code == EXIT_OK) code = send_trials(&all);
    buffer_free(&faults);
    free(all.trial);
    sample_free(&all.sample);
    outfit_close(&all.outfit);
    pool_free(&all.pool);
    look_close(&all.look);
    return code;
}
