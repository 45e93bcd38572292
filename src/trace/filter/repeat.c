// A source, several times over.
#include "trace/filter/repeat.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

struct repeat {
    struct request_source base;
    uint64_t times, period_ns;
    uint64_t done; // times that are over
};

static struct repeat *repeat_of(struct request_source *source)
{
    return container_of(source, struct repeat, base);
}

static bool next(struct request_source *source, struct trace_request *request)
{
    struct repeat *repeat = repeat_of(source);
    while (!request_source_next(source->inner, request)) {
        if (request_source_failed(source->inner) || repeat->done + 1 >= repeat->times)
            return false;
        repeat->done++;
        request_source_rewind(source->inner);
    }
    request->time_ns += repeat->done * repeat->period_ns;
    return true;
}

static void rewind_repeat(struct request_source *source)
{
    repeat_of(source)->done = 0;
}

static void destroy(struct request_source *source)
{
    free(repeat_of(source));
}

// When all of it is complete, as far as that is known.
static uint64_t end_of(struct request_source *source)
{
    struct trace_request request;
    uint64_t end = 0;
    while (request_source_next(source, &request))
        end = MAX(end, request.time_ns + (request.latency_ns == TRACE_LATENCY_UNKNOWN ? 0 : request.latency_ns));
    request_source_rewind(source);
    return end;
}

static const struct request_source_ops ops = {.next = next, .rewind = rewind_repeat, .destroy = destroy};

struct request_source *repeat_create(struct request_source *inner, uint64_t times, uint64_t gap_ns, struct diag *diag)
{
    uint64_t period = end_of(inner), all;
    if (__builtin_add_overflow(period, gap_ns, &period) || __builtin_mul_overflow(period, times, &all) ||
        all > INT64_MAX) {
        diag_error(diag, (struct place){.file = "sqtail"}, "%llu times %.3f s are longer than a recording can be",
                   (unsigned long long)times, (double)period / 1e9);
        request_source_destroy(inner);
        return NULL;
    }
    struct repeat *repeat = xcalloc(1, sizeof *repeat);
    *repeat = (struct repeat){.base = {.ops = &ops, .inner = inner}, .times = times, .period_ns = period};
    return &repeat->base;
}
