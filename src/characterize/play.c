// A job's requests without a drive. A loop of two kinds of events: the next request comes, or the earliest one under
// way completes. Latencies are drawn from quantiles, independently of each other and of the depth: what a deeper queue
// does to them is not known of a recording.
#include "characterize/play.h"

#include <stdlib.h>

#include "host/job/job.h"
#include "util/alloc.h"
#include "util/macros.h"
#include "util/rng.h"

#define BLOCK_BYTES 512

// A request under way.
struct flight {
    tick_t end;
    uint64_t number; // of equal ends the earlier one completes first
    struct workload_request request;
};

struct play {
    struct workload *workload;
    const struct play_latency *latency;
    struct rng rng;
    struct flight *flights; // a heap, the earliest end first
    size_t count;
    uint64_t taken;
    tick_t now;
    play_taken_fn *give;
    void *context;
};

void play_latency_of(struct play_latency *latency, const struct profile *profile)
{
    struct histogram all;
    histogram_init(&all);
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        histogram_add(&all, &profile->kinds[kind].latency);
    latency->known = all.count > 0;
    latency->seed = 1;
    for (int kind = 0; kind < IO_KIND_COUNT; kind++) {
        const struct histogram *own = &profile->kinds[kind].latency;
        for (int i = 0; i < PLAY_QUANTILES; i++)
            latency->ns[kind][i] = histogram_quantile(own->count > 0 ? own : &all, (i + 0.5) / PLAY_QUANTILES);
    }
    histogram_destroy(&all);
}

// ---- the heap ----------------------------------------------------------------------------------------------------

static bool is_before(const struct flight *a, const struct flight *b)
{
    return a->end != b->end ? a->end < b->end : a->number < b->number;
}

static void swap(struct flight *a, struct flight *b)
{
    struct flight kept = *a;
    *a = *b;
    *b = kept;
}

static void put(struct play *play, const struct flight *flight)
{
    play->flights = xgrow(play->flights, play->count, sizeof *play->flights);
    size_t at = play->count++;
    play->flights[at] = *flight;
    for (; at > 0 && is_before(&play->flights[at], &play->flights[(at - 1) / 2]); at = (at - 1) / 2)
        swap(&play->flights[at], &play->flights[(at - 1) / 2]);
}

static struct flight take(struct play *play)
{
    struct flight first = play->flights[0];
    play->flights[0] = play->flights[--play->count];
    for (size_t at = 0, child = 1; child < play->count; at = child, child = 2 * at + 1) {
        child += child + 1 < play->count && is_before(&play->flights[child + 1], &play->flights[child]);
        if (!is_before(&play->flights[child], &play->flights[at]))
            break;
        swap(&play->flights[child], &play->flights[at]);
    }
    return first;
}

// ---- the loop ----------------------------------------------------------------------------------------------------

static uint64_t draw_latency(struct play *play, enum io_kind kind)
{
    return play->latency->known ? play->latency->ns[kind][rng_below(&play->rng, PLAY_QUANTILES)] : 0;
}

static void issue(struct play *play, tick_t at)
{
    struct flight flight = {.number = play->taken++};
    play->now = MAX(play->now, at);
    play->workload->ops->next(play->workload, play->now, &flight.request);
    const struct workload_request *r = &flight.request;
    uint64_t latency = draw_latency(play, io_kind_with_fua(r->kind, r->fua));
    flight.end = play->now + latency * TICKS_PER_NS;
    play->give(play->context, &(struct trace_request){
        .time_ns = play->now / TICKS_PER_NS, .kind = r->kind, .fua = r->fua, .offset = r->offset, .bytes = r->bytes,
        .cpu = r->cpu, .latency_ns = play->latency->known ? latency : TRACE_LATENCY_UNKNOWN});
    put(play, &flight);
}

static void complete(struct play *play)
{
    struct flight first = take(play);
    play->now = MAX(play->now, first.end);
    if (play->workload->ops->completed != NULL)
        play->workload->ops->completed(play->workload, play->now, &first.request);
}

// One event; false when there is none.
static bool step(struct play *play)
{
    tick_t at = play->workload->ops->arrival(play->workload, play->now);
    if (at != TICK_NEVER && (play->count == 0 || MAX(at, play->now) < play->flights[0].end))
        issue(play, at);
    else if (play->count > 0)
        complete(play);
    else
        return false;
    return true;
}

int play_each(const char *text, const struct play_latency *latency, uint64_t capacity, play_taken_fn *taken,
              void *context, struct diag *diag)
{
    const struct workload_drive drive = {.capacity_bytes = capacity, .block_bytes = BLOCK_BYTES};
    struct play play = {.workload = job_create(text, diag), .latency = latency, .give = taken, .context = context};
    if (play.workload == NULL)
        return -1;
    int failed = play.workload->ops->check(play.workload, &drive, diag);
    rng_seed(&play.rng, latency->seed, "characterize.latency");
    if (failed == 0)
        play.workload->ops->start(play.workload, &(struct workload_start){.seed = latency->seed, .drive = drive});
    while (failed == 0 && step(&play))
        continue;
    workload_destroy(play.workload);
    free(play.flights);
    return failed;
}

static void add(void *context, const struct trace_request *request)
{
    profile_add(context, request);
}

struct profile *play_job(const char *text, const struct play_latency *latency, const struct profile_scope *scope,
                         struct diag *diag)
{
    struct profile *profile = profile_create(scope);
    if (play_each(text, latency, scope->hi, add, profile, diag) == 0)
        return profile;
    profile_destroy(profile);
    return NULL;
}
