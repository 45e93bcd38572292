// The map's entries by logical unit: a number each, 0 at first.
//
// As long as few units have an entry they lie in a hash table, which stays in the processor's cache and takes memory as
// the units are touched; a table by unit takes a page of memory for each unit that is touched at random. When one unit
// of FORWARD_SPARSE has an entry, all move to such a table, in huge pages, since little of it will stay untouched.
#ifndef SQTAIL_FTL_MAP_FORWARD_H
#define SQTAIL_FTL_MAP_FORWARD_H

#include <stdbool.h>
#include <stdint.h>

#include "ftl/map/packed.h"

enum { FORWARD_SPARSE = 512 };

struct forward_slot {
    uint64_t key; // lpn + 1; 0 for an empty slot
    uint64_t value;
};

struct forward {
    struct forward_slot *slots; // open addressing, linear probing, at most half full; NULL when all have moved
    uint64_t mask;
    unsigned shift;
    uint64_t used; // slots; not counted any more once all have moved
    uint64_t lpns;
    uint64_t most;
    struct packed table;
};

// Entries for units below `lpns`, of up to `most`, or forward_last().
void forward_init(struct forward *forward, uint64_t lpns, uint64_t most);
void forward_destroy(struct forward *forward);

void forward_set_sparse(struct forward *forward, uint64_t lpn, uint64_t value);

// A value beyond all others.
static inline uint64_t forward_last(const struct forward *forward)
{
    return packed_last(forward->most);
}

// Multiplicative hashing (Knuth, volume 3, section 6.4), by the golden ratio.
static inline uint64_t forward_home(const struct forward *forward, uint64_t key)
{
    return (key * UINT64_C(0x9e3779b97f4a7c15)) >> forward->shift;
}

// The slot of the unit, or the empty one where it would go.
static inline struct forward_slot *forward_slot(const struct forward *forward, uint64_t lpn)
{
    uint64_t at = forward_home(forward, lpn + 1);
    while (forward->slots[at].key != lpn + 1 && forward->slots[at].key != 0)
        at = (at + 1) & forward->mask;
    return &forward->slots[at];
}

// Has no unit ever had an entry?
static inline bool forward_empty(const struct forward *forward)
{
    return forward->used == 0;
}

static inline uint64_t forward_get(const struct forward *forward, uint64_t lpn)
{
    if (forward->slots == NULL)
        return packed_get(&forward->table, lpn);
    return forward_empty(forward) ? 0 : forward_slot(forward, lpn)->value;
}

static inline void forward_set(struct forward *forward, uint64_t lpn, uint64_t value)
{
    if (forward->slots == NULL)
        packed_set(&forward->table, lpn, value);
    else
        forward_set_sparse(forward, lpn, value);
}

// Fetches the unit's entry into the cache.
static inline void forward_prefetch(const struct forward *forward, uint64_t lpn)
{
    if (forward->slots == NULL)
        packed_prefetch(&forward->table, lpn);
    else
        __builtin_prefetch(&forward->slots[forward_home(forward, lpn + 1)], 1);
}

#endif
