// What one request may hold, and where a bio that holds more is cut.
#ifndef SQTAIL_HOST_BLOCK_LIMITS_H
#define SQTAIL_HOST_BLOCK_LIMITS_H

#include "host/block/request.h"

#define BLOCK_SEGMENT_BYTES UINT64_C(65536) // Linux: BLK_MAX_SEGMENT_SIZE

struct block_limits {
    uint64_t max_bytes[IO_KIND_COUNT]; // of a request; 0: none moves or names any
    uint64_t boundary;         // no request crosses a multiple of it; 0: there is none
    uint32_t max_segments;     // pieces of memory
    uint32_t max_discard_segments; // ranges of a trim
};

// How many of `bytes` at `offset` the first request may have.
uint64_t limits_first_part(const struct block_limits *limits, enum io_kind kind, uint64_t offset, uint64_t bytes);

uint32_t limits_segments(enum io_kind kind, uint64_t bytes);

#endif
