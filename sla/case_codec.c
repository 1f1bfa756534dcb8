/* Packing and unpacking of cases.
 *
 * The trap: an event's fields are written by its flags and type, so a new field
 * needs a new flag, and a new layout a new CASE_FORMAT. */
#include "sla/case_codec.h"

#include "sla/event_decode.h"

#include <string.h>
#include <xxhash.h>

enum { UNITS_MAX = 32 }; /* remembered for repetition; later ones are written out */

/* Units seen so far, on both sides alike. */
struct units {
    struct text seen[UNITS_MAX];
    unsigned count;
};

enum { UNIT_NONE, UNIT_NEW, UNIT_SEEN };

/* Times are kept as distances; a damaged blob may hold any, so they wrap rather than overflow. */
static int64_t distance(int64_t from_ms, int64_t to_ms)
{
    return (int64_t)((uint64_t)to_ms - (uint64_t)from_ms);
}

static int64_t reach(int64_t from_ms, int64_t distance_ms)
{
    return (int64_t)((uint64_t)from_ms + (uint64_t)distance_ms);
}

static void put_text(struct buffer *out, struct text text)
{
    buffer_add_varint(out, text.bytes);
    buffer_add(out, text.at, text.bytes);
}

static struct text take_text(struct reader *in)
{
    uint64_t bytes = reader_varint(in);
    if (bytes > reader_left(in)) {
        in->bad = true;
        return (struct text){0};
    }
    return (struct text){(const char *)reader_bytes(in, bytes), bytes};
}

static void put_unit(struct buffer *out, struct units *units, struct text unit)
{
    if (!unit.bytes) {
        buffer_add_u8(out, UNIT_NONE);
        return;
    }
    for (unsigned i = 0; i < units->count; i++) {
        if (!text_equal(units->seen[i], unit)) continue;
        buffer_add_u8(out, (uint8_t)(UNIT_SEEN + i));
        return;
    }
    buffer_add_u8(out, UNIT_NEW);
    put_text(out, unit);
    if (units->count < UNITS_MAX) units->seen[units->count++] = unit;
}

static struct text take_unit(struct reader *in, struct units *units)
{
    uint8_t how = reader_u8(in);
    if (how == UNIT_NONE) return (struct text){0};
    if (how == UNIT_NEW) {
        struct text unit = take_text(in);
        if (units->count < UNITS_MAX) units->seen[units->count++] = unit;
        return unit;
    }
    if ((unsigned)(how - UNIT_SEEN) < units->count) return units->seen[how - UNIT_SEEN];
    in->bad = true;
    return (struct text){0};
}

static void put_detail(struct buffer *out, const struct event_detail *detail)
{
    put_text(out, detail->item);
    put_text(out, detail->area);
    put_text(out, detail->channel);
    put_text(out, detail->title);
    put_text(out, detail->citizen);
    put_text(out, detail->target);
    put_text(out, detail->co_units);
    put_text(out, detail->reason);
    buffer_add_svarint(out, detail->due_ms);
}

static struct event_detail *take_detail(struct reader *in, struct pool *pool)
{
    struct event_detail *detail = pool_take(pool, sizeof *detail);
    detail->item = take_text(in);
    detail->area = take_text(in);
    detail->channel = take_text(in);
    detail->title = take_text(in);
    detail->citizen = take_text(in);
    detail->target = take_text(in);
    detail->co_units = take_text(in);
    detail->reason = take_text(in);
    detail->due_ms = reader_svarint(in);
    return detail;
}

/* Which optional parts an event has; beside its own flags in one number. */
enum { HAS_DETAIL = 1 << 16, HAS_CODES = 1 << 17, HAS_UNIT_TEXT = 1 << 18 };

static void put_event(struct buffer *out, const struct event *event, int64_t *before_ms, struct units *units)
{
    bool codes = event->kind || event->urgency || event->outcome || event->satisfaction || event->days;
    uint64_t flags = event->flags;
    if (event->detail) flags |= HAS_DETAIL;
    if (codes) flags |= HAS_CODES;
    if (event->unit.bytes) flags |= HAS_UNIT_TEXT;
    buffer_add_u8(out, event->type);
    /* The optional parts lie in the low bits, so that the common event takes one byte. */
    buffer_add_varint(out, flags >> 16 | (flags & 0xffff) << 3);
    buffer_add_svarint(out, distance(*before_ms, event->at_ms));
    buffer_add(out, event->key, sizeof event->key);
    *before_ms = event->at_ms;
    if (event->unit.bytes) put_unit(out, units, event->unit);
    if (codes) {
        buffer_add_u8(out, (uint8_t)(event->kind | event->urgency << 4 | event->outcome << 6));
        buffer_add_u8(out, event->satisfaction);
        buffer_add_u8(out, event->days);
    }
    if (event->detail) put_detail(out, event->detail);
}

static void take_event(struct reader *in, struct event *event, int64_t *before_ms, struct units *units, struct pool *pool)
{
    *event = (struct event){.type = reader_u8(in)};
    uint64_t packed = reader_varint(in), flags = packed >> 3 | (packed & 7) << 16;
    event->flags = (uint16_t)(flags & 0xffff);
    event->at_ms = *before_ms = reach(*before_ms, reader_svarint(in));
    const uint8_t *key = reader_bytes(in, sizeof event->key);
    if (key) memcpy(event->key, key, sizeof event->key);
    if (flags & HAS_UNIT_TEXT) event->unit = take_unit(in, units);
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
    buffer_add_svarint(out, distance(told->deadline_ms, told->at_ms));
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
    told.at_ms = reach(told.deadline_ms, reader_svarint(in));
    const uint8_t *id = reader_bytes(in, sizeof told.id);
    if (id) memcpy(&told.id, id, sizeof told.id);
    if (told.status == TOLD_PENDING) told.next_try_ms = reader_svarint(in);
    return told;
}

/* As a distance from the fold's instant; 0 for none (a timer never lies there). */
static void put_due(struct buffer *out, const struct case_file *file)
{
    bool none = file->due_ms == INT64_MAX || file->due_ms == file->as_of_ms;
    buffer_add_svarint(out, none ? 0 : distance(file->as_of_ms, file->due_ms));
}

static int64_t take_due(struct reader *in, int64_t as_of_ms)
{
    int64_t distance_ms = reader_svarint(in);
    return distance_ms ? reach(as_of_ms, distance_ms) : INT64_MAX;
}

bool case_encode(const struct case_file *file, struct buffer *out)
{
    static const uint8_t zeros[CASE_CHECKSUM_BYTES];
    struct units units = {.count = 0};
    size_t start = out->bytes;
    int64_t before_ms = 0;
    buffer_add(out, zeros, sizeof zeros);
    buffer_add_u8(out, CASE_FORMAT);
    buffer_add_u8(out, file->edition);
    buffer_add_svarint(out, file->as_of_ms);
    put_due(out, file);
    buffer_add_varint(out, file->revision);
    buffer_add_varint(out, file->duplicates);
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
    struct units units = {.count = 0};
    int64_t before_ms = 0;
    if (reader_u8(in) != CASE_FORMAT) return "a case of another format";
    file->edition = reader_u8(in);
    file->as_of_ms = reader_svarint(in);
    file->due_ms = take_due(in, file->as_of_ms);
    file->revision = reader_varint(in);
    file->duplicates = (uint32_t)reader_varint(in);
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
