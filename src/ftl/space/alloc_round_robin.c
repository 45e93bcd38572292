// Allocation: the dies of a row in the order of their numbers, which is channel first (nand/geometry.h).
#include "ftl/space/policies.h"

static uint32_t pick(const struct space *space, struct stream *stream)
{
    (void)space;
    while (!bitmap_test(stream->row_dies, stream->cursor))
        stream->cursor++;
    return stream->cursor++;
}

const struct alloc_ops alloc_round_robin_ops = {
    .name = "round_robin",
    .help = "dies in fixed order, channel first",
    .pick = pick,
};
