// The right to issue, in a closed loop: as many tokens as requests may be in flight, in the order they came free.
//
// A token is free again a fixed think time after its request completed, so that the tokens' times never decrease and
// a first-in first-out ring is in order of time.
#ifndef SQTAIL_HOST_TOKENS_H
#define SQTAIL_HOST_TOKENS_H

#include <stdlib.h>

#include "sim/tick.h"
#include "util/alloc.h"

struct token {
    tick_t free_at;
    uint32_t job; // whose it is
};

struct token_ring {
    struct token *slots;
    uint32_t mask;
    uint32_t head;
    uint32_t count;
};

static inline void token_ring_init(struct token_ring *ring, uint32_t tokens)
{
    uint32_t size = 1;
    while (size < tokens)
        size *= 2;
    *ring = (struct token_ring){.slots = xcalloc(size, sizeof *ring->slots), .mask = size - 1};
}

static inline void token_ring_destroy(struct token_ring *ring)
{
    free(ring->slots);
}

static inline void token_ring_push(struct token_ring *ring, tick_t free_at, uint32_t job)
{
    ring->slots[(ring->head + ring->count++) & ring->mask] = (struct token){.free_at = free_at, .job = job};
}

static inline const struct token *token_ring_first(const struct token_ring *ring)
{
    return ring->count == 0 ? NULL : &ring->slots[ring->head];
}

static inline uint32_t token_ring_pop(struct token_ring *ring)
{
    uint32_t job = ring->slots[ring->head].job;
    ring->head = (ring->head + 1) & ring->mask;
    ring->count--;
    return job;
}

#endif
