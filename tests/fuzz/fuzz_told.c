/* Headers of ledger and results as a topic may hold them: refused, or read and printed back to what reads the same. */
#include <assert.h>
#include <string.h>

#include "sla/told_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* The bytes as headers: a byte for the name, one for the length, the value. */
static rd_kafka_headers_t *headers_of(const uint8_t *data, size_t bytes)
{
    static const char *const names[] = {TOLD_HEADER_CASE, TOLD_HEADER_TOLD, TOLD_HEADER_REVISION, TOLD_HEADER_COUNTS, TOLD_HEADER_UNIT, "trace"};
    rd_kafka_headers_t *headers = rd_kafka_headers_new(8);
    while (bytes >= 2) {
        size_t length = data[1] < bytes - 2 ? data[1] : bytes - 2;
        rd_kafka_header_add(headers, names[data[0] % (sizeof names / sizeof *names)], -1, data + 2, (ssize_t)length);
        data += 2 + length;
        bytes -= 2 + length;
    }
    return headers;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct text text = {(const char *)data, bytes}, field, again_field;
    struct told told, again;
    struct told_record record, read;
    struct told_headers made;
    char printed[TOLD_TEXT_BYTES];
    if (told_parse(text, &told)) {
        assert(told_parse((struct text){printed, told_print(printed, &told)}, &again));
        assert(told.id == again.id && told.deadline_ms == again.deadline_ms && told.next_try_ms == again.next_try_ms && told.which == again.which);
    }
    rd_kafka_headers_t *headers = headers_of(data, bytes), *second;
    if (told_record_of(headers, &field, &record) == TOLD_READ) {
        told_headers_make(&made, field, &record);
        second = rd_kafka_headers_new(made.count);
        for (size_t i = 0; i < made.count; i++) rd_kafka_header_add(second, made.header[i].name, -1, made.header[i].value, (ssize_t)made.header[i].bytes);
        assert(told_record_of(second, &again_field, &read) == TOLD_READ);
        assert(read.tolds == record.tolds && read.revision == record.revision && read.counted == record.counted);
        assert(again_field.bytes == field.bytes);
        assert(!record.counted || !memcmp(read.counts, record.counts, sizeof read.counts));
        rd_kafka_headers_destroy(second);
    }
    rd_kafka_headers_destroy(headers);
    return 0;
}
