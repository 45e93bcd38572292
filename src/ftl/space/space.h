// The flash as the core divides it: superblocks, the streams that fill them, and who may take of what is free.
//
// Policies (alloc_*.c, place_*.c, and what chooses victims) see a `const struct space` and no more.
#ifndef SQTAIL_FTL_SPACE_SPACE_H
#define SQTAIL_FTL_SPACE_SPACE_H

#include "ftl/base.h"
#include "ftl/space/layout.h"
#include "ftl/space/ranking.h"
#include "ftl/space/striping.h"
#include "ftl/space/slc.h"
#include "ftl/space/superblock.h"
#include "util/bitmap.h"
#include "util/pool.h"

// What a stream is, and how it fills superblocks.
struct stream_row {
    const char *name;
    enum nand_mode mode;
    bool parity; // with RAID on, its stripes have parity
};

enum stream_id { STREAM_HOST, STREAM_COPIES, STREAM_SLC, STREAM_COUNT };

enum { NATIVE_STREAMS = 1 << STREAM_HOST | 1 << STREAM_COPIES }; // a bit each

// The dies that a stream's superblocks lie on, whole stripes.
struct die_set {
    uint32_t first, count;
};

struct stream {
    const struct stream_row *what;
    struct die_set dies;
    bool takes_copies;   // too: placement may send them here
    uint32_t program;    // units that one program writes
    uint32_t superblock; // NONE when none is open
    uint32_t row;
    uint32_t left;       // data program units of the row not handed out
    uint64_t units_left; // data units of the superblock not handed out
    uint64_t *row_dies;  // dies of the row still to be given data, one bit each
    uint32_t cursor;     // round robin: next position
};

// The superblocks that may be chosen as victims, and in which order policies would have them.
struct victims {
    struct ranking by_valid; // fewest valid units
    struct ranking by_age;   // closed first
    uint64_t *eligible;      // one bit a superblock
    uint32_t *counts;        // of eligible ones, by word of that: a binary indexed tree
    uint32_t count;
    uint32_t *changed; // superblocks to be looked at before the next choice
    uint32_t changed_count;
};

struct space {
    struct base *base;
    struct superblock *superblocks;
    uint32_t count;
    uint32_t data_units; // of a native superblock on all dies: without parity
    uint32_t least_program; // units of a host program, the smallest that placement may choose
    uint32_t free_count;
    uint32_t drained;     // native superblocks
    uint32_t erasing;     // native superblocks
    uint64_t write_clock; // units handed to programs so far
    uint64_t committed;   // units of victims that still need a place
    uint32_t rounding;    // units beyond those that may be lost, as each mover pads its last program
    uint64_t outdated;    // times that units of victims were overwritten or trimmed
    struct layout layout;
    struct ranking wear; // of free superblocks, by erasures
    struct victims victims;
    struct slc_cache slc;
    struct stream streams[STREAM_COUNT];
    const struct place_ops *place;
    const struct alloc_ops *alloc;
    struct striping striping; // of host data
    bool reads_loaded; // the allocation looks at the load of dies, so reads count in it, too
    struct pool reads, programs, erases;
    struct page_read **joinable; // reads under way, by a hash of their page; NULL: none joins another
    void (*erased)(void *context, uint32_t superblock); // tells who keeps more about a superblock that it begins anew
    void *erased_context;
};

void space_init(struct space *space, struct base *base);
void space_destroy(struct space *space);

static inline uint32_t superblock_of(const struct space *space, uint64_t ppn)
{
    return (uint32_t)fastdiv_quotient(ppn, &space->base->geometry.by_superblock);
}

static inline uint32_t die_of(const struct space *space, uint64_t ppn)
{
    const struct nand_geometry *g = &space->base->geometry;
    uint32_t die;
    fastdiv_split(fastdiv_quotient(ppn, &g->by_program), &g->by_dies, &die);
    return die;
}

static inline uint64_t superblock_first_unit(const struct space *space, uint32_t superblock)
{
    return (uint64_t)superblock * space->base->geometry.units_per_superblock;
}

// Free superblocks that are not set aside for the SLC cache.
static inline uint32_t space_available(const struct space *space)
{
    const struct slc_cache *slc = &space->slc;
    if (likely(slc->fixed <= slc->count))
        return space->free_count;
    uint32_t aside = slc->fixed - slc->count;
    return space->free_count - MIN(space->free_count, aside);
}

// Those, and what is sure to be free without further reading.
static inline uint32_t space_reclaimed(const struct space *space)
{
    return space_available(space) + space->erasing + space->drained;
}

// --- superblock.c ---

void superblocks_init(struct space *space);
void superblocks_destroy(struct space *space);
void superblocks_check(const struct space *space);

void superblock_open(struct space *space, uint32_t superblock, enum nand_mode mode, uint32_t units);
void superblock_close(struct space *space, uint32_t superblock);
void superblock_choose(struct space *space, uint32_t superblock);
// Nothing of the superblock is left to be read: it is erased as soon as nobody holds it.
void superblock_drain(struct space *space, uint32_t superblock);
// Erased, at once.
void superblock_free(struct space *space, uint32_t superblock);
void superblock_erase(struct space *space, uint32_t superblock);
// The superblock of which a die's block is being erased.
uint32_t superblock_of_erase(const struct nand_op *op);
// Before a die's first program: erases its block if that is still to be done.
void superblock_first_program(struct space *space, uint32_t superblock, uint32_t die);

static inline void superblock_hold(struct space *space, uint32_t superblock, uint32_t holds)
{
    space->superblocks[superblock].holds += holds;
}

static inline void superblock_release(struct space *space, uint32_t superblock, uint32_t holds)
{
    struct superblock *sb = &space->superblocks[superblock];
    FTL_CHECK(space->base, sb->holds >= holds, "superblock %u is let go more often than held", superblock);
    sb->holds -= holds;
    if (unlikely(sb->holds == 0 && sb->state == SUPERBLOCK_DRAINED))
        superblock_erase(space, superblock);
}

static inline void superblock_changed(struct space *space, uint32_t superblock)
{
    struct superblock *sb = &space->superblocks[superblock];
    if (sb->changed)
        return;
    sb->changed = true;
    space->victims.changed[space->victims.changed_count++] = superblock;
}

static inline void superblock_gains(struct space *space, uint32_t superblock, uint32_t units)
{
    space->superblocks[superblock].valid += units;
    superblock_changed(space, superblock);
}

// Units of it were overwritten or trimmed.
static inline void superblock_loses(struct space *space, uint32_t superblock, uint32_t units)
{
    struct superblock *sb = &space->superblocks[superblock];
    FTL_CHECK(space->base, sb->valid >= units, "superblock %u loses a unit and has none", superblock);
    sb->valid -= units;
    space->outdated += sb->state >= SUPERBLOCK_VICTIM;
    superblock_changed(space, superblock);
}

// Units of a victim have a place elsewhere.
static inline void superblock_moved(struct space *space, uint32_t superblock, uint32_t units)
{
    struct superblock *sb = &space->superblocks[superblock];
    FTL_CHECK(space->base, sb->valid >= units, "superblock %u loses a unit and has none", superblock);
    sb->valid -= units;
}

// --- victims.c: for who chooses a victim ---

void victims_init(struct space *space);
void victims_destroy(struct space *space);

// Brings the order up to date; before a choice.
void victims_update(struct space *space);

// As if every superblock had changed: after the table was written by hand.
void space_reindex(struct space *space);

// The n-th eligible superblock, in order of number, from 0 on.
uint32_t victims_at(const struct space *space, uint32_t n);

// May its units be moved elsewhere?
static inline bool superblock_movable(const struct superblock *sb)
{
    return sb->state == SUPERBLOCK_CLOSED && sb->programs == 0;
}

// May it be chosen as a victim: does that give units back?
static inline bool superblock_eligible(const struct superblock *sb)
{
    return superblock_movable(sb) && sb->valid < sb->units && sb->mode == NAND_NATIVE;
}

// --- room.c ---

// Units that copies may still be programmed to.
uint64_t room_for_copies(const struct space *space);

// May a victim of so many valid units be chosen?
bool room_for_victim(const struct space *space, uint32_t valid);

// May the SLC cache have one more superblock?
bool room_for_cache(const struct space *space);

// May a superblock of the SLC cache that holds so many units be folded?
bool room_for_folding(const struct space *space, uint32_t valid);

#endif
