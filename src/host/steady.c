// Until it is steady: when a warm-up is over, and when to stop.
//
// Requests are taken in batches; of each batch there is its mean latency, by Little's law: the integral of requests in
// flight over the time of the batch, over the number of completions. When there are BATCHES of them, two neighbours
// become one, so that batches grow with the run, until those of a run that is long enough are as good as independent
// (Schmeiser, "Batch size effects in the analysis of simulation output", Operations Research 30, 1982: ten to thirty
// batches are as good as more).
//
// The warm-up is over when MSER says so (White, "An effective truncation heuristic for bias reduction in simulation
// output", Simulation 69, 1997; of batches: White, Cobb and Spratt, WSC 2000): of the batches so far, m, those from d
// on give the mean with the least squared standard error,
//
//   d* = argmin  sum over i > d of (x_i - mean_d)^2 / (m - d)^2,
//
// and d* lies in their first quarter; and the means of the two halves of those from d* on are no more than two standard
// errors apart, without which noise hides a slope from so few batches (after Geweke, "Evaluating the accuracy of
// sampling-based approaches", Bayesian Statistics 4, 1992). All of them are then dropped, and measuring begins.
//
// It ends when there are LEAST_MEASURED requests, so that p99.9 rests on ten, the batches' lag-1 autocorrelation is not
// significant (within 2 / sqrt(m)), and the 95 % interval of their mean (Student's t) is within 1 % of it to either
// side.
//
// Left out: drifts that are slow against the run, as of a drive that is not full yet; precondition it. Percentiles have
// no criterion of their own.
#include "host/steady.h"

#include <math.h>
#include <stdlib.h>

#include "stats/confidence.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { BATCHES = 64, LEAST_BATCHES = 32, FIRST_BATCH = 64, LEAST_MEASURED = 10000 };

static const double wanted_half_width = 0.01;

struct batches {
    double mean[BATCHES]; // latency, ps
    unsigned count;
    uint64_t size;      // requests a batch
    uint64_t completed; // of the one that fills up
    tick_sum_t area;    // in flight times time, of that one
};

struct steady_workload {
    struct workload base;
    struct workload *inner;
    struct batches batches;
    uint64_t limit;       // requests of the warm-up at most
    uint64_t outstanding;
    tick_t seen_at;       // until when the area is known
    bool measuring;
    tick_t stopped_at;    // TICK_NEVER: not yet
    struct steady_outcome outcome;
};

static struct steady_workload *steady_of(const struct workload *workload)
{
    return container_of(workload, struct steady_workload, base);
}

// --- batches -------------------------------------------------------------------------------------------------------

static void batches_clear(struct batches *batches)
{
    *batches = (struct batches){.size = FIRST_BATCH};
}

static void batches_merge(struct batches *batches)
{
    for (unsigned i = 0; i < BATCHES / 2; i++)
        batches->mean[i] = (batches->mean[2 * i] + batches->mean[2 * i + 1]) / 2;
    batches->count = BATCHES / 2;
    batches->size *= 2;
}

// Returns whether a batch is full with this completion.
static bool batches_add(struct batches *batches)
{
    if (++batches->completed < batches->size)
        return false;
    if (batches->count == BATCHES)
        batches_merge(batches);
    if (batches->completed < batches->size)
        return false; // half of a batch now
    batches->mean[batches->count++] = (double)batches->area / (double)batches->completed;
    batches->completed = 0;
    batches->area = 0;
    return true;
}

// The squared standard error of the mean of those from each on, from the last to the first by updating mean and sum of
// squares (Welford).
static unsigned truncation_point(const struct batches *batches)
{
    double mean = 0, squares = 0, least = INFINITY;
    unsigned best = 0, count = 0;
    for (unsigned d = batches->count; d-- > 0;) {
        double delta = batches->mean[d] - mean;
        mean += delta / ++count;
        squares += delta * (batches->mean[d] - mean);
        double error = squares / ((double)count * count);
        if (count >= batches->count / 2 && error <= least) {
            least = error;
            best = d;
        }
    }
    return best;
}

// Whether the two halves of those from `from` on differ by no more than two standard errors.
static bool is_level(const struct batches *batches, unsigned from)
{
    unsigned half = (batches->count - from) / 2;
    struct mean_interval first = mean_interval_of(&batches->mean[from], half, 0.05);
    struct mean_interval second = mean_interval_of(&batches->mean[batches->count - half], half, 0.05);
    double apart = second.mean - first.mean;
    double variance = (first.deviation * first.deviation + second.deviation * second.deviation) / half;
    return apart * apart <= 4 * variance;
}

static bool is_warm(const struct batches *batches)
{
    unsigned from = truncation_point(batches);
    return batches->count >= LEAST_BATCHES && from <= batches->count / 4 && is_level(batches, from);
}

// Whether neighbours have no more to do with each other than chance has it.
static bool are_independent(const struct batches *batches, double mean)
{
    double squares = 0, products = 0;
    for (unsigned i = 0; i < batches->count; i++) {
        double here = batches->mean[i] - mean;
        squares += here * here;
        products += i == 0 ? 0 : here * (batches->mean[i - 1] - mean);
    }
    return products * products * batches->count <= 4 * squares * squares;
}

// The half width of the mean's 95 % interval, as a share of it.
static double half_width(const struct batches *batches, double *mean)
{
    struct mean_interval interval = mean_interval_of(batches->mean, batches->count, 0.05);
    *mean = interval.mean;
    return interval.mean > 0 ? interval.half_width / interval.mean : INFINITY;
}

// --- the course of a run -------------------------------------------------------------------------------------------

static void begin_measuring(struct steady_workload *w, bool warmed_up)
{
    w->measuring = true;
    w->outcome.warmed_up = warmed_up;
    batches_clear(&w->batches);
}

static void look(struct steady_workload *w, tick_t now)
{
    double mean;
    if (!w->measuring && is_warm(&w->batches)) {
        begin_measuring(w, true);
    } else if (w->measuring && w->outcome.measured >= LEAST_MEASURED && w->batches.count >= LEAST_BATCHES) {
        bool near = half_width(&w->batches, &mean) <= wanted_half_width;
        if (near && are_independent(&w->batches, mean))
            w->stopped_at = now;
    }
}

static void account(struct steady_workload *w, tick_t now)
{
    w->batches.area += (tick_sum_t)w->outstanding * (now - w->seen_at);
    w->seen_at = now;
}

static int steady_check(struct workload *workload, const struct workload_drive *drive, struct diag *diag)
{
    struct workload *inner = steady_of(workload)->inner;
    return inner->ops->check(inner, drive, diag);
}

static void steady_start(struct workload *workload, const struct workload_start *start)
{
    struct steady_workload *w = steady_of(workload);
    w->inner->ops->start(w->inner, start);
    w->limit = workload_request_count(w->inner) / 2;
    w->seen_at = start->now;
}

static tick_t steady_arrival(struct workload *workload, tick_t now)
{
    struct steady_workload *w = steady_of(workload);
    return w->stopped_at != TICK_NEVER ? TICK_NEVER : w->inner->ops->arrival(w->inner, now);
}

static void steady_next(struct workload *workload, tick_t now, struct workload_request *request)
{
    struct steady_workload *w = steady_of(workload);
    account(w, now);
    w->outstanding++;
    w->inner->ops->next(w->inner, now, request);
    if (!w->measuring && w->outcome.dropped >= w->limit)
        begin_measuring(w, false);
    request->ramp |= !w->measuring;
    w->outcome.dropped += request->ramp;
    w->outcome.measured += !request->ramp;
}

static void steady_completed(struct workload *workload, tick_t now, const struct workload_request *request)
{
    struct steady_workload *w = steady_of(workload);
    account(w, now);
    w->outstanding--;
    w->inner->ops->completed(w->inner, now, request);
    if (w->stopped_at == TICK_NEVER && batches_add(&w->batches))
        look(w, now);
}

// With the first request that is measured.
static tick_t steady_ramp_end(const struct workload *workload)
{
    (void)workload;
    return TICK_NEVER;
}

static tick_t steady_until(struct workload *workload)
{
    struct steady_workload *w = steady_of(workload);
    return w->stopped_at != TICK_NEVER ? w->stopped_at : workload_until(w->inner);
}

static uint64_t steady_count(const struct workload *workload)
{
    (void)workload;
    return 0; // known once it is there
}

static struct workload_group steady_group(struct workload *workload, uint32_t index)
{
    struct steady_workload *w = steady_of(workload);
    struct workload_group group = w->inner->ops->group(w->inner, index);
    if (w->stopped_at != TICK_NEVER)
        group.until = w->stopped_at;
    return group;
}

static void steady_destroy(struct workload *workload)
{
    struct steady_workload *w = steady_of(workload);
    workload_destroy(w->inner);
    free(w);
}

static const struct workload_ops steady_ops = {
    .name = "steady",
    .help = "another workload until it is steady",
    .check = steady_check,
    .start = steady_start,
    .arrival = steady_arrival,
    .next = steady_next,
    .completed = steady_completed,
    .ramp_end = steady_ramp_end,
    .until = steady_until,
    .count = steady_count,
    .group = steady_group,
    .destroy = steady_destroy,
};

struct workload *steady_create(struct workload *inner)
{
    struct steady_workload *w = xcalloc(1, sizeof *w);
    w->base = (struct workload){.ops = &steady_ops, .open_loop = inner->open_loop, .group_count = inner->group_count};
    w->inner = inner;
    w->stopped_at = TICK_NEVER;
    batches_clear(&w->batches);
    return &w->base;
}

struct steady_outcome steady_get_outcome(const struct workload *workload)
{
    const struct steady_workload *w = steady_of(workload);
    struct steady_outcome outcome = w->outcome;
    double mean = NAN;
    outcome.reached = w->stopped_at != TICK_NEVER;
    outcome.half_width = w->measuring && w->batches.count > 1 ? half_width(&w->batches, &mean) : INFINITY;
    outcome.mean_us = mean / TICKS_PER_US;
    return outcome;
}
