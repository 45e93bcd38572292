// Victim policy: the best, by valid units, of `gc_choices` superblocks drawn at random (Van Houdt, "A mean field
// model for a class of garbage collection algorithms in flash-based solid state drives", SIGMETRICS 2013). Drawn with
// replacement, as in the model, but from those that have something to give; of equal ones the first drawn.
#include "ftl/move/policies.h"

static uint32_t pick(const struct space *space, struct gc_draw *draw)
{
    uint32_t count = space->victims.count;
    uint32_t best = NONE;
    for (uint32_t i = 0; i < draw->choices && count > 0; i++) {
        uint32_t s = victims_at(space, (uint32_t)rng_below(&draw->rng, count));
        if (best == NONE || space->superblocks[s].valid < space->superblocks[best].valid)
            best = s;
    }
    return best;
}

const struct gc_ops gc_d_choices_ops = {
    .name = "d_choices",
    .help = "fewest valid units among gc_choices drawn at random",
    .pick = pick,
};
