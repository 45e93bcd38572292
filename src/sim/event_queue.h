// The pending events, in the order in which they run: by time and, at one time, by order of scheduling.
//
// A radix heap. A time is read as eight digits of eight bits. An event waits on the level of the highest digit in which
// its time differs from `base`, in the slot of its own digit there. So what waits on a lower level is earlier, and on
// one level what waits in a lower slot. The base is a time at which an event was taken, no later than any that waits.
// When the first slot's earliest event becomes the base, those that shared its slot, which now differ from the base in
// lower digits only, move down. Nobody else moves: whoever differed from the old base in a higher digit, or in this one
// and from the event as well, differs from the new base there too.
//
// An event moves down seven times at most, whatever the times are; of a drive's, under load, three in ten move once.
// There is no width to be chosen for a load, no search for a place, and no sequence number.
//
// A slot holds a ring in order of scheduling, but with the earliest event, the first scheduled if there are several, at
// its head. So the queue can be looked at without changing it.
//
// Source: Ahuja, Mehlhorn, Orlin and Tarjan, "Faster algorithms for the shortest path problem", Journal of the ACM 37,
// 1990. As theirs, the queue is monotone: nothing earlier than the event taken last may come.
#ifndef SQTAIL_SIM_EVENT_QUEUE_H
#define SQTAIL_SIM_EVENT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/tick.h"
#include "util/macros.h"
#include "util/pool.h"

enum {
    EVENT_DIGIT_BITS = 8,
    EVENT_LEVEL_SLOTS = 1 << EVENT_DIGIT_BITS,
    EVENT_SLOTS = 64 / EVENT_DIGIT_BITS * EVENT_LEVEL_SLOTS,
};

struct event {
    struct event *next; // in its ring
    tick_t time;
    void (*fn)(void *context);
    void *context;
};

struct event_queue {
    tick_t base;    // from which the slots are told; no event is earlier
    uint32_t words; // which words of `occupied` are not 0
    struct pool events;
    uint64_t occupied[EVENT_SLOTS / 64]; // a bit for each slot that holds events, those of the lowest level first
    struct event *tails[EVENT_SLOTS];    // of their rings; NULL: no event
};

void event_queue_init(struct event_queue *queue);
void event_queue_destroy(struct event_queue *queue);

static inline bool event_queue_empty(const struct event_queue *queue)
{
    return queue->words == 0;
}

static inline uint32_t event_queue_first_slot(const struct event_queue *queue)
{
    uint32_t word = (uint32_t)__builtin_ctz(queue->words);
    return 64 * word + (uint32_t)__builtin_ctzll(queue->occupied[word]);
}

// The earliest event, of a queue that is not empty.
static inline const struct event *event_queue_first(const struct event_queue *queue)
{
    return queue->tails[event_queue_first_slot(queue)]->next;
}

static inline uint32_t event_queue_slot(const struct event_queue *queue, tick_t time)
{
    unsigned highest = 63 - (unsigned)__builtin_clzll((time ^ queue->base) | 1); // bit that differs
    unsigned digit = highest & ~(EVENT_DIGIT_BITS - 1u);                         // its digit's lowest bit
    return digit * (EVENT_LEVEL_SLOTS / EVENT_DIGIT_BITS) + (uint32_t)(time >> digit & (EVENT_LEVEL_SLOTS - 1));
}

// Joins a ring between its tail and its head: a new tail, or a new head when it is earlier than all.
static inline void event_queue_place(struct event_queue *queue, struct event *event)
{
    uint32_t slot = event_queue_slot(queue, event->time);
    struct event *tail = queue->tails[slot];
    if (tail == NULL) {
        queue->occupied[slot / 64] |= UINT64_C(1) << slot % 64;
        queue->words |= UINT32_C(1) << slot / 64;
        queue->tails[slot] = event->next = event;
        return;
    }
    struct event *head = tail->next;
    event->next = head;
    tail->next = event;
    if (event->time >= head->time)
        queue->tails[slot] = event;
}

// Whether the next push takes memory.
static inline bool event_queue_full(const struct event_queue *queue)
{
    return queue->events.free == NULL;
}

// `time` is not earlier than that of the event taken last.
static inline void event_queue_push(struct event_queue *queue, tick_t time, void (*fn)(void *context), void *context)
{
    struct event *event = pool_take(&queue->events);
    event->time = time;
    event->fn = fn;
    event->context = context;
    event_queue_place(queue, event);
}

// Empties the first slot, whose event at `time` becomes the base.
static inline void event_queue_vacate(struct event_queue *queue, uint32_t slot, tick_t time)
{
    uint32_t word = (uint32_t)__builtin_ctz(queue->words);
    queue->base = time;
    queue->tails[slot] = NULL;
    queue->occupied[word] &= queue->occupied[word] - 1;
    if (queue->occupied[word] == 0)
        queue->words &= queue->words - 1;
}

// Takes `head` off the ring of the first slot, when those that are left are not known to be in order: they move down.
void event_queue_settle(struct event_queue *queue, uint32_t slot, struct event *head);

// Takes the earliest event, of a queue that is not empty.
static inline struct event event_queue_pop(struct event_queue *queue)
{
    uint32_t slot = event_queue_first_slot(queue);
    struct event *tail = queue->tails[slot], *head = tail->next, taken = *head;
    if (head == tail)
        event_queue_vacate(queue, slot, taken.time);
    else if (taken.next == tail || slot < EVENT_LEVEL_SLOTS) // one is left, or those that are left are of one time
        tail->next = taken.next;
    else
        event_queue_settle(queue, slot, head);
    pool_give(&queue->events, head);
    return taken;
}

#endif
