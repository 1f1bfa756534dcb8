/* bihuan-notify verify: are all records of the ledger there, and as they were written?
 *
 * The traps: notifiers write all the while. So heads are read before the log, and where it then ends is asked after: what Redis names
 * is in what is read. A chain's first record may name records of a partition that was asked for its end a moment earlier; so where
 * something seems to be missing, what came since is read too before that is said. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"
#include "common/arena.h"
#include "common/kafka_reader.h"
#include "common/progress.h"
#include "notify/audit.h"
#include "notify/chain.h"
#include "notify/ledger.h"
#include "notify/verbs.h"
#include "sla/case_json.h"
#include "sla/look.h"

static bool strict_option;
const struct options_extra verify_extras[] = {{"strict", NULL, &strict_option}, {NULL, NULL, NULL}};

enum { ERROR_BYTES = 512, HEADERS_MAX = 64, COUNT_DIGITS = 20 };

struct verifying {
    struct look *look;
    struct audit *audit;
    struct audit_sums sums;
    uint64_t heads, older;  /* heads in Redis; records of before the chain */
    bool *chained;          /* [partitions]: a chained record was seen there */
    size_t partitions;
    bool more;              /* what came since the first reading: it ties nothing */
    int64_t proven_ms;      /* the newest time at which a partition's front ends; 0: no front is gone */
    char error[ERROR_BYTES];
};

/* What a record says of itself. */
struct claim {
    struct audit_record record;
    json_t *value; /* in the arena */
};

/* --- reading a record --- */

static unsigned digit_of(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static bool read_hash(const char *text, unsigned char hash[AUDIT_HASH_BYTES])
{
    if (!text || strlen(text) != CHAIN_HASH_BYTES - 1 || strspn(text, "0123456789abcdef") != CHAIN_HASH_BYTES - 1) return false;
    for (int i = 0; i < AUDIT_HASH_BYTES; i++) hash[i] = (unsigned char)(digit_of(text[2 * i]) << 4 | digit_of(text[2 * i + 1]));
    return true;
}

static bool read_name(const char *text, uint64_t *chain)
{
    if (!text || strlen(text) != CHAIN_NAME_BYTES - 1 || strspn(text, "0123456789abcdef") != CHAIN_NAME_BYTES - 1) return false;
    *chain = strtoull(text, NULL, 16);
    return true;
}

static const char *text_of(const json_t *value, const char *member)
{
    return json_string_value(json_object_get(value, member));
}

/* False: it bears no link, or none that can be. */
static bool read_claim(const rd_kafka_message_t *message, struct claim *claim)
{
    struct audit_record *record = &claim->record;
    char hex[CHAIN_HASH_BYTES];
    const json_t *value = claim->value, *shard = json_object_get(value, "shard"), *seq = json_object_get(value, "seq"), *prev = json_object_get(value, "prev");
    record->place.shard = (unsigned)json_integer_value(shard);
    record->place.seq = (uint64_t)json_integer_value(seq);
    record->prev_ms = json_integer_value(json_object_get(value, "prev_ms"));
    chain_hash(hex, message->payload, message->len);
    bool good = json_is_integer(shard) && json_integer_value(shard) >= 0 && json_integer_value(shard) < STORE_SHARDS_MAX && json_integer_value(seq) > 0 &&
                read_name(text_of(value, "chain"), &record->place.chain) && read_hash(hex, record->hash);
    return good && (record->place.seq == 1 ? json_is_null(prev) : read_hash(json_string_value(prev), record->prev));
}

/* Are key and headers those that it was written with? */
static bool is_covered(const rd_kafka_message_t *message, const json_t *value)
{
    struct kafka_header header[HEADERS_MAX];
    struct chain_cover cover = {message->key, message->key_len, header, 0};
    rd_kafka_headers_t *headers;
    char hex[CHAIN_HASH_BYTES];
    const char *bears = text_of(value, "bears");
    bool any = rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR;
    while (any && cover.headers < HEADERS_MAX &&
           rd_kafka_header_get_all(headers, cover.headers, &header[cover.headers].name, &header[cover.headers].value, &header[cover.headers].bytes) ==
               RD_KAFKA_RESP_ERR_NO_ERROR)
        cover.headers++;
    chain_cover_hash(hex, &cover);
    return bears && !strcmp(bears, hex);
}

/* --- taking records --- */

static void take_ties(struct verifying *verifying, const struct claim *claim)
{
    const json_t *after = json_object_get(claim->value, "after"), *one;
    size_t i;
    json_array_foreach(after, i, one) {
        struct audit_place place = {claim->record.place.shard, 0, (uint64_t)json_integer_value(json_object_get(one, "seq"))};
        unsigned char hash[AUDIT_HASH_BYTES];
        if (place.seq > 0 && read_name(text_of(one, "chain"), &place.chain) && read_hash(text_of(one, "hash"), hash))
            audit_tie(verifying->audit, &place, hash, json_integer_value(json_object_get(one, "at_ms")));
    }
}

static void subject_of(const rd_kafka_message_t *message, char subject[AUDIT_CASE_BYTES])
{
    size_t bytes = message->key ? message->key_len : 0;
    snprintf(subject, AUDIT_CASE_BYTES, "%.*s", (int)(bytes < AUDIT_CASE_BYTES ? bytes : AUDIT_CASE_BYTES - 1), bytes ? (const char *)message->key : "");
}

static void fault(struct verifying *verifying, const rd_kafka_message_t *message, enum audit_kind kind, const struct audit_place *place)
{
    char subject[AUDIT_CASE_BYTES];
    subject_of(message, subject);
    audit_fault_at(verifying->audit, kind, place, message->partition, message->offset, subject);
}

static bool *chained_in(struct verifying *verifying, int32_t partition)
{
    size_t wanted = (size_t)partition + 1;
    if (wanted > verifying->partitions) {
        verifying->chained = xrealloc(verifying->chained, wanted);
        memset(verifying->chained + verifying->partitions, 0, wanted - verifying->partitions);
        verifying->partitions = wanted;
    }
    return &verifying->chained[partition];
}

static void take_record(struct verifying *verifying, const rd_kafka_message_t *message)
{
    struct claim claim = {.value = json_loadb(message->payload ? message->payload : "", message->len, JSON_REJECT_DUPLICATES, NULL)};
    const struct audit_place nowhere = {0};
    bool *chained = chained_in(verifying, message->partition);
    if (ledger_format(claim.value) == 0) {
        fault(verifying, message, AUDIT_STRANGE, &nowhere);
    } else if (ledger_format(claim.value) < LEDGER_FORMAT_CHAINED) {
        verifying->older++;
        if (*chained) fault(verifying, message, AUDIT_UNCHAINED, &nowhere);
    } else if (!read_claim(message, &claim)) {
        fault(verifying, message, AUDIT_UNCHAINED, &nowhere);
    } else {
        *chained = true;
        if (!is_covered(message, claim.value)) fault(verifying, message, AUDIT_COVER, &claim.record.place);
        audit_take(verifying->audit, &claim.record);
        if (!verifying->more) take_ties(verifying, &claim);
    }
    json_decref(claim.value);
}

static void look_at_record(struct verifying *verifying, const rd_kafka_message_t *message)
{
    struct claim claim = {.value = json_loadb(message->payload ? message->payload : "", message->len, JSON_REJECT_DUPLICATES, NULL)};
    char subject[AUDIT_CASE_BYTES];
    subject_of(message, subject);
    if (ledger_format(claim.value) >= LEDGER_FORMAT_CHAINED && read_claim(message, &claim))
        audit_look(verifying->audit, &claim.record.place, claim.record.hash, message->partition, message->offset, subject);
    json_decref(claim.value);
}

/* --- reading the log --- */

/* The first record of a partition whose front is gone says from when on the log is whole. */
static void note_front(struct verifying *verifying, int64_t front_ms)
{
    audit_front(verifying->audit, front_ms);
    if (front_ms > verifying->proven_ms) verifying->proven_ms = front_ms;
}

static void note_fronts_without_records(struct verifying *verifying, const struct kafka_reader *reader)
{
    size_t count = kafka_reader_ends(reader, NULL);
    for (size_t i = 0; i < count; i++) {
        bool empty;
        if (kafka_reader_front_gone_of(reader, (int32_t)i, &empty) && empty) note_front(verifying, clock_real_ms());
    }
}

typedef void record_seen(struct verifying *verifying, const rd_kafka_message_t *message);

static void read_all(struct verifying *verifying, struct kafka_reader *reader, record_seen *seen, const char *doing, bool fronts)
{
    struct progress progress;
    bool *begun = xcalloc(kafka_reader_ends(reader, NULL) + 1, sizeof *begun);
    progress_begin(&progress, doing, kafka_reader_total(reader));
    for (rd_kafka_message_t *message; (message = kafka_reader_next(reader)); rd_kafka_message_destroy(message)) {
        rd_kafka_timestamp_type_t type;
        bool empty, first = fronts && !begun[message->partition];
        begun[message->partition] = true;
        if (first && kafka_reader_front_gone_of(reader, message->partition, &empty)) note_front(verifying, rd_kafka_message_timestamp(message, &type));
        arena_begin();
        seen(verifying, message);
        arena_end();
        progress_step(&progress);
    }
    progress_end(&progress);
    free(begun);
}

/* Reads the topic from `next` (NULL: its beginning), and returns where it then ended, [*count], owned; NULL: error. */
static int64_t *read_log(struct verifying *verifying, const int64_t *next, size_t *count, record_seen *seen, const char *doing)
{
    const struct config *config = &verifying->look->config;
    struct kafka_reader *reader = kafka_reader_open_at(config, config->topics.ledger, next, next ? *count : 0, verifying->error, sizeof verifying->error);
    if (!reader) return NULL;
    bool fronts = !next && seen == take_record;
    if (fronts) note_fronts_without_records(verifying, reader);
    read_all(verifying, reader, seen, doing, fronts);
    bool good = !*kafka_reader_error(reader);
    if (!good) snprintf(verifying->error, sizeof verifying->error, "%.500s", kafka_reader_error(reader));
    *count = kafka_reader_ends(reader, NULL);
    int64_t *ends = xmalloc((*count + 1) * sizeof *ends);
    kafka_reader_ends(reader, ends);
    kafka_reader_close(reader);
    if (good) return ends;
    free(ends);
    return NULL;
}

/* Heads in Redis: what they name must be in the log. */
static bool take_heads(struct verifying *verifying)
{
    struct store *store = &verifying->look->store;
    for (unsigned shard = 0; shard < store->shards && !store->empty; shard++) {
        redisReply *reply = store_heads_send(store, shard) ? store_heads_take(store) : NULL;
        if (!reply) return false;
        for (size_t i = 0; i + 1 < reply->elements; i += 2) {
            struct text name = {reply->element[i]->str, (size_t)reply->element[i]->len}, value = {reply->element[i + 1]->str, (size_t)reply->element[i + 1]->len};
            struct chain_head head;
            struct audit_place place = {.shard = shard};
            unsigned char hash[AUDIT_HASH_BYTES];
            if (!chain_head_read(&head, name, value) || !read_name(head.name, &place.chain) || !read_hash(head.hash, hash)) continue;
            place.seq = head.seq;
            audit_tie(verifying->audit, &place, hash, head.at_ms);
            verifying->heads++;
        }
        freeReplyObject(reply);
    }
    return true;
}

/* False: error says why it could not be done. */
static bool verify(struct verifying *verifying)
{
    size_t count = 0;
    if (!take_heads(verifying)) {
        snprintf(verifying->error, sizeof verifying->error, "%.500s", verifying->look->store.fault);
        return false;
    }
    int64_t *ends = read_log(verifying, NULL, &count, take_record, "records checked");
    if (!ends) return false;
    audit_end(verifying->audit, &verifying->sums);
    verifying->more = true;
    int64_t *after = verifying->sums.faults ? read_log(verifying, ends, &count, take_record, "records checked that came since") : ends;
    if (after && after != ends) audit_end(verifying->audit, &verifying->sums);
    bool good = after != NULL;
    if (after != ends) free(after);
    free(ends);
    if (good && audit_wants(verifying->audit, strict_option)) {
        ends = read_log(verifying, NULL, &count, look_at_record, "records looked at again");
        good = ends != NULL;
        free(ends);
        audit_looked(verifying->audit, &verifying->sums);
    }
    return good;
}

/* --- saying it --- */

static void print_range(char *text, size_t bytes, const struct audit_fault *fault)
{
    if (fault->seq_to > fault->place.seq) snprintf(text, bytes, "%" PRIu64 " to %" PRIu64, fault->place.seq, fault->seq_to);
    else snprintf(text, bytes, "%" PRIu64, fault->place.seq);
}

static void print_fault(const struct audit_fault *fault)
{
    static const char *const words[] = {[AUDIT_MISSING] = "not in the log", [AUDIT_CHANGED] = "not as it was written: the next one names another",
                                        [AUDIT_HEAD] = "not as it was written: Redis, or a later chain, names another",
                                        [AUDIT_FORKED] = "there is another record of this place",
                                        [AUDIT_COVER] = "its key or headers are not those that it was written with",
                                        [AUDIT_UNCHAINED] = "in no chain, though the ledger was chained before",
                                        [AUDIT_STRANGE] = "no record of the ledger's", [AUDIT_LOOSE] = "not vouched for by any head or later chain"};
    char range[2 * COUNT_DIGITS + 8];
    print_range(range, sizeof range, fault);
    printf("%s ", fault->kind == AUDIT_LOOSE ? "note:" : "BROKEN:");
    if (fault->place.seq) printf("shard %u chain %016" PRIx64 " record %s: ", fault->place.shard, fault->place.chain, range);
    printf("%s", words[fault->kind]);
    if (fault->partition >= 0)
        printf(" (%spartition %d offset %" PRId64 ", case %s)", fault->kind == AUDIT_MISSING ? "behind " : fault->kind == AUDIT_LOOSE ? "from " : "", fault->partition,
               fault->offset, *fault->subject ? fault->subject : "-");
    putchar('\n');
}

static void print_fault_json(const struct audit_fault *fault)
{
    char chain[CHAIN_NAME_BYTES];
    json_t *object = json_object();
    bool placed = fault->place.seq > 0, found = fault->partition >= 0;
    snprintf(chain, sizeof chain, "%016" PRIx64, fault->place.chain);
    json_t *subject = found ? json_string(fault->subject) : NULL;
    json_object_set_new(object, "fault", json_string(audit_kind_name(fault->kind)));
    json_object_set_new(object, "shard", placed ? json_integer(fault->place.shard) : json_null());
    json_object_set_new(object, "chain", placed ? json_string(chain) : json_null());
    json_object_set_new(object, "seq", placed ? json_integer((json_int_t)fault->place.seq) : json_null());
    json_object_set_new(object, "seq_to", placed ? json_integer((json_int_t)fault->seq_to) : json_null());
    json_object_set_new(object, "partition", found ? json_integer(fault->partition) : json_null());
    json_object_set_new(object, "offset", found ? json_integer(fault->offset) : json_null());
    json_object_set_new(object, "case", subject ? subject : json_null());
    json_print_line(stdout, object);
    json_decref(object);
}

static void print_sums_json(const struct verifying *verifying, bool good)
{
    const struct audit_sums *sums = &verifying->sums;
    const struct rules *rules = rulebook_widest(verifying->look->store.book);
    json_t *object = json_object();
    json_object_set_new(object, "verified", json_boolean(good));
    json_object_set_new(object, "records", json_integer((json_int_t)sums->records));
    json_object_set_new(object, "chains", json_integer((json_int_t)sums->chains));
    json_object_set_new(object, "heads", json_integer((json_int_t)verifying->heads));
    json_object_set_new(object, "faults", json_integer((json_int_t)sums->faults));
    json_object_set_new(object, "loose", json_integer((json_int_t)sums->loose));
    json_object_set_new(object, "copies", json_integer((json_int_t)sums->copies));
    json_object_set_new(object, "older", json_integer((json_int_t)verifying->older));
    json_object_set_new(object, "gone", json_integer((json_int_t)sums->aged));
    json_object_set_new(object, "proven_from", verifying->proven_ms ? json_instant(rules->zone, verifying->proven_ms) : json_null());
    json_print_line(stdout, object);
    json_decref(object);
}

static void print_sums(const struct verifying *verifying, bool good)
{
    const struct audit_sums *sums = &verifying->sums;
    printf("%s: %" PRIu64 " records of %" PRIu64 " chains checked against %" PRIu64 " heads in Redis, %" PRIu64 " breaks\n", good ? "whole" : "BROKEN", sums->records,
           sums->chains, verifying->heads, sums->faults);
    if (sums->loose) printf("%" PRIu64 " records are not vouched for yet: just written, or of the last second before a writer was killed\n", sums->loose);
    if (sums->copies) printf("%" PRIu64 " records are there more than once, the same to the byte\n", sums->copies);
    if (verifying->older) printf("%" PRIu64 " records are older than the chain, and not proven\n", verifying->older);
    if (!verifying->proven_ms) return;
    json_t *from = json_instant(rulebook_widest(verifying->look->store.book)->zone, verifying->proven_ms);
    printf("the topic's front is gone (%" PRIu64 " records that were chained): whole from %s on\n", sums->aged, json_string_value(from));
    json_decref(from);
}

static int say(struct verifying *verifying, bool json)
{
    size_t count;
    const struct audit_fault *faults = audit_faults(verifying->audit, &count);
    bool good = verifying->sums.faults == 0 && !audit_overfull(verifying->audit) && !(strict_option && verifying->sums.loose);
    for (size_t i = 0; i < count; i++) {
        if (json) print_fault_json(&faults[i]);
        else if (faults[i].kind != AUDIT_LOOSE || strict_option) print_fault(&faults[i]);
    }
    if (count == AUDIT_FAULTS_MAX) fprintf(stderr, "bihuan-notify verify: only the first %d are named\n", AUDIT_FAULTS_MAX);
    if (audit_overfull(verifying->audit)) fprintf(stderr, "bihuan-notify verify: so much is wrong, or there twice, that not all could be checked\n");
    if (json) print_sums_json(verifying, good);
    else print_sums(verifying, good);
    return good && fflush(stdout) == 0 ? EXIT_OK : EXIT_FAILED;
}

int notify_verify(const struct options *options)
{
    struct look look;
    int code = look_open(&look, options);
    if (code != EXIT_OK) return code;
    struct verifying verifying = {.look = &look, .audit = audit_open()};
    if (verify(&verifying)) {
        code = say(&verifying, options->json);
    } else {
        fprintf(stderr, "bihuan-notify verify: %s\n", verifying.error);
        code = EXIT_FAILED;
    }
    audit_close(verifying.audit);
    free(verifying.chained);
    look_close(&look);
    return code;
}
