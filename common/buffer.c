/* A byte buffer that knows its maximum, and the cursor over what it holds. The
 * trap is arithmetic: sizes are compared by subtraction, so that none wraps. */
#include "common/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/alloc.h"

enum { FIRST_ROOM = 64, VARINT_BYTES = 10 };

void buffer_init(struct buffer *buffer, size_t max)
{
    *buffer = (struct buffer){.max = max};
}

void buffer_free(struct buffer *buffer)
{
    if (!buffer) return;
    free(buffer->data);
    *buffer = (struct buffer){.max = buffer->max};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->bytes = 0;
    buffer->overflow = false;
    if (buffer->data) buffer->data[0] = 0;
}

const char *buffer_text(const struct buffer *buffer)
{
    return buffer->data ? buffer->data : "";
}

/* Makes room for `bytes` more; `room` does not count the NUL. */
static bool reserve(struct buffer *buffer, size_t bytes)
{
    if (buffer->overflow || bytes > buffer->max - buffer->bytes) {
        buffer->overflow = true;
        return false;
    }
    size_t need = buffer->bytes + bytes;
    if (buffer->data && need <= buffer->room) return true;
    size_t room = buffer->room < FIRST_ROOM ? FIRST_ROOM : buffer->room;
    while (room < need) room += room / 2;
    if (room > buffer->max) room = buffer->max;
    buffer->data = xrealloc(buffer->data, room + 1);
    buffer->room = room;
    return true;
}

bool buffer_add(struct buffer *buffer, const void *data, size_t bytes)
{
    if (!reserve(buffer, bytes)) return false;
    if (bytes) memcpy(buffer->data + buffer->bytes, data, bytes);
    buffer->bytes += bytes;
    buffer->data[buffer->bytes] = 0;
    return true;
}

bool buffer_add_text(struct buffer *buffer, const char *text)
{
    return buffer_add(buffer, text, strlen(text));
}

bool buffer_addf(struct buffer *buffer, const char *format, ...)
{
    char small[256];
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int bytes = vsnprintf(small, sizeof small, format, list);
    va_end(list);
    bool added = false;
    if (bytes >= 0 && (size_t)bytes < sizeof small) {
        added = buffer_add(buffer, small, (size_t)bytes);
    } else if (bytes >= 0 && reserve(buffer, (size_t)bytes)) {
        vsnprintf(buffer->data + buffer->bytes, (size_t)bytes + 1, format, again);
        buffer->bytes += (size_t)bytes;
        added = true;
    } else {
        buffer->overflow = true;
    }
    va_end(again);
    return added;
}

bool buffer_add_u8(struct buffer *buffer, uint8_t value)
{
    return buffer_add(buffer, &value, 1);
}

bool buffer_add_varint(struct buffer *buffer, uint64_t value)
{
    uint8_t bytes[VARINT_BYTES];
    size_t count = 0;
    for (; value >= 0x80; value >>= 7) bytes[count++] = (uint8_t)(value | 0x80);
    bytes[count++] = (uint8_t)value;
    return buffer_add(buffer, bytes, count);
}

bool buffer_add_svarint(struct buffer *buffer, int64_t value)
{
    return buffer_add_varint(buffer, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

void reader_init(struct reader *reader, const void *data, size_t bytes)
{
    static const uint8_t nothing[1];
    reader->at = data ? data : nothing;
    reader->end = reader->at + (data ? bytes : 0);
    reader->bad = false;
}

size_t reader_left(const struct reader *reader)
{
    return (size_t)(reader->end - reader->at);
}

uint8_t reader_u8(struct reader *reader)
{
    if (!reader->bad && reader->at < reader->end) return *reader->at++;
    reader->bad = true;
    return 0;
}

uint64_t reader_varint(struct reader *reader)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        uint8_t byte = reader_u8(reader);
        if (reader->bad) return 0;
        if (shift == 63 && byte > 1) break;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
    }
    reader->bad = true;
    return 0;
}

int64_t reader_svarint(struct reader *reader)
{
    uint64_t value = reader_varint(reader);
    return (int64_t)((value >> 1) ^ (0 - (value & 1)));
}

const uint8_t *reader_bytes(struct reader *reader, size_t bytes)
{
    if (reader->bad || bytes > reader_left(reader)) {
        reader->bad = true;
        return NULL;
    }
    const uint8_t *at = reader->at;
    reader->at += bytes;
    return at;
}
