// One workload after another: a phase ends when nothing more comes of it and all that came has completed; if the clock
// ended it, not before its time is up. The next begins at that moment.
//
// The phase is measured here, beside what the host measures of the whole: rates and latencies of each phase are known
// when it ends, and however many phases there are, each takes the room of one histogram while it lasts.
#include "host/phases.h"

#include <stdio.h>
#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"
#include "util/rng.h"

struct phases_workload {
    struct workload base;
    struct phase_source source;
    struct workload_start start; // of the phase that goes on
    uint64_t seed;               // of the run
    uint32_t number;             // of that phase
    struct workload *phase;
    bool over;                   // the last one
    uint64_t outstanding;
    struct phase_result measured;
    struct histogram latencies;
};

static struct phases_workload *phases_of(const struct workload *workload)
{
    return container_of(workload, struct phases_workload, base);
}

// --- from phase to phase -------------------------------------------------------------------------------------------

static uint64_t seed_of(const struct phases_workload *w)
{
    char path[32];
    struct rng rng;
    snprintf(path, sizeof path, "host.phase%u", w->number);
    rng_seed(&rng, w->seed, path);
    return rng_u64(&rng);
}

static void begin(struct phases_workload *w, struct workload *phase, tick_t now)
{
    histogram_restart(&w->latencies);
    w->measured = (struct phase_result){.begins = now, .ends = now, .latencies = &w->latencies};
    w->start.now = now;
    w->start.seed = seed_of(w);
    w->phase = phase;
    phase->ops->start(phase, &w->start);
}

// The last one stays: it knows when its time was up.
static void begin_next(struct phases_workload *w, tick_t now)
{
    w->measured.ends = MAX(w->measured.ends, workload_until(w->phase));
    struct workload *next = w->source.next(w->source.self, &w->measured);
    w->over = next == NULL;
    if (w->over)
        return;
    workload_destroy(w->phase);
    w->number++;
    begin(w, next, MAX(now, w->measured.ends));
}

static tick_t phases_arrival(struct workload *workload, tick_t now)
{
    struct phases_workload *w = phases_of(workload);
    tick_t at = w->over ? TICK_NEVER : w->phase->ops->arrival(w->phase, now);
    while (unlikely(at == TICK_NEVER) && w->outstanding == 0 && !w->over) {
        begin_next(w, now);
        at = w->over ? TICK_NEVER : w->phase->ops->arrival(w->phase, now);
    }
    return at;
}

// --- a phase -------------------------------------------------------------------------------------------------------

static int phases_check(struct workload *workload, const struct workload_drive *drive, struct diag *diag)
{
    const struct phases_workload *w = phases_of(workload);
    return w->source.check(w->source.self, drive, diag);
}

static void phases_start(struct workload *workload, const struct workload_start *start)
{
    struct phases_workload *w = phases_of(workload);
    w->start = *start;
    w->seed = start->seed;
    begin(w, w->source.first(w->source.self), start->now);
}

static void phases_next(struct workload *workload, tick_t now, struct workload_request *request)
{
    struct phases_workload *w = phases_of(workload);
    w->phase->ops->next(w->phase, now, request);
    request->issued = now;
    w->outstanding++;
}

static void measure(struct phases_workload *w, tick_t now, const struct workload_request *request)
{
    struct phase_result *measured = &w->measured;
    tick_t latency = now - request->issued;
    measured->requests++;
    measured->bytes += request->bytes;
    measured->written += request->kind == IO_WRITE || request->kind == IO_WRITE_FUA ? request->bytes : 0;
    measured->latency += latency;
    measured->longest = MAX(measured->longest, latency);
    measured->ends = now;
    histogram_record(&w->latencies, (latency + TICKS_PER_NS / 2) / TICKS_PER_NS);
}

static void phases_completed(struct workload *workload, tick_t now, const struct workload_request *request)
{
    struct phases_workload *w = phases_of(workload);
    w->outstanding--;
    if (!request->ramp)
        measure(w, now, request);
    if (w->phase->ops->completed != NULL)
        w->phase->ops->completed(w->phase, now, request);
}

static tick_t phases_until(struct workload *workload)
{
    return workload_until(phases_of(workload)->phase);
}

static uint64_t phases_count(const struct workload *workload)
{
    (void)workload;
    return 0; // known once they are there
}

static void phases_destroy(struct workload *workload)
{
    struct phases_workload *w = phases_of(workload);
    workload_destroy(w->phase);
    histogram_destroy(&w->latencies);
    free(w);
}

static const struct workload_ops phases_ops = {
    .name = "phases",
    .help = "one workload after another",
    .check = phases_check,
    .start = phases_start,
    .arrival = phases_arrival,
    .next = phases_next,
    .completed = phases_completed,
    .until = phases_until,
    .count = phases_count,
    .destroy = phases_destroy,
};

struct workload *phases_create(const struct phase_source *source)
{
    struct phases_workload *w = xcalloc(1, sizeof *w);
    w->base = (struct workload){.ops = &phases_ops};
    w->source = *source;
    histogram_init(&w->latencies);
    return &w->base;
}
