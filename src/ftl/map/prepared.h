// The map of a prepared drive, as long as nothing has changed it: computed, not stored (prepared.c).
#ifndef SQTAIL_FTL_MAP_PREPARED_H
#define SQTAIL_FTL_MAP_PREPARED_H

#include <stdbool.h>
#include <stdint.h>

#include "ftl/space/striping.h"
#include "nand/geometry.h"
#include "nand/raid.h"
#include "util/bitmap.h"
#include "util/permutation.h"

// What preparation leaves in a superblock: so many valid units in rows [first_row, end_row).
struct prepared_content {
    uint32_t valid;
    uint32_t first_row, end_row;
};

struct prepared_superblock {
    uint64_t placed;     // valid units of all superblocks with lower numbers
    uint64_t salt;       // of its permutation
    uint32_t first, end; // its physical units [first, end) were written
};

struct prepared {
    uint64_t count; // logical units 0 .. count - 1 were mapped; 0: nothing was prepared
    const struct nand_geometry *geometry;
    const struct raid_layout *raid; // NULL: no parity
    const struct striping *striping;
    bool shuffled;                  // else in order
    struct prepared_superblock *superblocks; // one more than there are
    uint32_t *guide;                         // by placed >> guide_shift: the superblock that unit lies in
    unsigned guide_shift;
    uint64_t *pristine;      // superblocks not erased since, one bit each
    uint32_t pristine_count;
    uint32_t row_units, row_data; // units of a row of all dies, and those that hold data
    struct fastdiv by_row_units, by_row_data;
    uint64_t salt;
    struct permutation drive; // of the drive's units
    struct permutation whole; // of the data units of a superblock written whole
};

// `contents` is by superblock; `rng` NULL leaves the units in order, as written. What is pointed to stays the caller's.
void prepared_init(struct prepared *prepared, const struct nand_geometry *geometry, const struct raid_layout *raid,
                   const struct striping *striping, uint64_t count, const struct prepared_content *contents,
                   struct rng *rng);
void prepared_destroy(struct prepared *prepared);

// The n-th unit that was placed, n < count.
uint64_t prepared_unit(const struct prepared *prepared, uint64_t n);

// Where the unit lpn < count was placed.
uint64_t prepared_place(const struct prepared *prepared, uint64_t lpn);

// The same; and how many of `most` units from there on are sure to lie side by side, as far as the multi-plane page
// goes.
uint64_t prepared_run(const struct prepared *prepared, uint64_t lpn, uint64_t *most);

// May data placed in order lie side by side for longer than prepared_run is sure of?
static inline bool prepared_scatters(const struct prepared *prepared)
{
    return !prepared->shuffled && prepared->striping->group != 1;
}

// Which units were placed at those of the places from `first` on, all in one row, that `places` has a bit of; only
// where prepared_valid_units has it, too. Fills `lpns` and returns how many.
unsigned prepared_owners(const struct prepared *prepared, uint64_t first, uint64_t places, uint64_t *lpns);

// At which of `count` places from `first` on, all in one row that preparation wrote, a unit was placed.
uint64_t prepared_valid_units(const struct prepared *prepared, uint64_t first, unsigned count);

// The superblock was erased.
void prepared_forget(struct prepared *prepared, uint32_t superblock);

static inline bool prepared_pristine(const struct prepared *prepared, uint32_t superblock)
{
    return prepared->pristine_count > 0 && bitmap_test(prepared->pristine, superblock);
}

// Places side by side.
struct prepared_range {
    uint64_t first, count;
};

static inline bool prepared_within(struct prepared_range range, uint64_t ppn)
{
    return ppn - range.first < range.count;
}

// Which places of the superblock were written by preparation, and not been erased since?
static inline struct prepared_range prepared_range(const struct prepared *prepared, uint32_t superblock)
{
    if (!prepared_pristine(prepared, superblock))
        return (struct prepared_range){0, 0};
    const struct prepared_superblock *s = &prepared->superblocks[superblock];
    uint64_t first = (uint64_t)superblock * prepared->geometry->units_per_superblock;
    return (struct prepared_range){first + s->first, s->end - s->first};
}

// Is the place one of those?
static inline bool prepared_covers(const struct prepared *prepared, uint64_t ppn)
{
    if (prepared->pristine_count == 0)
        return false;
    uint32_t unit, superblock = (uint32_t)fastdiv_split(ppn, &prepared->geometry->by_superblock, &unit);
    const struct prepared_superblock *s = &prepared->superblocks[superblock];
    return unit - s->first < s->end - s->first && bitmap_test(prepared->pristine, superblock);
}

#endif
