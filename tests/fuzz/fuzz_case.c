/* Stored blobs: any bytes are refused or read, and what was read is written back and read the same. What was read also folds
 * under a policy with every feature, and what it demands agrees with its timers. Seeds are events: such bytes become the blob
 * of a case that has them. */
#include <xxhash.h>

#include "sla/case_codec.h"
#include "tests/fuzz/lives.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
size_t LLVMFuzzerMutate(uint8_t *data, size_t bytes, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t most, unsigned seed);

/* Events as ingest would have added them: in order, each once, a rating with its stars. */
static void fold_anew(const struct case_file *read)
{
    struct case_file file = {.of = read->events ? event_type_of((enum event_type)read->event[0].type) : OF_TICKET, .id = read->id};
    for (size_t i = 0; i < read->events; i++)
        if (read->event[i].type != RATING_SUBMITTED || read->event[i].satisfaction) (void)case_add(&file, &read->event[i], NULL);
    for (size_t i = 0; i < read->tolds; i++) case_tell(&file, &read->told[i]);
    for (size_t i = 0; i < file.events && i < 64; i++) check_case(lives_every(), &file, file.event[i].at_ms);
    if (file.events) check_case(lives_every(), &file, file.event[file.events - 1].at_ms + 3 * INT64_C(86400000));
    if (file.events) check_case(lives_every(), &file, EVENT_END_MS);
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
        assert(again.events == file.events && again.tolds == file.tolds && again.duplicates == file.duplicates);
        fold_anew(&file);
    }
    buffer_free(&out);
    case_clear(&file);
    case_clear(&again);
    pool_free(&pool);
    pool_free(&again_pool);
}

/* Lines of events as the blob of one case; false when there is none. */
static bool blob_of(const char *lines, size_t bytes, struct buffer *out)
{
    struct case_file file = {.of = OF_TICKET, .id = TEXT("c"), .as_of_ms = EVENT_FIRST_MS, .due_ms = INT64_MAX};
    struct pool pool = {0};
    lives_add(&file, &pool, lines, bytes);
    bool good = file.events && case_encode(&file, out);
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
    bool good = blob_of((const char *)data, bytes, &out);
    if (good) memcpy(data, out.data, bytes = out.bytes);
    buffer_free(&out);
    return good ? bytes : LLVMFuzzerMutate(data, bytes, most);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct case_file file = {.of = OF_TICKET, .id = TEXT("c")};
    struct pool pool = {0};
    struct buffer made;
    buffer_init(&made, CASE_BLOB_MAX_BYTES);
    (void)!case_decode(data, bytes, &file, &pool);
    case_clear(&file);
    pool_free(&pool);
    bool events = bytes && *data == '{' && blob_of((const char *)data, bytes, &made);
    size_t length = events ? made.bytes : bytes;
    if (length > CASE_CHECKSUM_BYTES) {
        char *blob = malloc(length);
        memcpy(blob, events ? (const uint8_t *)made.data : data, length);
        try_blob(blob, length);
        free(blob);
    }
    buffer_free(&made);
    return 0;
}
