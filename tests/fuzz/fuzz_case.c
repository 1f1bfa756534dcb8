/* Stored blobs: any bytes are refused or read, and what was read is written back and read the same. What was read also folds
 * under a policy with every feature, and what it demands agrees with its timers. Seeds are events: such bytes become the blob
 * of a case that has them. */
#include <xxhash.h>

#include "sla/case_codec.h"
#include "sla/shrink.h"
#include "sla/stub.h"
#include "tests/fuzz/lives.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
size_t LLVMFuzzerMutate(uint8_t *data, size_t bytes, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t most, unsigned seed);

/* Events as ingest would have added them: in order, each once, a rating with its stars. */
static void fold_anew(const struct case_file *read)
{
    struct case_file file = {.of = read->events ? event_type_of((enum event_type)read->event[0].type) : OF_TICKET, .id = read->id};
    file.stub = read->stub;
    for (size_t i = 0; i < read->events; i++)
        if (read->event[i].type != RATING_SUBMITTED || read->event[i].satisfaction) (void)case_add(&file, &read->event[i], NULL);
    for (size_t i = 0; i < read->tolds; i++) case_tell(&file, &read->told[i]);
    for (size_t i = 0; i < file.events && i < 64; i++) check_case(lives_every(), &file, file.event[i].at_ms);
    if (file.events) check_case(lives_every(), &file, file.event[file.events - 1].at_ms + 3 * INT64_C(86400000));
    if (file.events || file.stub) check_case(lives_every(), &file, EVENT_END_MS);
    case_clear(&file);
}

/* With its checksum put right, so that more than the checksum is tried. */
static void try_blob(char *blob, size_t bytes)
{
    struct case_file file = {.of = OF_TICKET, .id = TEXT("c")}, again = file;
    struct pool pool = {0}, again_pool = {0};
    struct buffer out;
    uint64_t sum = XXH3_64bits(blob + CASE_CHECKSUM_BYTES, bytes - CASE_CHECKSUM_BYTES);
    memcpy(blob, &sum, sizeof sum);
    buffer_init(&out, CASE_BLOB_MAX_BYTES);
    if (!case_decode(blob, bytes, &file, &pool) && case_encode(&file, &out)) {
        assert(!case_decode(out.data, out.bytes, &again, &again_pool));
        assert(again.events == file.events && again.tolds == file.tolds && again.duplicates == file.duplicates && !again.stub == !file.stub);
        fold_anew(&file);
    }
    buffer_free(&out);
    case_clear(&file);
    case_clear(&again);
    pool_free(&pool);
    pool_free(&again_pool);
}

/* A case at rest turns into its stub. */
static void shrink(struct case_file *file, struct pool *pool)
{
    static struct fold fold;
    const struct rules *rules = &lives_every()->rules;
    int64_t at_ms = file->event[file->events - 1].at_ms + INT64_C(400) * DAY_MS;
    fold_case(&fold, rules, file, at_ms - 1);
    if (!shrink_at_rest(&fold)) return;
    file->stub = stub_make(&fold, file, rules, at_ms, pool);
    file->events = 0;
}

/* Lines of events as the blob of one case, or of its stub; false when there is none. */
static bool blob_of(const char *lines, size_t bytes, bool shrinks, struct buffer *out)
{
    struct case_file file = {.of = OF_TICKET, .id = TEXT("c"), .as_of_ms = EVENT_FIRST_MS, .due_ms = INT64_MAX};
    struct pool pool = {0};
    lives_add(&file, &pool, lines, bytes);
    if (file.events && shrinks) shrink(&file, &pool);
    bool good = (file.events || file.stub) && case_encode(&file, out);
    case_clear(&file);
    pool_free(&pool);
    return good;
}

/* Events turn into their blob at once, so that it is blobs that change. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t most, unsigned seed)
{
    struct buffer out;
    if (!bytes || *data != '{' || seed % 4 == 0) return LLVMFuzzerMutate(data, bytes, most);
    buffer_init(&out, most);
    bool good = blob_of((const char *)data, bytes, seed % 4 == 1, &out);
    if (good) memcpy(data, out.data, bytes = out.bytes);
    buffer_free(&out);
    return good ? bytes : LLVMFuzzerMutate(data, bytes, most);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct case_file file = {.of = OF_TICKET, .id = TEXT("c")};
    struct pool pool = {0};
    (void)!case_decode(data, bytes, &file, &pool);
    case_clear(&file);
    pool_free(&pool);
    for (int shrinks = 0; shrinks < 2; shrinks++) {
        struct buffer made;
        buffer_init(&made, CASE_BLOB_MAX_BYTES);
        bool events = bytes && *data == '{' && blob_of((const char *)data, bytes, shrinks, &made);
        size_t length = events ? made.bytes : bytes;
        if (length > CASE_CHECKSUM_BYTES && (events || !shrinks)) {
            char *blob = malloc(length);
            memcpy(blob, events ? (const uint8_t *)made.data : data, length);
            try_blob(blob, length);
            free(blob);
        }
        buffer_free(&made);
    }
    return 0;
}
