#include "notify/route.h"
size_t route_check(const struct routing *routing, struct buffer *faults, struct buffer *warnings)
{
    (void)routing, (void)faults, (void)warnings;
    return 0;
}
