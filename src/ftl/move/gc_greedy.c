// Victim policy: the superblock with the fewest valid units; ties go to the lowest number.
#include "ftl/move/policies.h"

static uint32_t pick(const struct space *space, struct gc_draw *draw)
{
    (void)draw;
    return ranking_first(&space->victims.by_valid);
}

const struct gc_ops gc_greedy_ops = {
    .name = "greedy",
    .help = "fewest valid units",
    .pick = pick,
};
