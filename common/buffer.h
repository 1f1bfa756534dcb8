#ifndef BIHUAN_COMMON_BUFFER_H
#define BIHUAN_COMMON_BUFFER_H
/* A growable byte buffer with a declared maximum, and a cursor that reads back
 * what was written. Integers are LEB128 varints (7 bits a byte, least first);
 * signed ones are zigzagged before. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `data` is owned, holds `bytes` bytes and one NUL behind them that is not
 * counted (NULL as long as nothing was added). Once `overflow` is set nothing
 * more is added until buffer_clear: callers may add a whole record and look at
 * the flag once. */
struct buffer {
    char *data;
    size_t bytes, room, max;
    bool overflow;
};

/* An empty buffer of at most `max` bytes; allocates nothing yet. */
void buffer_init(struct buffer *buffer, size_t max);
/* Frees the bytes; the buffer is empty and usable again. Accepts NULL. */
void buffer_free(struct buffer *buffer);
/* Forgets content and overflow, keeps the room. */
void buffer_clear(struct buffer *buffer);
/* The content as a C string, "" when empty; valid until the next change. */
const char *buffer_text(const struct buffer *buffer);

/* Each adds at the end and returns true; or adds nothing, sets `overflow` and
 * returns false when the maximum would be passed. Running out of memory aborts. */
bool buffer_add(struct buffer *buffer, const void *data, size_t bytes);
bool buffer_add_text(struct buffer *buffer, const char *text);
bool buffer_addf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool buffer_add_u8(struct buffer *buffer, uint8_t value);
bool buffer_add_varint(struct buffer *buffer, uint64_t value);  /* 1–10 bytes */
bool buffer_add_svarint(struct buffer *buffer, int64_t value);  /* 1–10 bytes */

/* A read cursor over bytes it does not own. After a read past the end or of a
 * varint over 64 bits `bad` is set, and every further read gives 0 or NULL:
 * callers read a whole record and look at the flag once. */
struct reader {
    const uint8_t *at, *end;
    bool bad;
};

void reader_init(struct reader *reader, const void *data, size_t bytes);
/* Bytes not yet read. */
size_t reader_left(const struct reader *reader);
uint8_t reader_u8(struct reader *reader);
uint64_t reader_varint(struct reader *reader);
int64_t reader_svarint(struct reader *reader);
/* The next `bytes` bytes, borrowed from the input; NULL and bad when fewer are left. */
const uint8_t *reader_bytes(struct reader *reader, size_t bytes);

#endif
