/* The bounded queue between consumer and committer, and the way back. */
#include "ingest/handover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/alloc.h"

struct assignment *assignment_new(uint64_t id, const rd_kafka_topic_partition_list_t *list)
{
    struct assignment *assignment = xcalloc(1, sizeof *assignment);
    assignment->id = id;
    assignment->count = list ? (size_t)list->cnt : 0;
    if (assignment->count > SLOTS_MAX) assignment->count = SLOTS_MAX;
    assignment->slot = xcalloc(assignment->count + 1, sizeof *assignment->slot);
    for (size_t i = 0; i < assignment->count; i++) {
        snprintf(assignment->slot[i].topic, TOPIC_BYTES, "%s", list->elems[i].topic);
        assignment->slot[i].partition = list->elems[i].partition;
    }
    return assignment;
}

void assignment_free(struct assignment *assignment)
{
    if (!assignment) return;
    free(assignment->slot);
    free(assignment);
}

void start_list_free(struct start_list *list)
{
    if (!list) return;
    free(list->start);
    free(list);
}

void handover_open(struct handover *handover, size_t batches_max, size_t records_max, size_t bytes_max)
{
    pthread_condattr_t attributes;
    *handover = (struct handover){.batches_max = batches_max, .records_max = records_max, .bytes_max = bytes_max};
    handover->last = &handover->first;
    pthread_mutex_init(&handover->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&handover->filled, &attributes);
    pthread_cond_init(&handover->emptied, &attributes);
    pthread_condattr_destroy(&attributes);
}

void handover_close_and_free(struct handover *handover)
{
    struct parcel *parcel, *next;
    for (parcel = handover->first; parcel; parcel = next) {
        next = parcel->next;
        batch_free(parcel->batch);
        assignment_free(parcel->assignment);
        free(parcel);
    }
    start_list_free(handover->starts);
    pthread_cond_destroy(&handover->filled);
    pthread_cond_destroy(&handover->emptied);
    pthread_mutex_destroy(&handover->lock);
}

static struct timespec deadline(int wait_ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += wait_ms / 1000;
    at.tv_nsec += wait_ms % 1000 * 1000000L;
    if (at.tv_nsec >= 1000000000L) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000L;
    }
    return at;
}

static void append(struct handover *handover, struct parcel one)
{
    struct parcel *parcel = xmalloc(sizeof *parcel);
    *parcel = one;
    *handover->last = parcel;
    handover->last = &parcel->next;
    pthread_cond_signal(&handover->filled);
}

/* A batch of any size is taken when nothing else is there. */
static bool has_room(const struct handover *handover, const struct batch *batch)
{
    if (handover->batches == 0) return true;
    return handover->batches < handover->batches_max && handover->records + batch->count <= handover->records_max &&
           handover->bytes + batch->bytes <= handover->bytes_max;
}

bool handover_give(struct handover *handover, struct batch *batch, int wait_ms)
{
    struct timespec until = deadline(wait_ms);
    pthread_mutex_lock(&handover->lock);
    while (!has_room(handover, batch))
        if (pthread_cond_timedwait(&handover->emptied, &handover->lock, &until)) break;
    bool room = has_room(handover, batch);
    if (room) {
        handover->batches++;
        handover->records += batch->count;
        handover->bytes += batch->bytes;
        append(handover, (struct parcel){.kind = PARCEL_BATCH, .batch = batch});
    }
    pthread_mutex_unlock(&handover->lock);
    return room;
}

void handover_tell(struct handover *handover, enum parcel_kind kind, struct assignment *assignment, int slot)
{
    pthread_mutex_lock(&handover->lock);
    append(handover, (struct parcel){.kind = kind, .assignment = assignment, .slot = slot});
    pthread_mutex_unlock(&handover->lock);
}

void handover_tell_end(struct handover *handover, int slot, uint64_t generation)
{
    pthread_mutex_lock(&handover->lock);
    append(handover, (struct parcel){.kind = PARCEL_END, .slot = slot, .generation = generation});
    pthread_mutex_unlock(&handover->lock);
}

struct start_list *handover_starts(struct handover *handover)
{
    pthread_mutex_lock(&handover->lock);
    struct start_list *list = handover->starts;
    handover->starts = NULL;
    pthread_mutex_unlock(&handover->lock);
    return list;
}

void handover_end(struct handover *handover)
{
    pthread_mutex_lock(&handover->lock);
    handover->closed = true;
    pthread_cond_signal(&handover->filled);
    pthread_mutex_unlock(&handover->lock);
}

bool handover_take(struct handover *handover, struct parcel *parcel, int wait_ms)
{
    struct timespec until = deadline(wait_ms);
    *parcel = (struct parcel){.kind = PARCEL_BATCH};
    pthread_mutex_lock(&handover->lock);
    while (!handover->first && !handover->closed)
        if (pthread_cond_timedwait(&handover->filled, &handover->lock, &until)) break;
    struct parcel *first = handover->first;
    bool more = first || !handover->closed;
    if (first) {
        *parcel = *first;
        handover->first = first->next;
        if (!handover->first) handover->last = &handover->first;
        free(first);
    }
    pthread_mutex_unlock(&handover->lock);
    return more;
}

void handover_done(struct handover *handover, struct batch *batch)
{
    pthread_mutex_lock(&handover->lock);
    handover->batches--;
    handover->records -= batch->count;
    handover->bytes -= batch->bytes;
    pthread_cond_signal(&handover->emptied);
    pthread_mutex_unlock(&handover->lock);
    batch_free(batch);
}

void handover_start(struct handover *handover, struct start_list *list)
{
    pthread_mutex_lock(&handover->lock);
    start_list_free(handover->starts);
    handover->starts = list;
    pthread_mutex_unlock(&handover->lock);
}
