// Victim policy: any superblock that has something to give, each as likely as the others.
#include "ftl/ftl_internal.h"

static uint32_t pick(struct ftl *ftl)
{
    uint32_t count = gc_collect_candidates(ftl);
    return count == 0 ? NONE : ftl->gc.candidates[rng_below(&ftl->gc.rng, count)];
}

const struct gc_ops gc_random_ops = {
    .name = "random",
    .help = "any superblock with an invalid unit, uniformly",
    .pick = pick,
};
