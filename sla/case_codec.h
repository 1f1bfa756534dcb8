#ifndef BIHUAN_SLA_CASE_CODEC_H
#define BIHUAN_SLA_CASE_CODEC_H
/* A case as one compact blob.
 *
 *   8 bytes  checksum (XXH3-64, little-endian) of all that follows: what
 *            compare-and-set looks at
 *   1 byte   format version
 *   varints  the fold's instant, timer, newest record time, revision, duplicates,
 *            what it was before it shrank (sla/stub.h), told, events
 *
 * Units that repeat within a case are written once. A format of another
 * version is refused, never guessed at. */
#include "common/buffer.h"
#include "sla/case.h"

enum { CASE_FORMAT = 3, CASE_CHECKSUM_BYTES = 8, CASE_BLOB_MAX_BYTES = 8 << 20 };

/* Appends the blob of a case to `out`. */
bool case_encode(const struct case_file *file, struct buffer *out);

/* Reads a blob into *file (of and id stay as set; arrays are grown as needed),
 * its texts borrowing from `blob`, details taken from the pool. NULL, or what
 * is wrong with it (static text). */
const char *case_decode(const void *blob, size_t bytes, struct case_file *file, struct pool *pool);

#endif
