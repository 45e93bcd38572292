// How large the SLC cache is, and which of its superblocks are there.
//
// Cells written with one bit take their data several times as fast, and hold a share of 1 / bits a cell. A cache of
// them takes bursts of writes; later its data are folded, that is, copied to native superblocks (move/why_fold.c). It
// has
//
//   fixed superblocks, set aside for it: neither collection nor native data may take them, and
//   a share of what the drive would need to hold the user's units that hold no data now: dynamic, and nothing of it is
//   left when the drive is full.
//
// Any free superblock may become one of the cache, the least worn first, and goes back to all when it is erased.
// Left out: folding by the dies themselves, a choice of what is worth keeping in the cache for reads, and the lists of
// blocks that some controllers keep for SLC mode alone.
#include "ftl/space/slc.h"

#include <stdlib.h>

#include "ftl/space/space.h"
#include "util/alloc.h"

void slc_init(struct space *space)
{
    const struct base *base = space->base;
    const struct ftl_config *config = &base->config;
    space->slc = (struct slc_cache){
        .fixed = ftl_config_slc_superblocks(config, &base->geometry, base->raid),
        .share = (uint64_t)(config->slc_dynamic * 1024),
        .fold_from = (uint64_t)(config->slc_fold_from * 1024),
        .waits = config->slc_full == FTL_SLC_WAIT,
        .off = config->placement != FTL_PLACE_SLC,
        .closed = xcalloc(space->count, sizeof *space->slc.closed),
    };
}

void slc_destroy(struct space *space)
{
    free(space->slc.closed);
}

uint32_t slc_limit(const struct space *space)
{
    const struct slc_cache *slc = &space->slc;
    uint64_t empty = slc->user_units - *slc->mapped;
    return slc->fixed + (uint32_t)((empty * slc->share >> 10) / space->data_units);
}

bool slc_overfull(const struct space *space)
{
    const struct slc_cache *slc = &space->slc;
    uint64_t limit = slc_limit(space);
    return slc->count > limit || (slc->fold_from > 0 && slc->count >= MAX(1, limit * slc->fold_from >> 10));
}

void slc_closed(struct space *space, uint32_t superblock)
{
    struct slc_cache *slc = &space->slc;
    slc->closed[(slc->first + slc->closed_count++) % space->count] = superblock;
}

uint32_t slc_oldest(const struct space *space)
{
    const struct slc_cache *slc = &space->slc;
    if (slc->closed_count == 0)
        return NONE;
    uint32_t superblock = slc->closed[slc->first];
    return superblock_movable(&space->superblocks[superblock]) ? superblock : NONE;
}

void slc_begun(struct space *space)
{
    space->slc.first = (space->slc.first + 1) % space->count;
    space->slc.closed_count--;
}
