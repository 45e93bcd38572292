// The ranges of a request that a filter has moved.
#include "trace/filter/moved.h"

#include <stdlib.h>

#include "util/alloc.h"

static bool move_one(struct trace_request *request, place_fn *move, void *context)
{
    struct io_range range = {request->offset, request->bytes};
    if (!move(context, request, &range))
        return false;
    request->offset = range.offset;
    request->bytes = range.bytes;
    return true;
}

static bool move_all(struct moved_ranges *moved, struct trace_request *request, place_fn *move, void *context)
{
    uint64_t bytes = 0;
    if (request->range_count > moved->capacity) {
        moved->capacity = request->range_count;
        moved->ranges = xrealloc(moved->ranges, moved->capacity * sizeof *moved->ranges);
    }
    for (uint32_t i = 0; i < request->range_count; i++) {
        moved->ranges[i] = request->ranges[i];
        if (!move(context, request, &moved->ranges[i]))
            return false;
        bytes += moved->ranges[i].bytes;
    }
    request->ranges = moved->ranges;
    request->offset = moved->ranges[0].offset;
    request->bytes = bytes;
    return true;
}

bool moved_ranges_move(struct moved_ranges *moved, struct trace_request *request, place_fn *move, void *context)
{
    if (request->kind == IO_FLUSH)
        return true;
    if (request->range_count == 0)
        return move_one(request, move, context);
    return move_all(moved, request, move, context);
}

void moved_ranges_destroy(struct moved_ranges *moved)
{
    free(moved->ranges);
    *moved = (struct moved_ranges){0};
}
