/* Bytes to event, in one pass over Jansson's tree.
 *
 * Jansson refuses what is no strict JSON (a BOM, a repeated key, \u0000, lone
 * surrogates, numbers out of range). The trap: the tree lies in the thread's
 * arena and is gone when decode returns, so what is kept is copied into the
 * decoder. */
#include "sla/event_decode.h"

#include "common/alloc.h"
#include "common/arena.h"
#include "sla/event_data.h"
#include "sla/event_reason.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct decoder {
    EVP_MD *sha256;
    EVP_MD_CTX *digest;
    char *text; /* copies of what the last decode gave out */
    size_t used, room;
};

struct decoder *decoder_new(void)
{
    struct decoder *decoder = xcalloc(1, sizeof *decoder);
    decoder->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    decoder->digest = EVP_MD_CTX_new();
    if (!decoder->sha256 || !decoder->digest) abort();
    return decoder;
}

void decoder_free(struct decoder *decoder)
{
    if (!decoder) return;
    EVP_MD_CTX_free(decoder->digest);
    EVP_MD_free(decoder->sha256);
    free(decoder->text);
    free(decoder);
}

enum attribute_name { SPECVERSION, ID, SOURCE, TYPE, SUBJECT, TIME, DATACONTENTTYPE, DATASCHEMA, DATA, ATTRIBUTES };
static const struct text attribute_names[ATTRIBUTES] = {
    [SPECVERSION] = {"specversion", 11}, [ID] = {"id", 2},         [SOURCE] = {"source", 6},
    [TYPE] = {"type", 4},                [SUBJECT] = {"subject", 7}, [TIME] = {"time", 4},
    [DATACONTENTTYPE] = {"datacontenttype", 15}, [DATASCHEMA] = {"dataschema", 10}, [DATA] = {"data", 4}};

/* --- attributes --- */

static bool check_attributes(struct decoded *out, json_t *const *attribute)
{
    for (int i = 0; i < DATA; i++) {
        bool absent = !attribute[i] || json_is_null(attribute[i]);
        if (absent && i >= DATACONTENTTYPE) continue;
        if (!json_is_string(attribute[i])) return event_refuse(out, attribute_names[i].at, attribute[i], false, "a string");
    }
    size_t id = json_string_length(attribute[ID]), subject = json_string_length(attribute[SUBJECT]);
    if (!text_equal(event_text_of(attribute[SPECVERSION]), TEXT("1.0")))
        return event_refuse(out, "specversion", attribute[SPECVERSION], false, "\"1.0\"");
    if (json_string_length(attribute[SOURCE]) == 0)
        return event_refuse(out, "source", attribute[SOURCE], false, "a string that is not empty");
    if (id == 0 || id > EVENT_ID_MAX_BYTES) return event_refuse(out, "id", attribute[ID], false, "1 to 128 bytes");
    if (subject == 0 || subject > EVENT_ID_MAX_BYTES)
        return event_refuse(out, "subject", attribute[SUBJECT], false, "1 to 128 bytes");
    return true;
}

static bool take_attributes(struct decoded *out, json_t *const *attribute)
{
    if (!check_attributes(out, attribute)) return false;
    struct text type = event_text_of(attribute[TYPE]);
    out->event.type = (uint8_t)event_type_parse(type.at, type.bytes);
    if (out->event.type == EVENT_NONE)
        return event_refuse(out, "type", attribute[TYPE], false, "a known type, as ticket.received");
    const char *expected = event_take_time(attribute[TIME], &out->event.at_ms);
    if (expected) return event_refuse(out, "time", attribute[TIME], false, expected);
    out->of = event_type_of((enum event_type)out->event.type);
    out->source = event_text_of(attribute[SOURCE]);
    out->id = event_text_of(attribute[ID]);
    out->subject = event_text_of(attribute[SUBJECT]);
    return true;
}

/* --- keeping --- */

static void keep(struct decoder *decoder, struct text *text)
{
    if (!text->bytes) *text = TEXT("");
    else text->at = memcpy(decoder->text + decoder->used, text->at, text->bytes);
    decoder->used += text->bytes;
}

/* Each with a NUL behind it, in the place of its quotes. */
static void join_co_units(struct decoder *decoder, struct decoded *out)
{
    size_t i;
    const json_t *unit;
    out->detail.co_units.at = decoder->text + decoder->used;
    json_array_foreach(out->co_units, i, unit) {
        struct text name = event_text_of(unit);
        if (!name.bytes) continue;
        memcpy(decoder->text + decoder->used, name.at, name.bytes);
        decoder->used += name.bytes;
        decoder->text[decoder->used++] = 0;
    }
    out->detail.co_units.bytes = (size_t)(decoder->text + decoder->used - out->detail.co_units.at);
    out->co_units = NULL;
}

/* Copies what the tree lends. `room` is at least the sum of all texts. */
static void keep_all(struct decoder *decoder, struct decoded *out, size_t room)
{
    struct text *const texts[] = {&out->source,       &out->id,          &out->subject,     &out->citizen_name,
                                  &out->citizen_phone, &out->citizen_id_no, &out->title,      &out->text,
                                  &out->event.unit,    &out->detail.item, &out->detail.area, &out->detail.channel,
                                  &out->detail.target, &out->suspension_reason};
    if (room > decoder->room) {
        decoder->text = xrealloc(decoder->text, room);
        decoder->room = room;
    }
    decoder->used = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) keep(decoder, texts[i]);
    if (out->target.bytes) out->target = out->detail.target;
    join_co_units(decoder, out);
}

/* First 8 bytes of SHA-256(source, newline, id). */
static void set_key(struct decoder *decoder, struct decoded *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    if (!EVP_DigestInit_ex2(decoder->digest, decoder->sha256, NULL) ||
        !EVP_DigestUpdate(decoder->digest, out->source.at, out->source.bytes) ||
        !EVP_DigestUpdate(decoder->digest, "\n", 1) || !EVP_DigestUpdate(decoder->digest, out->id.at, out->id.bytes) ||
        !EVP_DigestFinal_ex(decoder->digest, digest, NULL))
        abort();
    memcpy(out->event.key, digest, sizeof out->event.key);
}

/* --- whole records --- */

static bool decode_record(struct decoder *decoder, json_t *record, size_t room, struct decoded *out)
{
    json_t *attribute[ATTRIBUTES + 1] = {NULL}; /* the last for all unknown ones */
    for (void *at = json_object_iter(record); at; at = json_object_iter_next(record, at))
        attribute[text_find(attribute_names, ATTRIBUTES, json_object_iter_key(at), json_object_iter_key_len(at))] =
            json_object_iter_value(at);
    if (!take_attributes(out, attribute) || !event_take_data(out, attribute[DATA])) return false;
    keep_all(decoder, out, room);
    set_key(decoder, out);
    return true;
}

/* How many [ and { there are, in blocks that compilers turn into vectors. */
static size_t count_openers(const char *value, size_t bytes)
{
    enum { BLOCK = 64 };
    size_t openers = 0, i = 0;
    for (; bytes - i >= BLOCK; i += BLOCK) {
        uint8_t block = 0;
        for (size_t k = 0; k < BLOCK; k++) block = (uint8_t)(block + ((value[i + k] | 0x20) == '{'));
        openers += block;
    }
    for (; i < bytes; i++) openers += (value[i] | 0x20) == '{';
    return openers;
}

/* Do arrays and objects nest deeper than `levels`? Brackets are counted first,
 * as more than that many are rare; only then are they matched. */
static bool too_deep(const char *value, size_t bytes, unsigned levels)
{
    unsigned depth = 0;
    if (count_openers(value, bytes) <= levels) return false;
    for (size_t i = 0; i < bytes; i++) {
        switch (value[i]) {
        case '"':
            for (i++; i < bytes && value[i] != '"'; i++) i += value[i] == '\\';
            break;
        case '[':
        case '{':
            if (++depth > levels) return true;
            break;
        case ']':
        case '}':
            depth -= depth > 0;
            break;
        default:
            break;
        }
    }
    return false;
}

/* The tree of a value, whose own level is `level`. NULL with a reason. */
static json_t *parse(const char *value, size_t bytes, unsigned level, struct decoded *out)
{
    char found[FOUND_BYTES];
    json_error_t error;
    if (bytes > EVENT_VALUE_MAX_BYTES) {
        snprintf(found, sizeof found, "%zu bytes", bytes);
        event_refuse_found(out, "value", found, "at most 262144");
        return NULL;
    }
    if (too_deep(value, bytes, EVENT_DEPTH_MAX + 1 - level)) {
        event_refuse_found(out, "value", "a deeper nesting", "at most 32 levels");
        return NULL;
    }
    /* Jansson passes over a NUL behind a number or word. */
    if (memchr(value, 0, bytes)) {
        event_refuse_found(out, "value", "a NUL byte", "one JSON object");
        return NULL;
    }
    json_t *root = json_loadb(value, bytes, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (root) return root;
    found_fault(found, &error);
    event_refuse_found(out, "value", found, "one JSON object");
    return NULL;
}

/* Begins a decode: clears *out and turns the arena on. */
static bool begin(struct decoded *out)
{
    *out = (struct decoded){.of = OF_TICKET};
    return arena_begin();
}

static void end(json_t *root, bool in_arena)
{
    if (!in_arena) json_decref(root);
    arena_end();
}

bool decode_structured(struct decoder *decoder, const char *value, size_t bytes, struct decoded *out)
{
    bool in_arena = begin(out), good = false;
    json_t *root = parse(value, bytes, 1, out);
    if (json_is_object(root)) good = decode_record(decoder, root, bytes, out);
    else if (root) event_refuse(out, "value", root, true, "one JSON object");
    end(root, in_arena);
    return good;
}

/* Puts a header's attribute into the record. */
static bool put_attribute(json_t *record, const struct attribute *from, struct decoded *out)
{
    size_t name = text_find(attribute_names, DATA, from->name, strlen(from->name));
    if (name == DATA) return true;
    if (json_object_get(record, from->name)) return event_refuse_found(out, from->name, "it twice", "one header");
    json_t *value = memchr(from->value.at ? from->value.at : "", 0, from->value.bytes)
                        ? NULL
                        : json_stringn(from->value.at ? from->value.at : "", from->value.bytes);
    if (json_object_set_new_nocheck(record, from->name, value) == 0) return true;
    return event_refuse_found(out, from->name, "bytes that are no UTF-8 text", "a string");
}

bool decode_binary(struct decoder *decoder, const struct attribute *attributes, size_t count, const char *value,
                   size_t bytes, struct decoded *out)
{
    bool in_arena = begin(out), good = true;
    size_t room = bytes;
    json_t *record = json_object(), *data = bytes ? parse(value, bytes, 2, out) : json_null();
    good = data && json_object_set_new_nocheck(record, "data", data) == 0;
    for (size_t i = 0; good && i < count; i++) {
        room += attributes[i].value.bytes;
        good = put_attribute(record, &attributes[i], out);
    }
    good = good && decode_record(decoder, record, room, out);
    end(record, in_arena);
    return good;
}

struct event event_as_link(const struct event *event, struct text from, struct event_detail *detail)
{
    struct event link = {.at_ms = event->at_ms, .type = event->type, .satisfaction = event->satisfaction};
    memcpy(link.key, event->key, sizeof link.key);
    link.flags = (uint16_t)((event->flags & EVENT_DEFAULT) | EVENT_LINK);
    if (event->type == TICKET_MERGED) {
        *detail = (struct event_detail){.target = from};
        link.detail = detail;
    }
    return link;
}
