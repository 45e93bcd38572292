// The ranges of a request that a filter has moved: its own, until the next one.
#ifndef SQTAIL_TRACE_FILTER_MOVED_H
#define SQTAIL_TRACE_FILTER_MOVED_H

#include "trace/trace.h"

struct moved_ranges {
    struct io_range *ranges;
    uint32_t capacity;
};

// Moves one range. Returns false where that cannot be.
typedef bool place_fn(void *context, const struct trace_request *request, struct io_range *range);

// Moves all ranges of the request, which points to those of `moved` then. Flushes have none.
bool moved_ranges_move(struct moved_ranges *moved, struct trace_request *request, place_fn *move, void *context);

void moved_ranges_destroy(struct moved_ranges *moved);

#endif
