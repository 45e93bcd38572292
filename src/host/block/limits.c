// Splitting. Linux 6.1 block/blk-merge.c: bio_split_rw, bio_split_discard, bio_split_write_zeroes; chunk sectors
// (blk_max_size_offset): a request ends at the boundary that it would cross.
//
// What lies where in the host's memory is not known of any bio: its data are taken to be contiguous, a segment of
// memory for each 64 KiB that are begun (BLK_MAX_SEGMENT_SIZE), so that a bio alone never exceeds max_segments.
// Left out: alignment of discards to their granularity, which of NVMe is a logical block.
#include "host/block/limits.h"

#include "util/macros.h"

uint64_t limits_first_part(const struct block_limits *limits, enum io_kind kind, uint64_t offset, uint64_t bytes)
{
    uint64_t most = limits->max_bytes[kind];
    if (limits->boundary != 0 && io_moves_data(kind))
        most = MIN(most, limits->boundary - offset % limits->boundary);
    return MIN(most, bytes);
}

uint32_t limits_segments(enum io_kind kind, uint64_t bytes)
{
    return io_moves_data(kind) ? (uint32_t)((bytes + BLOCK_SEGMENT_BYTES - 1) / BLOCK_SEGMENT_BYTES) : 1;
}
