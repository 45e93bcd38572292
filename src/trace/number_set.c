// Sets of numbers that nearly follow each other: chunks of bits, found by a map.
#include "trace/number_set.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"

void number_set_init(struct number_set *set)
{
    *set = (struct number_set){0};
    pair_map_init(&set->chunk_of);
}

void number_set_destroy(struct number_set *set)
{
    pair_map_destroy(&set->chunk_of);
    free(set->chunks);
}

bool number_set_add(struct number_set *set, uint32_t cpu, uint32_t device, uint32_t number)
{
    uint64_t part = (uint64_t)cpu << 32 | number / NUMBER_SET_CHUNK;
    uint64_t index = *pair_map_get(&set->chunk_of, part, device, set->count);
    if (index == set->count) {
        set->chunks = xgrow(set->chunks, set->count, sizeof *set->chunks);
        set->chunks[set->count++] = (struct number_chunk){{0}};
    }
    uint64_t *word = &set->chunks[index].bits[number % NUMBER_SET_CHUNK / 64], bit = UINT64_C(1) << number % 64;
    bool there = (*word & bit) != 0;
    *word |= bit;
    return there;
}
