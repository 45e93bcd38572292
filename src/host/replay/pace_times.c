// At recorded times: an open loop, or one with a bound on requests in flight.
//
// Request i is due at start + floor(time_i * 1000 * denominator / numerator) ps, where numerator over denominator is
// the speed; computed in 128-bit integers from the recorded time, so that rounding never accumulates. With a bound it
// is issued then or when the first of those in flight completes, in recorded order; the times of those behind it do not
// move, so that what is late catches up.
#include "host/replay/pace.h"

#include <stdlib.h>

#include "util/alloc.h"

struct times {
    struct pace base;
    uint32_t bound, in_flight; // requests; a bound of 0: none
    struct trace_request ahead;
    tick_t due; // that one; TICK_NEVER: there is none
};

static struct times *times_of(const struct pace *pace)
{
    return container_of(pace, struct times, base);
}

static void set_due(struct times *times)
{
    bool full = times->bound != 0 && times->in_flight >= times->bound;
    times->base.due = full ? TICK_NEVER : times->due;
}

static void look_ahead(struct times *times)
{
    bool any = request_source_next(times->base.source->requests, &times->ahead);
    times->due = any ? replay_source_time(times->base.source, times->ahead.time_ns) : TICK_NEVER;
    set_due(times);
}

static void times_start(struct pace *pace, const struct workload_start *start)
{
    struct times *times = times_of(pace);
    (void)start;
    pace->first = &times->ahead;
    look_ahead(times);
}

static void times_issued(struct pace *pace, tick_t now, struct workload_request *request)
{
    struct times *times = times_of(pace);
    (void)request;
    pace_note_late(pace, times->due, now);
    times->in_flight++;
    look_ahead(times);
}

static void times_completed(struct pace *pace, tick_t now, const struct workload_request *request)
{
    struct times *times = times_of(pace);
    (void)now, (void)request;
    times->in_flight--;
    if (unlikely(times->bound != 0))
        set_due(times);
}

static void times_destroy(struct pace *pace)
{
    free(times_of(pace));
}

static struct pace *times_create(const struct pace_options *options)
{
    struct times *times = xcalloc(1, sizeof *times);
    times->bound = options->iodepth;
    return &times->base;
}

const struct pace_ops pace_times = {
    .name = "times",
    .help = "at recorded times, though with --iodepth N never more than N in flight",
    .create = times_create,
    .start = times_start,
    .issued = times_issued,
    .completed = times_completed,
    .destroy = times_destroy,
};
