// The page map: where each logical unit lies (lpn -> ppn), and what each physical unit holds (ppn -> lpn).
//
// Units are numbered with 64 bits; how few bytes an entry takes is the map's own affair (map/packed.h), and that what
// preparation left is computed as long as nothing has changed it (map/prepared.h).
#ifndef SQTAIL_FTL_MAP_MAP_H
#define SQTAIL_FTL_MAP_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "ftl/map/forward.h"
#include "ftl/map/packed.h"
#include "ftl/map/prepared.h"
#include "ftl/space/stream.h"
#include "sim/sim.h"
#include "util/bitmap.h"

#define MAP_NOWHERE UINT64_MAX // the unit holds no data

enum { MAP_ARREARS = 8 };

// Units that lie side by side in one multi-plane page, or a unit that lies nowhere.
struct map_run {
    uint64_t lpn, ppn; // of the first; MAP_NOWHERE
    uint32_t count;
    bool placed; // computed: preparation wrote them
};

struct map {
    struct sim *sim;
    const struct nand_geometry *geometry;
    struct space *space;            // the map keeps its superblocks' counts of valid units
    struct forward forward;         // by lpn: ppn + 1; 0 as prepared, if so at all; forward_last() unmapped since
    struct packed reverse;          // by ppn: lpn; meaningful where valid and not as prepared
    uint64_t *changed;              // by ppn: valid, or, of what was placed by preparation, no longer so
    struct prepared prepared;
    uint32_t *written; // verify: by lpn, version of the last data that arrived; ZEROED for a trim
    uint32_t *stored;  // verify: by ppn, version programmed
    uint64_t lpns;
    uint64_t ppns;
    uint64_t mapped; // lpns with a ppn
    struct map_run arrears[MAP_ARREARS]; // what host reads were told, to be checked; a ring
    uint32_t next;                       // place in it, modulo its length
    uint32_t due;                        // how many of it
};

// `space` must outlive the map; with `verify` it knows versions, too.
void map_init(struct map *map, struct space *space, uint64_t lpns, bool verify);
void map_destroy(struct map *map);

// The drive, on which nothing was written yet, holds its first `count` units in the places that `contents` says, by
// superblock, whose counts of valid units must be the same; in order, or at random from `rng`. The map costs what the
// drive has of superblocks, not of units.
void map_prepare(struct map *map, const struct raid_layout *raid, uint64_t count,
                 const struct prepared_content *contents, struct rng *rng);

// The unit's place, or MAP_NOWHERE.
static inline uint64_t map_lookup(const struct map *map, uint64_t lpn)
{
    uint64_t entry = forward_get(&map->forward, lpn);
    if (entry - 1 < map->ppns)
        return entry - 1;
    return entry == 0 && lpn < map->prepared.count ? prepared_place(&map->prepared, lpn) : MAP_NOWHERE;
}

// As map_lookup, for the unit and those after it, up to `most` of them, at least 1.
struct map_run map_find(const struct map *map, uint64_t lpn, uint64_t most);

// Which units lie at those of the places from `first` on, in one row, that `places` has a bit of, and that hold one or
// held it last. Fills `lpns` and returns how many.
unsigned map_owners(const struct map *map, uint64_t first, uint64_t places, uint64_t *lpns);

static inline uint64_t map_owner(const struct map *map, uint64_t ppn)
{
    uint64_t lpn;
    map_owners(map, ppn, 1, &lpn);
    return lpn;
}

// Is a place that held a unit at some time still what that unit maps to?
static inline bool map_still_valid(const struct map *map, uint64_t ppn)
{
    return bitmap_test(map->changed, ppn) != prepared_covers(&map->prepared, ppn);
}

// Of a place of a superblock of which preparation wrote those of the range given.
static inline bool map_valid_beside(const struct map *map, struct prepared_range as_prepared, uint64_t ppn)
{
    return bitmap_test(map->changed, ppn) != prepared_within(as_prepared, ppn);
}

// Keeps those of `count` units of one superblock that still lie where they come from; returns how many.
uint32_t map_keep_valid(const struct map *map, struct program_unit *units, uint32_t count);

// Which of the `count` places (1 to 64) of one row from `first` on hold what their unit maps to, a bit each.
static inline uint64_t map_valid_units(const struct map *map, uint64_t first, unsigned count)
{
    uint64_t changed = bitmap_extract(map->changed, first, count);
    if (likely(!prepared_covers(&map->prepared, first)))
        return changed;
    return prepared_valid_units(&map->prepared, first, count) & ~changed;
}

// Fetches the unit's entry into the cache.
static inline void map_prefetch(const struct map *map, uint64_t lpn)
{
    forward_prefetch(&map->forward, lpn);
}

// With the entry there, what a change of it will touch.
static inline void map_prefetch_old(const struct map *map, uint64_t lpn)
{
    uint64_t old = forward_get(&map->forward, lpn) - 1;
    if (old < map->ppns)
        __builtin_prefetch(&map->changed[old / 64], 1);
}

// The unit lies at ppn, which has just been programmed, and no longer where it was.
void map_set(struct map *map, uint64_t lpn, uint64_t ppn, uint32_t version);

// Copies: those of the units that still lay where they were copied from lie side by side from `to` on, with the
// versions they had; the place of one that did not stays empty.
void map_move(struct map *map, const struct program_unit *units, uint32_t count, uint64_t to);

// Unmaps the units [first, end); returns how many were mapped.
uint64_t map_trim(struct map *map, uint64_t first, uint64_t end);

// The superblock, which holds nothing valid, is erased.
void map_erased(struct map *map, uint32_t superblock);

// The next version of a unit whose data arrive; 0 without `verify`.
uint32_t map_version_next(struct map *map, uint64_t lpn);

// What a host read finds must be what was written last: at places, in the buffer with its version, or nothing.
// (Places are checked before the map changes, and while the memory that this needs is fetched, a few reads later.)
void map_check_read(struct map *map, const struct map_run *run);
void map_check_buffered(const struct map *map, uint64_t lpn, uint32_t version);
void map_check_zero(const struct map *map, uint64_t lpn);

// The invariants at the end of a run.
void map_check(struct map *map);

#endif
