// Allocation: all dies of one channel, then those of the next. A poor order on purpose, to show what the order is
// worth.
#include "ftl/space/policies.h"

static uint32_t die_at(const struct nand_geometry *g, uint32_t position)
{
    uint32_t ways = g->dies / g->channels;
    return position % ways * g->channels + position / ways;
}

static uint32_t pick(const struct space *space, struct stream *stream)
{
    uint32_t die;
    do
        die = die_at(&space->base->geometry, stream->cursor++);
    while (!bitmap_test(stream->row_dies, die));
    return die;
}

const struct alloc_ops alloc_way_first_ops = {
    .name = "way_first",
    .help = "dies in fixed order, all of a channel before the next channel",
    .pick = pick,
};
