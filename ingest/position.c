/* Positions as text, and what they mean beside the log as it is. */
#include "ingest/position.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

size_t position_print(char *text, const struct position *position)
{
    if (position->offset < 0) return (size_t)snprintf(text, POSITION_BYTES, "%" PRId64, position->next);
    return (size_t)snprintf(text, POSITION_BYTES, "%" PRId64 " %" PRId64 " %" PRId64 " %08" PRIx32, position->next, position->offset,
                            position->timestamp_ms, position->crc);
}

bool position_parse(struct text text, struct position *position)
{
    char copy[POSITION_BYTES];
    int end = 0;
    if (text.bytes == 0 || text.bytes >= sizeof copy) return false;
    memcpy(copy, text.at, text.bytes);
    copy[text.bytes] = 0;
    *position = (struct position){.offset = -1};
    int read = sscanf(copy, "%" SCNd64 "%n %" SCNd64 " %" SCNd64 " %" SCNx32 "%n", &position->next, &end, &position->offset,
                      &position->timestamp_ms, &position->crc, &end);
    return (read == 1 || read == 4) && (size_t)end == text.bytes && position->next >= 0;
}

bool position_equal(const struct position *a, const struct position *b)
{
    return a->next == b->next && a->offset == b->offset && a->timestamp_ms == b->timestamp_ms && a->crc == b->crc;
}

size_t position_field(char *text, const char *topic, int32_t partition)
{
    return (size_t)snprintf(text, POSITION_FIELD_BYTES, "%s/%" PRId32, topic, partition);
}

enum position_verdict position_judge(const struct position *position, int64_t low, int64_t high)
{
    if (position->next > high || position->offset >= high) return POSITION_RECREATED;
    if (position->next < low) return POSITION_GAP;
    return position->offset >= low ? POSITION_VERIFY : POSITION_GO_ON;
}
