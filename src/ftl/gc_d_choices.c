// Victim policy: the best, by valid units, of `gc_choices` superblocks drawn at random (Van Houdt, "A mean field
// model for a class of garbage collection algorithms in flash-based solid state drives", SIGMETRICS 2013). Drawn with
// replacement, as in the model, but from those that have something to give; of equal ones the first drawn.
#include "ftl/ftl_internal.h"

static uint32_t pick(struct ftl *ftl)
{
    uint32_t count = gc_collect_candidates(ftl);
    uint32_t best = NONE;
    for (uint32_t i = 0; i < ftl->config.gc_choices && count > 0; i++) {
        uint32_t s = ftl->gc.candidates[rng_below(&ftl->gc.rng, count)];
        if (best == NONE || ftl->superblocks[s].valid < ftl->superblocks[best].valid)
            best = s;
    }
    return best;
}

const struct gc_ops gc_d_choices_ops = {
    .name = "d_choices",
    .help = "fewest valid units among gc_choices drawn at random",
    .pick = pick,
};
