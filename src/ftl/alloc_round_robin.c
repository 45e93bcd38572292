// Allocation: the dies of a row in the order of their numbers, which is channel first (nand/geometry.h).
#include "ftl/ftl_internal.h"

static uint32_t pick(struct ftl *ftl, struct stream *stream)
{
    (void)ftl;
    while (!bitmap_test(stream->row_dies, stream->cursor))
        stream->cursor++;
    return stream->cursor++;
}

const struct alloc_ops alloc_round_robin_ops = {
    .name = "round_robin",
    .help = "dies in fixed order, channel first",
    .pick = pick,
};
