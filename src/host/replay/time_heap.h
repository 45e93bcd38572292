// A binary heap of what is due, by time, and by number where times are equal.
#ifndef SQTAIL_HOST_REPLAY_TIME_HEAP_H
#define SQTAIL_HOST_REPLAY_TIME_HEAP_H

#include <stdint.h>

struct time_heap_entry {
    uint64_t at, number;
    void *what;
};

// An empty one is all zeroes.
struct time_heap {
    struct time_heap_entry *entries; // the first is due first
    uint64_t count, capacity;
};

void time_heap_destroy(struct time_heap *heap);
void time_heap_push(struct time_heap *heap, struct time_heap_entry entry);

// Of one that is not empty.
struct time_heap_entry time_heap_pop(struct time_heap *heap);

#endif
