/* Any bytes at all through both decoders: good, or bad with a reason, and the same each time. */
#include <assert.h>
#include <string.h>

#include "common/arena.h"
#include "sla/event_decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check(bool good, const struct decoded *out)
{
    if (!good) {
        assert(*out->reason && memchr(out->reason, 0, sizeof out->reason));
        return;
    }
    assert(out->subject.bytes > 0 && out->subject.bytes <= EVENT_ID_MAX_BYTES);
    assert(out->event.type > EVENT_NONE && out->event.type < EVENT_TYPES);
    assert(out->event.satisfaction <= 5);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static struct decoder *decoder;
    struct decoded out;
    if (!decoder) {
        arena_install();
        decoder = decoder_new();
    }
    check(decode_structured(decoder, (const char *)data, bytes, &out), &out);
    const struct attribute attributes[] = {{"specversion", TEXT("1.0")},
                                           {"id", TEXT("1")},
                                           {"source", TEXT("/s")},
                                           {"subject", TEXT("c")},
                                           {"type", TEXT("ticket.received")},
                                           {"time", TEXT("2024-09-30T10:15:00+08:00")}};
    check(decode_binary(decoder, attributes, sizeof attributes / sizeof *attributes, (const char *)data, bytes, &out), &out);
    return 0;
}
