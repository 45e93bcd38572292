// Victim policy: the superblock with the fewest valid units; ties go to the lowest number.
#include "ftl/ftl_internal.h"

static uint32_t pick(struct ftl *ftl)
{
    uint32_t best = NONE, least = UINT32_MAX;
    for (uint32_t s = 0; s < ftl->geometry.blocks; s++) {
        const struct superblock *sb = &ftl->superblocks[s];
        if (sb->valid < least && gc_eligible(ftl, sb)) {
            best = s;
            least = sb->valid;
        }
    }
    return best;
}

const struct gc_ops gc_greedy_ops = {
    .name = "greedy",
    .help = "fewest valid units",
    .pick = pick,
};
