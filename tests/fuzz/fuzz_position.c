/* Positions and fields as Redis may hold them: refused, or read and printed back to what reads the same. */
#include <assert.h>

#include "ingest/position.h"
#include "sla/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct text text = {(const char *)data, bytes}, id;
    struct position position, again;
    char printed[POSITION_BYTES];
    enum of of;
    if (position_parse(text, &position) && position.offset >= 0) {
        assert(position_parse((struct text){printed, position_print(printed, &position)}, &again));
        assert(position_equal(&position, &again));
    }
    if (store_field_parse(text, &of, &id)) assert(id.bytes == bytes - 1);
    return 0;
}
