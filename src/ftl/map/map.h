// The page map: where each logical unit lies (lpn -> ppn), and what each physical unit holds (ppn -> lpn).
//
// Units are numbered with 64 bits; how few bytes an entry takes is the map's own affair (map/packed.h).
#ifndef SQTAIL_FTL_MAP_MAP_H
#define SQTAIL_FTL_MAP_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "ftl/map/packed.h"
#include "nand/geometry.h"
#include "sim/sim.h"
#include "util/bitmap.h"

struct superblock;

#define MAP_NOWHERE UINT64_MAX // the unit holds no data

struct map {
    struct sim *sim;
    const struct nand_geometry *geometry;
    struct superblock *superblocks; // the map keeps their counts of valid units
    struct packed forward;          // by lpn: ppn + 1, 0 unmapped
    struct packed reverse;          // by ppn: lpn, meaningful where valid
    uint64_t *valid;                // by ppn, one bit
    uint32_t *written; // verify: by lpn, version of the last data that arrived; ZEROED for a trim
    uint32_t *stored;  // verify: by ppn, version programmed
    uint64_t lpns;
    uint64_t ppns;
    uint64_t mapped; // lpns with a ppn
};

// `geometry` and `superblocks` must outlive the map; with `verify` it knows versions, too.
void map_init(struct map *map, struct sim *sim, const struct nand_geometry *geometry, struct superblock *superblocks,
              uint64_t lpns, bool verify);
void map_destroy(struct map *map);

// The unit's place, or MAP_NOWHERE.
static inline uint64_t map_lookup(const struct map *map, uint64_t lpn)
{
    return packed_get(&map->forward, lpn) - 1;
}

// Which unit a valid place holds.
static inline uint64_t map_owner(const struct map *map, uint64_t ppn)
{
    return packed_get(&map->reverse, ppn);
}

// Is the place what its unit maps to?
static inline bool map_is_valid(const struct map *map, uint64_t ppn)
{
    return bitmap_test(map->valid, ppn);
}

// Which of the `count` places (1 to 64) from `first` on are valid, a bit each.
static inline uint64_t map_valid_units(const struct map *map, uint64_t first, unsigned count)
{
    return bitmap_extract(map->valid, first, count);
}

// Fetches the unit's entry into the cache.
static inline void map_prefetch(const struct map *map, uint64_t lpn)
{
    packed_prefetch(&map->forward, lpn);
}

// With the entry there, what a change of it will touch.
static inline void map_prefetch_old(const struct map *map, uint64_t lpn)
{
    uint64_t entry = packed_get(&map->forward, lpn);
    __builtin_prefetch(&map->valid[(entry - (entry != 0)) / 64], 1);
}

// The unit lies at ppn, which has just been programmed, and no longer where it was.
void map_set(struct map *map, uint64_t lpn, uint64_t ppn, uint32_t version);

// A copy: the unit lay at `from` and lies at `to` from now on, with the version it had.
void map_move(struct map *map, uint64_t lpn, uint64_t from, uint64_t to);

// Unmaps the units [first, end); returns how many were mapped.
uint64_t map_trim(struct map *map, uint64_t first, uint64_t end);

// The next version of a unit whose data arrive; 0 without `verify`.
uint32_t map_version_next(struct map *map, uint64_t lpn);

// What a host read finds must be what was written last: at a place, in the buffer with its version, or nothing.
void map_check_read(struct map *map, uint64_t lpn, uint64_t ppn);
void map_check_buffered(const struct map *map, uint64_t lpn, uint32_t version);
void map_check_zero(const struct map *map, uint64_t lpn);

// The invariants at the end of a run.
void map_check(const struct map *map);

#endif
