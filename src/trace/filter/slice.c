// A part of a source. A trim of several ranges begins where its first one does.
#include "trace/filter/slice.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

struct slice {
    struct request_source base;
    struct slice_options options;
    uint64_t passed; // requests that are all of what is asked for, so far
    bool ended;      // none comes any more
};

static struct slice *slice_of(struct request_source *source)
{
    return container_of(source, struct slice, base);
}

static bool in_place(const struct slice_options *o, const struct trace_request *request)
{
    uint64_t offset = request->range_count == 0 ? request->offset : request->ranges[0].offset;
    return request->kind == IO_FLUSH ||
           (offset >= o->from_offset && (o->to_offset == 0 || offset < o->to_offset));
}

static bool is_of_kind(const struct slice_options *o, const struct trace_request *request)
{
    return o->kinds == 0 || (o->kinds >> io_kind_with_fua(request->kind, request->fua) & 1) != 0;
}

static bool is_of_cpu(const struct slice_options *o, uint32_t cpu)
{
    for (uint32_t i = 0; i < o->cpu_count; i++)
        if (cpu >= o->cpus[i].first && cpu <= o->cpus[i].last)
            return true;
    return o->cpu_count == 0;
}

static bool is_wanted(const struct slice_options *o, const struct trace_request *request)
{
    return request->time_ns >= o->from_ns && in_place(o, request) && is_of_kind(o, request) &&
           is_of_cpu(o, request->cpu);
}

static bool is_over(const struct slice *slice, const struct trace_request *request)
{
    const struct slice_options *o = &slice->options;
    return (o->to_ns != 0 && request->time_ns >= o->to_ns) || (o->count != 0 && slice->passed >= o->skip + o->count);
}

static bool next(struct request_source *source, struct trace_request *request)
{
    struct slice *slice = slice_of(source);
    const struct slice_options *o = &slice->options;
    while (!slice->ended && request_source_next(source->inner, request)) {
        slice->ended = is_over(slice, request);
        if (slice->ended || !is_wanted(o, request) || slice->passed++ < o->skip)
            continue;
        request->time_ns -= o->keep_times ? 0 : o->from_ns;
        return true;
    }
    return false;
}

static void rewind_slice(struct request_source *source)
{
    slice_of(source)->passed = 0;
    slice_of(source)->ended = false;
}

static void destroy(struct request_source *source)
{
    free(slice_of(source));
}

static const struct request_source_ops ops = {.next = next, .rewind = rewind_slice, .destroy = destroy};

struct request_source *slice_create(struct request_source *inner, const struct slice_options *options)
{
    struct slice *slice = xcalloc(1, sizeof *slice);
    *slice = (struct slice){.base = {.ops = &ops, .inner = inner}, .options = *options};
    return &slice->base;
}
