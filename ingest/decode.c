/* Decoding one record; structured or binary mode is told by its headers. */
#include "ingest/decode.h"

#include <stdio.h>
#include <string.h>

#include "common/kafka.h"

enum { NAME_MAX_BYTES = 128 };

static struct text keep(struct pool *pool, struct text text)
{
    if (!text.bytes) return (struct text){0};
    return (struct text){pool_copy(pool, text.at, text.bytes), text.bytes};
}

/* The same of what is kept for figures alone: a name, not a story. Cut at a character's border. */
static struct text keep_name(struct pool *pool, struct text text)
{
    if (text.bytes > NAME_MAX_BYTES) {
        text.bytes = NAME_MAX_BYTES;
        while (text.bytes > 0 && ((unsigned char)text.at[text.bytes] & 0xc0) == 0x80) text.bytes--;
    }
    return keep(pool, text);
}

/* ce_ headers as attributes; returns how many, 0 where there is no
 * ce_specversion (structured mode), -1 where there are too many. */
static int take_attributes(const rd_kafka_message_t *message, struct attribute *attribute)
{
    rd_kafka_headers_t *headers;
    const char *name;
    const void *value;
    size_t bytes, count = 0;
    bool binary = false;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return 0;
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &bytes) == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
        if (strncmp(name, "ce_", 3) != 0) continue;
        binary |= !strcmp(name, "ce_specversion");
        if (count == KAFKA_HEADERS_MAX) return -1;
        attribute[count++] = (struct attribute){name + 3, {value ? value : "", bytes}};
    }
    return binary ? (int)count : 0;
}

static bool decode(const rd_kafka_message_t *message, struct decoder *decoder, struct decoded *out)
{
    struct attribute attribute[KAFKA_HEADERS_MAX];
    int count = take_attributes(message, attribute);
    const char *value = message->payload ? message->payload : "";
    if (count > 0) return decode_binary(decoder, attribute, (size_t)count, value, message->len, out);
    if (count == 0) return decode_structured(decoder, value, message->len, out);
    snprintf(out->reason, sizeof out->reason, "headers: found more than %d with ce_, expected no more", KAFKA_HEADERS_MAX);
    return false;
}

/* An event may be ahead of the later of its record's timestamp and the shared clock, but little. */
static bool too_far_ahead(const rd_kafka_message_t *message, const struct decoded *decoded, int64_t now_ms)
{
    rd_kafka_timestamp_type_t type;
    int64_t stamp_ms = rd_kafka_message_timestamp(message, &type);
    int64_t latest_ms = type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && stamp_ms > now_ms ? stamp_ms : now_ms;
    return decoded->event.at_ms > latest_ms + FUTURE_MAX_MS;
}

/* A reason that a policy lists as a code says nothing of a person; any other stays behind. By the event's time, so
 * that what is read again later is decided alike. */
static bool is_code(const struct decoded *decoded, const struct rulebook *book)
{
    return decoded->suspension_reason.bytes && rulebook_lists_reason(book, decoded->suspension_reason, decoded->event.at_ms);
}

static const struct event_detail *keep_detail(const struct decoded *decoded, const struct record_decoder *by, struct pool *pool)
{
    struct event_detail *detail = pool_take(pool, sizeof *detail);
    char citizen_kept[CITIZEN_TEXT_BYTES], title[CITIZEN_TITLE_BYTES + 1];
    *detail = (struct event_detail){.item = keep_name(pool, decoded->detail.item), .area = keep_name(pool, decoded->detail.area),
                                    .channel = keep_name(pool, decoded->detail.channel), .target = keep(pool, decoded->detail.target),
                                    .co_units = keep(pool, decoded->detail.co_units), .due_ms = decoded->detail.due_ms};
    bool receipt = decoded->event.type == TICKET_RECEIVED || decoded->event.type == RATING_SUBMITTED;
    if (receipt) detail->citizen = keep(pool, (struct text){citizen_kept, citizen_text(by->citizen, decoded, citizen_kept)});
    if (rulebook_forgot(by->book, event_citizen(&(struct event){.detail = detail}), decoded->event.at_ms)) detail->citizen = (struct text){0};
    detail->title = keep(pool, (struct text){title, scrub_title(decoded, title)});
    if (is_code(decoded, by->book)) detail->reason = keep(pool, decoded->suspension_reason);
    return detail;
}

/* What is gathered of it: by citizen, and of all citizens by place. */
static void name_appeal(struct record *record, const struct appeal_rules *rules, struct pool *pool)
{
    struct appeal appeal;
    record->appellant = record->place = (struct text){0};
    if (!appeal_of(&record->event, &appeal)) return;
    if (rules->window_ms) record->appellant = appeal_id(pool, OF_APPELLANT, &appeal);
    if (rules->citizens) record->place = appeal_id(pool, OF_PLACE, &appeal);
}

static void spoil(struct record *record, struct pool *pool, const char *reason)
{
    record->bad = true;
    record->reason = pool_copy(pool, reason, strlen(reason) + 1);
}

void record_decode(struct record *record, const struct record_decoder *by, int64_t now_ms, struct pool *pool)
{
    struct decoded decoded;
    record->bad = false;
    record->reason = NULL;
    if (!decode(record->message, by->decoder, &decoded)) {
        spoil(record, pool, decoded.reason);
        return;
    }
    if (too_far_ahead(record->message, &decoded, now_ms)) {
        spoil(record, pool, "time: found one more than 10 minutes ahead of the record and the clock, expected none ahead");
        return;
    }
    record->event = decoded.event;
    record->event.unit = keep(pool, decoded.event.unit);
    record->event.detail = decoded.event.detail || is_code(&decoded, by->book) ? keep_detail(&decoded, by, pool) : NULL;
    record->of = decoded.of;
    record->subject = keep(pool, decoded.subject);
    record->target = keep(pool, decoded.target);
    name_appeal(record, &by->appeals, pool);
}
