// Victim policy: any superblock that has something to give, each as likely as the others.
#include "ftl/move/policies.h"

static uint32_t pick(const struct space *space, struct gc_draw *draw)
{
    uint32_t count = space->victims.count;
    return count == 0 ? NONE : victims_at(space, (uint32_t)rng_below(&draw->rng, count));
}

const struct gc_ops gc_random_ops = {
    .name = "random",
    .help = "any superblock with an invalid unit, uniformly",
    .pick = pick,
};
