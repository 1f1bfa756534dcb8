/* Packing and unpacking of cases.
 *
 * The trap: an event's fields are written by its flags and type, so a new field
 * needs a new flag, and a new layout a new CASE_FORMAT. */
#include "sla/case_codec.h"

#include "sla/event_decode.h"
#include "sla/pack.h"
#include "sla/stub.h"

#include <string.h>
#include <xxhash.h>

static void put_detail(struct buffer *out, const struct event_detail *detail)
{
    pack_put_text(out, detail->item);
    pack_put_text(out, detail->area);
    pack_put_text(out, detail->channel);
    pack_put_text(out, detail->title);
    pack_put_text(out, detail->citizen);
    pack_put_text(out, detail->target);
    pack_put_text(out, detail->co_units);
    pack_put_text(out, detail->reason);
    buffer_add_svarint(out, detail->due_ms);
}

static struct event_detail *take_detail(struct reader *in, struct pool *pool)
{
    struct event_detail *detail = pool_take(pool, sizeof *detail);
    detail->item = pack_take_text(in);
    detail->area = pack_take_text(in);
    detail->channel = pack_take_text(in);
    detail->title = pack_take_text(in);
    detail->citizen = pack_take_text(in);
    detail->target = pack_take_text(in);
    detail->co_units = pack_take_text(in);
    detail->reason = pack_take_text(in);
    detail->due_ms = reader_svarint(in);
    return detail;
}

/* Which optional parts an event has; beside its own flags in one number. */
enum { HAS_DETAIL = 1 << 16, HAS_CODES = 1 << 17, HAS_UNIT_TEXT = 1 << 18 };

static void put_event(struct buffer *out, const struct event *event, int64_t *before_ms, struct pack_units *units)
{
    bool codes = event->kind || event->urgency || event->outcome || event->satisfaction || event->days;
    uint64_t flags = event->flags;
    if (event->detail) flags |= HAS_DETAIL;
    if (codes) flags |= HAS_CODES;
    if (event->unit.bytes) flags |= HAS_UNIT_TEXT;
    buffer_add_u8(out, event->type);
    /* The optional parts lie in the low bits, so that the common event takes one byte. */
    buffer_add_varint(out, flags >> 16 | (flags & 0xffff) << 3);
    buffer_add_svarint(out, pack_distance(*before_ms, event->at_ms));
    buffer_add(out, event->key, sizeof event->key);
    *before_ms = event->at_ms;
    if (event->unit.bytes) pack_put_unit(out, units, event->unit);
    if (codes) {
        buffer_add_u8(out, (uint8_t)(event->kind | event->urgency << 4 | event->outcome << 6));
        buffer_add_u8(out, event->satisfaction);
        buffer_add_u8(out, event->days);
    }
    if (event->detail) put_detail(out, event->detail);
}

static void take_event(struct reader *in, struct event *event, int64_t *before_ms, struct pack_units *units, struct pool *pool)
{
    *event = (struct event){.type = reader_u8(in)};
    uint64_t packed = reader_varint(in), flags = packed >> 3 | (packed & 7) << 16;
    event->flags = (uint16_t)(flags & 0xffff);
    event->at_ms = *before_ms = pack_reach(*before_ms, reader_svarint(in));
    const uint8_t *key = reader_bytes(in, sizeof event->key);
    if (key) memcpy(event->key, key, sizeof event->key);
    if (flags & HAS_UNIT_TEXT) event->unit = pack_take_unit(in, units);
    if (flags & HAS_CODES) {
        uint8_t codes = reader_u8(in);
        event->kind = codes & 15;
        event->urgency = codes >> 4 & 3;
        event->outcome = codes >> 6;
        event->satisfaction = reader_u8(in);
        event->days = reader_u8(in);
    }
    if (flags & HAS_DETAIL) event->detail = take_detail(in, pool);
    const unsigned detailed = EVENT_HAS_TITLE | EVENT_HAS_ITEM | EVENT_HAS_AREA | EVENT_HAS_CHANNEL | EVENT_HAS_DUE | EVENT_HAS_CO_UNITS;
    bool due = event->detail && event->flags & EVENT_HAS_DUE;
    if (event->flags & detailed && !event->detail) in->bad = true;
    if (event->at_ms < EVENT_FIRST_MS || event->at_ms >= EVENT_END_MS) in->bad = true;
    if (due && (event->detail->due_ms < EVENT_FIRST_MS || event->detail->due_ms >= EVENT_END_MS)) in->bad = true;
    if (event->type <= EVENT_NONE || event->type >= EVENT_TYPES || event->kind >= KINDS || event->outcome >= OUTCOMES ||
        event->satisfaction > 5)
        in->bad = true;
}

static void put_told(struct buffer *out, const struct told *told)
{
    buffer_add_u8(out, (uint8_t)(told->kind | told->status << 4));
    buffer_add_u8(out, told->clock);
    buffer_add_u8(out, told->attempts);
    buffer_add_varint(out, told->step);
    buffer_add_u8(out, told->day);
    buffer_add_u8(out, told->edition);
    buffer_add_varint(out, told->which);
    buffer_add_svarint(out, told->deadline_ms);
    buffer_add_svarint(out, pack_distance(told->deadline_ms, told->at_ms));
    buffer_add(out, &told->id, sizeof told->id);
    if (told->status == TOLD_PENDING) buffer_add_svarint(out, told->next_try_ms);
}

static struct told take_told(struct reader *in)
{
    uint8_t kind = reader_u8(in);
    struct told told = {.kind = kind & 15, .status = kind >> 4};
    told.clock = reader_u8(in);
    told.attempts = reader_u8(in);
    told.step = (uint16_t)reader_varint(in);
    told.day = reader_u8(in);
    told.edition = reader_u8(in);
    told.which = (uint32_t)reader_varint(in);
    told.deadline_ms = reader_svarint(in);
    told.at_ms = pack_reach(told.deadline_ms, reader_svarint(in));
    const uint8_t *id = reader_bytes(in, sizeof told.id);
    if (id) memcpy(&told.id, id, sizeof told.id);
    if (told.status == TOLD_PENDING) told.next_try_ms = reader_svarint(in);
    return told;
}

/* As a distance from the fold's instant; 0 for none (a timer never lies there). */
static void put_due(struct buffer *out, const struct case_file *file)
{
    bool none = file->due_ms == INT64_MAX || file->due_ms == file->as_of_ms;
    buffer_add_svarint(out, none ? 0 : pack_distance(file->as_of_ms, file->due_ms));
}

static int64_t take_due(struct reader *in, int64_t as_of_ms)
{
    int64_t distance_ms = reader_svarint(in);
    return distance_ms ? pack_reach(as_of_ms, distance_ms) : INT64_MAX;
}

/* The newest record time as a distance from the fold's instant, pushed off 0, which is none. */
static void put_seen(struct buffer *out, const struct case_file *file)
{
    int64_t distance_ms = pack_distance(file->as_of_ms, file->seen_ms);
    buffer_add_svarint(out, file->seen_ms == 0 ? 0 : distance_ms < 0 ? distance_ms : pack_reach(distance_ms, 1));
}

static int64_t take_seen(struct reader *in, int64_t as_of_ms)
{
    int64_t distance_ms = reader_svarint(in);
    return distance_ms ? pack_reach(as_of_ms, distance_ms < 0 ? distance_ms : distance_ms - 1) : 0;
}

bool case_encode(const struct case_file *file, struct buffer *out)
{
    static const uint8_t zeros[CASE_CHECKSUM_BYTES];
    struct pack_units units = {.count = 0};
    size_t start = out->bytes;
    int64_t before_ms = 0;
    buffer_add(out, zeros, sizeof zeros);
    buffer_add_u8(out, CASE_FORMAT);
    buffer_add_u8(out, file->edition);
    buffer_add_svarint(out, file->as_of_ms);
    put_due(out, file);
    put_seen(out, file);
    buffer_add_varint(out, file->revision);
    buffer_add_varint(out, (uint64_t)file->duplicates << 1 | (file->stub != NULL));
    if (file->stub) stub_put(out, file->stub);
    buffer_add_varint(out, file->tolds);
    for (size_t i = 0; i < file->tolds; i++) put_told(out, &file->told[i]);
    buffer_add_varint(out, file->events);
    for (size_t i = 0; i < file->events; i++) put_event(out, &file->event[i], &before_ms, &units);
    if (out->overflow) return false;
    uint64_t sum = XXH3_64bits(out->data + start + CASE_CHECKSUM_BYTES, out->bytes - start - CASE_CHECKSUM_BYTES);
    memcpy(out->data + start, &sum, sizeof sum);
    return true;
}

static const char *take_case(struct reader *in, struct case_file *file, struct pool *pool)
{
    struct pack_units units = {.count = 0};
    int64_t before_ms = 0;
    if (reader_u8(in) != CASE_FORMAT) return "a case of another format";
    file->edition = reader_u8(in);
    file->as_of_ms = reader_svarint(in);
    file->due_ms = take_due(in, file->as_of_ms);
    file->seen_ms = take_seen(in, file->as_of_ms);
    file->revision = reader_varint(in);
    uint64_t duplicates = reader_varint(in);
    file->duplicates = (uint32_t)(duplicates >> 1);
    if (duplicates & 1) file->stub = stub_take(in, pool);
    if (in->bad) return "a damaged case";
    uint64_t tolds = reader_varint(in);
    if (tolds > CASE_TOLD_MAX) return "a case with too much told";
    for (uint64_t i = 0; i < tolds && !in->bad; i++) {
        struct told told = take_told(in);
        case_tell(file, &told);
    }
    uint64_t events = reader_varint(in);
    if (events > CASE_EVENTS_MAX || events > reader_left(in)) return "a case with too many events";
    case_reserve(file, events + 1);
    for (uint64_t i = 0; i < events && !in->bad; i++) {
        struct event *event = &file->event[file->events++];
        take_event(in, event, &before_ms, &units, pool);
        if (file->stub && event->at_ms < file->stub->at_ms) in->bad = true;
        if (!(event->flags & EVENT_LINK) && event_type_of((enum event_type)event->type) != file->of) in->bad = true;
    }
    return in->bad || reader_left(in) ? "a damaged case" : NULL;
}

const char *case_decode(const void *blob, size_t bytes, struct case_file *file, struct pool *pool)
{
    struct reader in;
    uint64_t sum;
    if (bytes <= CASE_CHECKSUM_BYTES) return "a case cut short";
    memcpy(&sum, blob, sizeof sum);
    const char *body = (const char *)blob + CASE_CHECKSUM_BYTES;
    if (sum != XXH3_64bits(body, bytes - CASE_CHECKSUM_BYTES)) return "a case whose checksum is wrong";
    reader_init(&in, body, bytes - CASE_CHECKSUM_BYTES);
    case_empty(file);
    return take_case(&in, file, pool);
}
