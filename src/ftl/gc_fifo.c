// Victim policy: the superblock that was filled first, as in a circular log.
#include "ftl/ftl_internal.h"

static uint32_t pick(struct ftl *ftl)
{
    uint32_t best = NONE;
    for (uint32_t s = 0; s < ftl->geometry.blocks; s++) {
        const struct superblock *sb = &ftl->superblocks[s];
        if (gc_eligible(ftl, sb) && (best == NONE || sb->closed < ftl->superblocks[best].closed))
            best = s;
    }
    return best;
}

const struct gc_ops gc_fifo_ops = {
    .name = "fifo",
    .help = "the superblock filled first",
    .pick = pick,
};
