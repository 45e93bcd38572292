// Requests moved by so many bytes, each device by its own; and devices laid one behind the other.
#include <stdlib.h>
#include <string.h>

#include "trace/filter/moved.h"
#include "trace/filter/remap.h"
#include "util/alloc.h"
#include "util/macros.h"

#define MIB UINT64_C(1048576)

struct shift {
    struct request_source base;
    struct remap_shift *shifts;
    uint32_t count;
    struct moved_ranges moved;
    struct diag *diag;
    bool failed;
    bool one_device; // all become 0,0
};

static struct shift *shift_of(const struct request_source *source)
{
    return container_of(source, struct shift, base);
}

static int64_t bytes_of(const struct shift *shift, uint32_t device)
{
    for (uint32_t i = 0; i < shift->count; i++)
        if (shift->shifts[i].every || shift->shifts[i].device == device)
            return shift->shifts[i].bytes;
    return 0;
}

static bool move(void *context, const struct trace_request *request, struct io_range *range)
{
    const struct shift *shift = context;
    int64_t bytes = bytes_of(shift, request->device);
    uint64_t end;
    if (bytes < 0 && range->offset < (uint64_t)0 - (uint64_t)bytes)
        return false;
    range->offset += (uint64_t)bytes;
    return !__builtin_add_overflow(range->offset, range->bytes, &end) && end <= INT64_MAX;
}

static bool fail(struct shift *shift, const struct trace_request *request)
{
    shift->failed = true;
    diag_error(shift->diag, (struct place){.file = shift->one_device ? "--apart" : "--shift"},
               "the request at byte %llu, %.9f s, would lie before 0 or beyond what a drive can be",
               (unsigned long long)request->offset, (double)request->time_ns / 1e9);
    return false;
}

static bool next(struct request_source *source, struct trace_request *request)
{
    struct shift *shift = shift_of(source);
    if (shift->failed || !request_source_next(source->inner, request))
        return false;
    if (!moved_ranges_move(&shift->moved, request, move, shift))
        return fail(shift, request);
    request->device = shift->one_device ? 0 : request->device;
    return true;
}

static bool failed(const struct request_source *source)
{
    return shift_of(source)->failed;
}

static void destroy(struct request_source *source)
{
    struct shift *shift = shift_of(source);
    moved_ranges_destroy(&shift->moved);
    free(shift->shifts);
    free(shift);
}

static const struct request_source_ops ops = {.next = next, .failed = failed, .destroy = destroy};

struct request_source *remap_shift_create(struct request_source *inner, const struct remap_shift *shifts,
                                          uint32_t count, struct diag *diag)
{
    struct shift *shift = xcalloc(1, sizeof *shift);
    *shift = (struct shift){.base = {.ops = &ops, .inner = inner}, .count = count, .diag = diag};
    shift->shifts = xmalloc(MAX(count, 1) * sizeof *shift->shifts);
    if (count > 0)
        memcpy(shift->shifts, shifts, count * sizeof *shifts);
    return &shift->base;
}

// ---- devices one behind the other --------------------------------------------------------------------------------

// What is known of the devices: `bytes` is where each ends.
static struct remap_shift *extent_of(struct shift *shift, uint32_t device)
{
    for (uint32_t i = 0; i < shift->count; i++)
        if (shift->shifts[i].device == device)
            return &shift->shifts[i];
    shift->shifts = xgrow(shift->shifts, shift->count, sizeof *shift->shifts);
    shift->shifts[shift->count] = (struct remap_shift){.device = device};
    return &shift->shifts[shift->count++];
}

static void note_end(struct remap_shift *extent, struct io_range range)
{
    extent->bytes = MAX(extent->bytes, (int64_t)MIN(range.offset + range.bytes, (uint64_t)INT64_MAX));
}

static void measure(struct shift *shift, struct request_source *source)
{
    struct trace_request request;
    while (request_source_next(source, &request)) {
        struct remap_shift *extent = extent_of(shift, request.device);
        for (uint32_t i = 0; i < request.range_count; i++)
            note_end(extent, request.ranges[i]);
        if (request.range_count == 0)
            note_end(extent, (struct io_range){request.offset, request.bytes});
    }
    request_source_rewind(source);
}

static int compare_devices(const void *a, const void *b)
{
    const struct remap_shift *x = a, *y = b;
    return (x->device > y->device) - (x->device < y->device);
}

struct request_source *remap_apart_create(struct request_source *inner, struct diag *diag)
{
    struct shift *shift = xcalloc(1, sizeof *shift);
    uint64_t begins = 0;
    *shift = (struct shift){.base = {.ops = &ops, .inner = inner}, .diag = diag, .one_device = true};
    measure(shift, inner);
    if (shift->count > 1)
        qsort(shift->shifts, shift->count, sizeof *shift->shifts, compare_devices);
    for (uint32_t i = 0; i < shift->count; i++) {
        uint64_t ends = begins + (uint64_t)shift->shifts[i].bytes;
        shift->shifts[i].bytes = (int64_t)begins;
        begins = MIN((ends + MIB - 1) / MIB * MIB, (uint64_t)INT64_MAX);
    }
    return &shift->base;
}
