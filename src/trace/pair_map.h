// A hash map from a pair of 64-bit numbers to a 64-bit number: open addressing, linear probing, removal by shifting
// back, so that the table stays as small as what is in it. Iteration order is never used.
#ifndef SQTAIL_TRACE_PAIR_MAP_H
#define SQTAIL_TRACE_PAIR_MAP_H

#include <stddef.h>
#include <stdint.h>

#define PAIR_MAP_ABSENT UINT64_MAX // no value may be this

struct pair_entry {
    uint64_t a, b;
    uint64_t value; // PAIR_MAP_ABSENT where the place is free
};

struct pair_map {
    struct pair_entry *entries;
    size_t capacity; // a power of two, or 0
    size_t count;
};

void pair_map_init(struct pair_map *map);
void pair_map_destroy(struct pair_map *map);

// The entry's value, or NULL. Valid until the next call that adds or removes.
uint64_t *pair_map_find(const struct pair_map *map, uint64_t a, uint64_t b);

// As find, but adds the pair with `value` when it is absent.
uint64_t *pair_map_get(struct pair_map *map, uint64_t a, uint64_t b, uint64_t value);

void pair_map_remove(struct pair_map *map, uint64_t a, uint64_t b);

#endif
