/* Stored blobs: any bytes are refused or read, and what was read is written back and read the same. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "sla/case_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

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
    }
    buffer_free(&out);
    case_clear(&file);
    case_clear(&again);
    pool_free(&pool);
    pool_free(&again_pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct case_file file = {.of = OF_TICKET, .id = TEXT("c")};
    struct pool pool = {0};
    (void)!case_decode(data, bytes, &file, &pool);
    case_clear(&file);
    pool_free(&pool);
    if (bytes <= CASE_CHECKSUM_BYTES) return 0;
    char *blob = malloc(bytes);
    memcpy(blob, data, bytes);
    try_blob(blob, bytes);
    free(blob);
    return 0;
}
