// Allocation: of the dies that the row still has to offer, the one with the fewest operations of the core
// outstanding; ties go to the lowest number.
#include "ftl/space/policies.h"

static uint32_t pick(const struct space *space, struct stream *stream)
{
    uint32_t best = NONE;
    for (uint32_t die = 0; die < space->base->geometry.dies; die++) {
        if (!bitmap_test(stream->row_dies, die))
            continue;
        if (best == NONE || space->base->die_load[die] < space->base->die_load[best])
            best = die;
    }
    return best;
}

const struct alloc_ops alloc_least_busy_ops = {
    .name = "least_busy",
    .help = "of the row's dies the one with the fewest operations outstanding",
    .needs_load = true,
    .pick = pick,
};
