// Requests fitted into so many bytes. What reaches beyond the end is moved back, and cut to the whole size where it is
// larger; modulo splits it before, so that the rest goes on at 0.
#include <stdlib.h>

#include "trace/filter/moved.h"
#include "trace/filter/remap.h"
#include "trace/filter/scale.h"
#include "util/alloc.h"
#include "util/macros.h"

struct fit {
    struct request_source base;
    enum remap_way way;
    uint64_t size;
    struct scale scale;
    struct moved_ranges moved;
    struct trace_request rest; // of a request that is given part by part: what was not given yet, where it was recorded
    bool has_rest;
};

static struct fit *fit_of(struct request_source *source)
{
    return container_of(source, struct fit, base);
}

// Data keep their length; what names a range only, its ends.
static void place_scaled(const struct fit *fit, enum io_kind kind, struct io_range *range)
{
    if (fit->scale.end <= fit->size)
        return;
    uint64_t start = scale_place(&fit->scale, range->offset);
    uint64_t end = scale_place(&fit->scale, range->offset + range->bytes);
    if (!io_moves_data(kind) && end > start)
        range->bytes = end - start;
    range->offset = start;
}

static bool place(void *context, const struct trace_request *request, struct io_range *range)
{
    const struct fit *fit = context;
    if (fit->way == REMAP_SCALE)
        place_scaled(fit, request->kind, range);
    else
        range->offset %= fit->size;
    range->bytes = MIN(range->bytes, fit->size);
    range->offset = MIN(range->offset, fit->size - range->bytes);
    return true;
}

// Splits off what reaches beyond the end. What is larger than all there is covers it once.
static void keep_rest(struct fit *fit, struct trace_request *request)
{
    if (request->range_count == 0)
        request->bytes = MIN(request->bytes, fit->size);
    uint64_t room = fit->size - request->offset % fit->size;
    fit->has_rest = request->range_count == 0 && request->bytes > room;
    if (!fit->has_rest)
        return;
    fit->rest = *request;
    fit->rest.offset += room;
    fit->rest.bytes -= room;
    fit->rest.preflush = false;
    request->bytes = room;
}

static bool next(struct request_source *source, struct trace_request *request)
{
    struct fit *fit = fit_of(source);
    if (fit->has_rest)
        *request = fit->rest;
    else if (!request_source_next(source->inner, request))
        return false;
    if (fit->way == REMAP_MODULO)
        keep_rest(fit, request);
    return moved_ranges_move(&fit->moved, request, place, fit);
}

static void rewind_fit(struct request_source *source)
{
    fit_of(source)->has_rest = false;
}

static void destroy(struct request_source *source)
{
    struct fit *fit = fit_of(source);
    scale_destroy(&fit->scale);
    moved_ranges_destroy(&fit->moved);
    free(fit);
}

static const struct request_source_ops ops = {.next = next, .rewind = rewind_fit, .destroy = destroy};

struct request_source *remap_fit_create(struct request_source *inner, enum remap_way way, uint64_t size)
{
    struct fit *fit = xcalloc(1, sizeof *fit);
    *fit = (struct fit){.base = {.ops = &ops, .inner = inner}, .way = way, .size = size};
    if (way == REMAP_SCALE) {
        scale_init(&fit->scale, inner, size);
        request_source_rewind(inner);
    }
    return &fit->base;
}
