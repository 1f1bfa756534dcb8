#ifndef BIHUAN_TESTS_SUPPORT_TOWN_FEED_H
#define BIHUAN_TESTS_SUPPORT_TOWN_FEED_H
/* The feed's queue: happenings told in any order, given out a day at a time in
 * the order in which the feed brings them. */
#include <stddef.h>

#include "town_life.h"

struct town_feed;

/* A feed whose first day is `day`; aborts without memory. free takes NULL. */
struct town_feed *town_feed_open(int32_t day);
void town_feed_free(struct town_feed *feed);

/* Takes a happening; one that is brought on a day already given out is our bug. */
void town_feed_add(struct town_feed *feed, const struct town_happening *happening);

/* The next day's happenings, sorted by deliver_ms; *count of them, the feed's
 * until the next call. */
const struct town_happening *town_feed_next_day(struct town_feed *feed, size_t *count);

#endif
