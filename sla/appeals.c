/* Gathering, pruning, packing.
 *
 * The trap: pruning must come to the same whatever came first. The bounds (the newest so many, so far before the newest)
 * only ever rise, so what one order lets go of the other does not keep. */
#include "sla/appeals.h"

#include <string.h>
#include <xxhash.h>

#include "common/zone.h"
#include "sla/event_decode.h"

enum {
    CHECKSUM_BYTES = 8,
    MINUTE_MS = 60000,
    LATE_MS = 7 * DAY_MS, /* how much later than that a receipt may still come and be linked */
    FIRST_ROOM = 4,
};

static int compare(const struct appeals_entry *a, const struct appeals_entry *b)
{
    if (a->at_ms != b->at_ms) return a->at_ms < b->at_ms ? -1 : 1;
    int order = text_compare(a->case_id, b->case_id);
    if (order != 0) return order;
    return (a->citizen > b->citizen) - (a->citizen < b->citizen);
}

static void make_room(struct appeals *appeals, struct pool *pool)
{
    if (appeals->count < appeals->room) return;
    size_t room = appeals->room ? appeals->room * 2 : FIRST_ROOM;
    struct appeals_entry *entry = pool_take(pool, room * sizeof *entry);
    if (appeals->count) memcpy(entry, appeals->entry, appeals->count * sizeof *entry);
    appeals->entry = entry;
    appeals->room = room;
}

void appeals_add(struct appeals *appeals, struct pool *pool, const struct appeal *appeal, int64_t at_ms, struct text case_id)
{
    bool place = appeals->of == OF_PLACE;
    struct appeals_entry one = {.at_ms = appeals_instant(appeals->of, at_ms), .case_id = case_id};
    if (place) one.citizen = appeal_citizen(appeal->citizen);
    if (place && !appeals->item.bytes) {
        appeals->item = appeal->item;
        appeals->area = appeal->area;
    }
    size_t at = appeals->count;
    while (at > 0 && compare(&appeals->entry[at - 1], &one) > 0) at--;
    if (at > 0 && compare(&appeals->entry[at - 1], &one) == 0) return;
    make_room(appeals, pool);
    memmove(&appeals->entry[at + 1], &appeals->entry[at], (appeals->count - at) * sizeof one);
    appeals->entry[at] = one;
    appeals->count++;
}

int64_t appeals_instant(enum of of, int64_t at_ms)
{
    return of == OF_PLACE ? at_ms : at_ms - at_ms % MINUTE_MS;
}

void appeals_drop(struct appeals *appeals, const struct appeals_entry *entry)
{
    size_t at = 0;
    while (at < appeals->count && compare(&appeals->entry[at], entry) != 0) at++;
    if (at == appeals->count) return;
    appeals->count--;
    memmove(&appeals->entry[at], &appeals->entry[at + 1], (appeals->count - at) * sizeof *appeals->entry);
}

int64_t appeals_reach_ms(const struct appeal_rules *rules)
{
    return 2 * rules->cluster_ms + DAY_MS;
}

void appeals_prune(struct appeals *appeals, const struct appeal_rules *rules)
{
    bool place = appeals->of == OF_PLACE;
    size_t most = place ? APPEALS_OF_PLACE_MAX : APPEALS_OF_APPELLANT_MAX, gone = appeals->count > most ? appeals->count - most : 0;
    if (appeals->count == 0) return;
    int64_t first_ms = appeals->entry[appeals->count - 1].at_ms - appeals_reach_ms(rules);
    while (place && appeals->entry[gone].at_ms < first_ms) gone++;
    appeals->count -= gone;
    if (gone) memmove(appeals->entry, &appeals->entry[gone], appeals->count * sizeof *appeals->entry);
}

bool appeals_past(const struct appeals *appeals, const struct appeal_rules *rules, int64_t now_ms)
{
    int64_t reach_ms = appeals->of == OF_PLACE ? appeals_reach_ms(rules) : rules->window_ms + LATE_MS;
    return appeals->count == 0 || appeals->entry[appeals->count - 1].at_ms + reach_ms < now_ms;
}

size_t appeals_forget(struct appeals *appeals, struct text citizen)
{
    uint64_t who = appeal_citizen(citizen);
    size_t kept = 0, before = appeals->count;
    for (size_t i = 0; i < appeals->count; i++)
        if (appeals->of == OF_PLACE && appeals->entry[i].citizen != who) appeals->entry[kept++] = appeals->entry[i];
    appeals->count = kept;
    return before - kept;
}

/* --- blobs --- */

static void put_text(struct buffer *out, struct text text)
{
    buffer_add_varint(out, text.bytes);
    if (text.bytes) buffer_add(out, text.at, text.bytes);
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

static void put_told(struct buffer *out, const struct told *told)
{
    buffer_add_u8(out, (uint8_t)(told->kind | told->status << 4));
    buffer_add_u8(out, told->attempts);
    buffer_add_varint(out, told->step);
    buffer_add_svarint(out, told->at_ms);
    buffer_add_svarint(out, told->deadline_ms);
    buffer_add(out, &told->id, sizeof told->id);
    if (told->status == TOLD_PENDING) buffer_add_svarint(out, told->next_try_ms);
}

static struct told take_told(struct reader *in)
{
    uint8_t kind = reader_u8(in);
    struct told told = {.kind = kind & 15, .status = kind >> 4};
    told.attempts = reader_u8(in);
    told.step = (uint16_t)reader_varint(in);
    told.at_ms = reader_svarint(in);
    told.deadline_ms = reader_svarint(in);
    const uint8_t *id = reader_bytes(in, sizeof told.id);
    if (id) memcpy(&told.id, id, sizeof told.id);
    if (told.status == TOLD_PENDING) told.next_try_ms = reader_svarint(in);
    return told;
}

/* Times are kept as distances, the first from the first that there can be: of a place in ms, of an appellant in minutes. */
static int64_t unit_ms(const struct appeals *appeals)
{
    return appeals->of == OF_PLACE ? 1 : MINUTE_MS;
}

bool appeals_encode(const struct appeals *appeals, const struct case_file *told, struct buffer *out)
{
    static const uint8_t zeros[CHECKSUM_BYTES];
    size_t start = out->bytes;
    int64_t before_ms = EVENT_FIRST_MS;
    buffer_add(out, zeros, sizeof zeros);
    buffer_add_u8(out, APPEALS_FORMAT);
    if (appeals->of == OF_PLACE) {
        buffer_add_varint(out, told->tolds);
        for (size_t i = 0; i < told->tolds; i++) put_told(out, &told->told[i]);
        put_text(out, appeals->item);
        put_text(out, appeals->area);
    }
    for (size_t i = 0; i < appeals->count; i++) {
        const struct appeals_entry *entry = &appeals->entry[i];
        buffer_add_varint(out, (uint64_t)((entry->at_ms - before_ms) / unit_ms(appeals)));
        before_ms = entry->at_ms;
        if (appeals->of == OF_PLACE) buffer_add(out, &entry->citizen, sizeof entry->citizen);
        put_text(out, entry->case_id);
    }
    if (out->overflow) return false;
    uint64_t sum = XXH3_64bits(out->data + start + CHECKSUM_BYTES, out->bytes - start - CHECKSUM_BYTES);
    memcpy(out->data + start, &sum, sizeof sum);
    return true;
}

static void take_entries(struct reader *in, struct appeals *appeals, struct pool *pool)
{
    int64_t before_ms = EVENT_FIRST_MS;
    while (reader_left(in)) {
        struct appeals_entry one = {0};
        uint64_t units = reader_varint(in);
        if (units > (uint64_t)((EVENT_END_MS - before_ms) / unit_ms(appeals))) in->bad = true;
        else one.at_ms = before_ms + (int64_t)units * unit_ms(appeals);
        before_ms = one.at_ms;
        const uint8_t *citizen = appeals->of == OF_PLACE ? reader_bytes(in, sizeof one.citizen) : NULL;
        if (citizen) memcpy(&one.citizen, citizen, sizeof one.citizen);
        one.case_id = take_text(in);
        if (in->bad || (appeals->count && compare(&appeals->entry[appeals->count - 1], &one) >= 0)) in->bad = true;
        if (in->bad) return;
        make_room(appeals, pool);
        appeals->entry[appeals->count++] = one;
    }
}

const char *appeals_decode(const void *blob, size_t bytes, struct appeals *appeals, struct case_file *told, struct pool *pool)
{
    struct reader in;
    uint64_t sum, tolds = 0;
    if (bytes <= CHECKSUM_BYTES) return "appeals cut short";
    memcpy(&sum, blob, sizeof sum);
    const char *body = (const char *)blob + CHECKSUM_BYTES;
    if (sum != XXH3_64bits(body, bytes - CHECKSUM_BYTES)) return "appeals whose checksum is wrong";
    reader_init(&in, body, bytes - CHECKSUM_BYTES);
    *appeals = (struct appeals){.of = appeals->of};
    case_empty(told);
    if (reader_u8(&in) != APPEALS_FORMAT) return "appeals of another format";
    if (appeals->of == OF_PLACE) tolds = reader_varint(&in);
    if (tolds > CASE_TOLD_MAX) return "appeals with too much told";
    for (uint64_t i = 0; i < tolds && !in.bad; i++) {
        struct told one = take_told(&in);
        case_tell(told, &one);
    }
    if (appeals->of == OF_PLACE) {
        appeals->item = take_text(&in);
        appeals->area = take_text(&in);
    }
    if (!in.bad) take_entries(&in, appeals, pool);
    return in.bad ? "damaged appeals" : NULL;
}
