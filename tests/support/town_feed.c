/* The feed's queue (town_feed.h): a list a day of delivery, sorted when its day
 * comes. Memory is bounded by what is still to come. */
#include "town_feed.h"

#include "town_calendar.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct day_list {
    struct town_happening *items;
    size_t count, room;
};

struct town_feed {
    int32_t first_day;
    size_t next;           /* the day to give out next, from first_day */
    struct day_list *days;
    size_t day_count;
};

static void *grow(void *old, size_t count, size_t bytes)
{
    void *larger = realloc(old, count * bytes);
    if (!larger) {
        fputs("town: out of memory\n", stderr);
        abort();
    }
    return larger;
}

struct town_feed *town_feed_open(int32_t day)
{
    struct town_feed *feed = grow(NULL, 1, sizeof *feed);
    *feed = (struct town_feed){.first_day = day};
    return feed;
}

void town_feed_free(struct town_feed *feed)
{
    if (!feed)
        return;
    for (size_t i = 0; i < feed->day_count; i++)
        free(feed->days[i].items);
    free(feed->days);
    free(feed);
}

static struct day_list *list_of(struct town_feed *feed, size_t day)
{
    while (feed->day_count <= day) {
        size_t larger = feed->day_count * 2 + 64;
        feed->days = grow(feed->days, larger, sizeof *feed->days);
        while (feed->day_count < larger)
            feed->days[feed->day_count++] = (struct day_list){NULL, 0, 0};
    }
    return &feed->days[day];
}

void town_feed_add(struct town_feed *feed, const struct town_happening *happening)
{
    int64_t day = happening->deliver_ms / day_ms - feed->first_day;
    assert(day >= (int64_t)feed->next);
    struct day_list *list = list_of(feed, (size_t)day);
    if (list->count == list->room) {
        list->room = list->room * 2 + 64;
        list->items = grow(list->items, list->room, sizeof *list->items);
    }
    list->items[list->count++] = *happening;
}

static int by_delivery(const void *left, const void *right)
{
    const struct town_happening *a = left, *b = right;
    if (a->deliver_ms != b->deliver_ms)
        return a->deliver_ms < b->deliver_ms ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

const struct town_happening *town_feed_next_day(struct town_feed *feed, size_t *count)
{
    if (feed->next > 0) {
        struct day_list *given = list_of(feed, feed->next - 1);
        free(given->items);
        *given = (struct day_list){NULL, 0, 0};
    }
    struct day_list *list = list_of(feed, feed->next++);
    if (list->count > 0)
        qsort(list->items, list->count, sizeof *list->items, by_delivery);
    *count = list->count;
    return list->items;
}
