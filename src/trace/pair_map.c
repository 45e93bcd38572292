// Pair map: linear probing at a load of at most one half.
//
// Invariant: between the home of an entry and its place no place is free; removal keeps it by moving later entries
// of the same run back.
#include "trace/pair_map.h"

#include <stdlib.h>

#include "util/alloc.h"

static size_t home(const struct pair_map *map, uint64_t a, uint64_t b)
{
    uint64_t x = (a ^ (b << 40 | b >> 24)) * UINT64_C(0x9e3779b97f4a7c15);
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    return (size_t)(x >> 32 ^ x) & (map->capacity - 1);
}

void pair_map_init(struct pair_map *map)
{
    *map = (struct pair_map){0};
}

void pair_map_destroy(struct pair_map *map)
{
    free(map->entries);
    *map = (struct pair_map){0};
}

static struct pair_entry *locate(const struct pair_map *map, uint64_t a, uint64_t b)
{
    size_t i = home(map, a, b);
    while (map->entries[i].value != PAIR_MAP_ABSENT && (map->entries[i].a != a || map->entries[i].b != b))
        i = (i + 1) & (map->capacity - 1);
    return &map->entries[i];
}

static void grow(struct pair_map *map)
{
    struct pair_map old = *map;
    map->capacity = old.capacity == 0 ? 64 : 2 * old.capacity;
    map->entries = xmalloc(map->capacity * sizeof *map->entries);
    for (size_t i = 0; i < map->capacity; i++)
        map->entries[i].value = PAIR_MAP_ABSENT;
    for (size_t i = 0; i < old.capacity; i++)
        if (old.entries[i].value != PAIR_MAP_ABSENT)
            *locate(map, old.entries[i].a, old.entries[i].b) = old.entries[i];
    free(old.entries);
}

uint64_t *pair_map_find(const struct pair_map *map, uint64_t a, uint64_t b)
{
    if (map->count == 0)
        return NULL;
    struct pair_entry *entry = locate(map, a, b);
    return entry->value == PAIR_MAP_ABSENT ? NULL : &entry->value;
}

uint64_t *pair_map_get(struct pair_map *map, uint64_t a, uint64_t b, uint64_t value)
{
    if (2 * (map->count + 1) > map->capacity)
        grow(map);
    struct pair_entry *entry = locate(map, a, b);
    if (entry->value == PAIR_MAP_ABSENT) {
        *entry = (struct pair_entry){.a = a, .b = b, .value = value};
        map->count++;
    }
    return &entry->value;
}

void pair_map_remove(struct pair_map *map, uint64_t a, uint64_t b)
{
    if (map->count == 0)
        return;
    struct pair_entry *hole = locate(map, a, b);
    if (hole->value == PAIR_MAP_ABSENT)
        return;
    size_t mask = map->capacity - 1, free_at = (size_t)(hole - map->entries);
    map->count--;
    for (size_t i = (free_at + 1) & mask; map->entries[i].value != PAIR_MAP_ABSENT; i = (i + 1) & mask) {
        size_t wanted = home(map, map->entries[i].a, map->entries[i].b);
        // It may move back only if its home is not between the hole and its place.
        if (((i - wanted) & mask) >= ((i - free_at) & mask)) {
            map->entries[free_at] = map->entries[i];
            free_at = i;
        }
    }
    map->entries[free_at].value = PAIR_MAP_ABSENT;
}
