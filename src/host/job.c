// A synthetic workload in fio's words: numjobs equal jobs, each on a CPU of its own.
//
// Closed loop: every job owns iodepth tokens; a completion frees one (after the host's think time) and the next
// request takes it. Open loop (rate_iops): arrivals are set by time alone: the n-th at floor(n * 10^12 / rate) ps,
// kept exact by carrying the remainder, or a Poisson process. Exponential intervals are computed in integers, so that
// they are the same on every machine: -ln(U / 2^64) = (64 - log2 U) * ln 2, where each squaring of the mantissa
// yields one bit of log2.
//
// A ramp, by time or by requests of all jobs together, goes first. What arrives within it is not measured, even where
// it completes later, so that number_ios requests are measured exactly and none of them has had a part of its time, or
// moved a part of its data, outside the time that is measured. runtime counts from its end.
//
// Sequential jobs keep a position for each kind of request, as fio does, and begin anew at the region's end. Random
// jobs draw each block independently (fio's norandommap).
//
// Left out: block size ranges and mixes, random distributions other than uniform, job files, verification.
#include "host/job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/job_internal.h"
#include "host/job_options.h"
#include "host/tokens.h"
#include "trace/trace.h"
#include "util/alloc.h"
#include "util/macros.h"
#include "util/rng.h"

struct job {
    struct rng rng;
    uint64_t first;   // byte where its region begins
    uint64_t blocks;  // in the region
    uint64_t position[IO_KIND_COUNT]; // next block of a sequential stream
    uint64_t issued;  // after the ramp; flushes not counted
    uint64_t writes;  // since the last flush
    bool ramp;        // its last request was of the ramp
};

struct arrival {
    tick_t at;
    uint32_t job;
};

struct job_workload {
    struct workload base;
    struct job_options options;
    bool random;
    uint64_t limit;   // requests a job after the ramp; UINT64_MAX: none; 0: not known before the start
    uint64_t done;    // of all jobs' requests after the ramp; flushes not counted
    uint64_t ramp_left; // ramp_ios: requests that the ramp still lacks
    tick_t ramp_end;  // ramp_time; TICK_NEVER: by ramp_ios; 0: no ramp
    tick_t end;       // of issuing; TICK_NEVER: not by time, or not before the ramp has ended
    tick_t think_time;
    struct job *jobs;
    struct token_ring tokens; // closed loop
    struct arrival *arrivals; // open loop: a heap, each job's next arrival
    uint32_t arrival_count;
    uint64_t *remainders;     // open loop, linear: of each job's interval, in 1/rate ps
};

static struct job_workload *job_of(struct workload *workload)
{
    return container_of(workload, struct job_workload, base);
}

// --- regions -------------------------------------------------------------------------------------------------------

static uint64_t region_first(const struct job_options *o, uint64_t job)
{
    return o->offset + job * o->offset_increment;
}

static uint64_t region_bytes(const struct job_options *o, uint64_t first, const struct workload_drive *drive)
{
    return o->size != 0 ? o->size : drive->capacity_bytes - first;
}

static int check_region(const struct job_options *o, uint64_t job, const struct workload_drive *drive,
                        struct diag *diag)
{
    struct place place = {.file = "--job", .line = 1};
    uint64_t shift, first;
    bool too_far = __builtin_mul_overflow(job, o->offset_increment, &shift) ||
                   __builtin_add_overflow(o->offset, shift, &first) || first >= drive->capacity_bytes;
    if (too_far || region_bytes(o, first, drive) > drive->capacity_bytes - first)
        return diag_error(diag, place, "offset and size: the region of job %" PRIu64 " reaches beyond the drive's %"
                          PRIu64 " bytes", job, drive->capacity_bytes);
    if (region_bytes(o, first, drive) < o->bs)
        return diag_error(diag, place, "size: the region of job %" PRIu64 " is smaller than bs", job);
    if (first % drive->block_bytes != 0)
        return diag_error(diag, place, "offset: the region of job %" PRIu64 " does not begin at a logical block of %u"
                          " bytes", job, drive->block_bytes);
    return 0;
}

static int job_check(struct workload *workload, const struct workload_drive *drive, struct diag *diag)
{
    const struct job_options *o = &job_of(workload)->options;
    if (o->bs % drive->block_bytes != 0)
        return diag_error(diag, (struct place){.file = "--job", .line = 1},
                          "bs=%" PRIu64 " is not a multiple of the logical block of %u bytes", o->bs,
                          drive->block_bytes);
    for (uint64_t job = 0; job < o->numjobs; job++)
        if (check_region(o, job, drive, diag) != 0)
            return -1;
    return 0;
}

// --- open loop -----------------------------------------------------------------------------------------------------

static bool arrives_before(struct arrival a, struct arrival b)
{
    return a.at < b.at || (a.at == b.at && a.job < b.job);
}

// Lets the heap's root, whose time has changed, sink to its place.
static void sink_root(struct job_workload *w)
{
    struct arrival *heap = w->arrivals, moved = heap[0];
    uint32_t at = 0, child;
    while ((child = 2 * at + 1) < w->arrival_count) {
        if (child + 1 < w->arrival_count && arrives_before(heap[child + 1], heap[child]))
            child++;
        if (!arrives_before(heap[child], moved))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

// log2 of a number in [1, 2), given and returned as fractions: 1 + m / 2^63, result / 2^32.
static uint32_t log2_fraction(uint64_t mantissa)
{
    uint32_t result = 0;
    for (int bit = 0; bit < 32; bit++) {
        unsigned __int128 square = (unsigned __int128)mantissa * mantissa; // in [1, 4) * 2^126
        unsigned over = (unsigned)(square >> 127);
        mantissa = (uint64_t)(square >> (63 + over));
        result = result << 1 | over;
    }
    return result;
}

uint64_t job_exponential_q32(uint64_t u)
{
    const uint64_t ln2_q32 = 2977044472; // round(ln 2 * 2^32)
    u |= 1; // zero has no logarithm
    unsigned shift = (unsigned)__builtin_clzll(u);
    uint64_t log2_q32 = (uint64_t)(63 - shift) << 32 | log2_fraction(u << shift);
    uint64_t minus_log2_q32 = (UINT64_C(64) << 32) - log2_q32;
    return (uint64_t)((unsigned __int128)minus_log2_q32 * ln2_q32 >> 32);
}

static tick_t next_interval(struct job_workload *w, uint32_t job)
{
    uint64_t rate = w->options.rate_iops;
    tick_t interval = TICKS_PER_S / rate;
    if (w->options.rate_process == JOB_RATE_POISSON) {
        unsigned __int128 exponential = job_exponential_q32(rng_u64(&w->jobs[job].rng));
        return (tick_t)(exponential * TICKS_PER_S / rate >> 32);
    }
    w->remainders[job] += TICKS_PER_S % rate;
    if (w->remainders[job] < rate)
        return interval;
    w->remainders[job] -= rate;
    return interval + 1;
}

// --- the life of a job ---------------------------------------------------------------------------------------------

static bool flush_due(const struct job_workload *w, const struct job *job)
{
    return w->options.fsync > 0 && job->writes >= w->options.fsync;
}

static bool is_exhausted(const struct job_workload *w, const struct job *job)
{
    return job->issued >= w->limit && !flush_due(w, job);
}

static void start_arrivals(struct job_workload *w, tick_t now)
{
    for (uint32_t j = 0; j < w->options.numjobs; j++) {
        tick_t first = w->options.rate_process == JOB_RATE_POISSON ? next_interval(w, j) : 0;
        uint32_t at = w->arrival_count++;
        struct arrival arrival = {.at = now + first, .job = j};
        for (; at > 0 && arrives_before(arrival, w->arrivals[(at - 1) / 2]); at = (at - 1) / 2)
            w->arrivals[at] = w->arrivals[(at - 1) / 2];
        w->arrivals[at] = arrival;
    }
}

static void start_tokens(struct job_workload *w, tick_t now)
{
    for (uint64_t i = 0; i < w->options.iodepth; i++)
        for (uint32_t j = 0; j < w->options.numjobs; j++)
            token_ring_push(&w->tokens, now, j);
}

static void start_job(struct job_workload *w, uint32_t index, const struct workload_start *start)
{
    struct job *job = &w->jobs[index];
    char path[32];
    snprintf(path, sizeof path, "host.job%u", index);
    rng_seed(&job->rng, start->seed, path);
    job->first = region_first(&w->options, index);
    job->blocks = region_bytes(&w->options, job->first, &start->drive) / w->options.bs;
}

// The ramp ends at `measured`.
static void set_end(struct job_workload *w, tick_t measured)
{
    if (w->options.runtime > 0)
        w->end = measured + w->options.runtime;
}

static void job_start(struct workload *workload, const struct workload_start *start)
{
    struct job_workload *w = job_of(workload);
    const struct job_options *o = &w->options;
    for (uint32_t j = 0; j < o->numjobs; j++)
        start_job(w, j, start);
    uint64_t most = o->number_ios > 0 ? o->number_ios : w->jobs[0].blocks;
    w->limit = o->time_based ? UINT64_MAX : most;
    w->think_time = start->think_time;
    w->ramp_left = o->ramp_ios * o->numjobs;
    w->ramp_end = o->ramp_time > 0 ? start->now + o->ramp_time : o->ramp_ios > 0 ? TICK_NEVER : 0;
    w->end = TICK_NEVER;
    if (w->ramp_end != TICK_NEVER)
        set_end(w, start->now + o->ramp_time);
    if (o->rate_iops > 0)
        start_arrivals(w, start->now);
    else
        start_tokens(w, start->now);
}

static inline tick_t open_arrival(struct job_workload *w)
{
    while (w->arrival_count > 0 && is_exhausted(w, &w->jobs[w->arrivals[0].job])) {
        w->arrivals[0] = w->arrivals[--w->arrival_count];
        if (w->arrival_count > 0)
            sink_root(w);
    }
    return w->arrival_count == 0 ? TICK_NEVER : w->arrivals[0].at;
}

static inline tick_t closed_arrival(struct job_workload *w)
{
    const struct token *token;
    while ((token = token_ring_first(&w->tokens)) != NULL && is_exhausted(w, &w->jobs[token->job]))
        token_ring_pop(&w->tokens);
    return token == NULL ? TICK_NEVER : token->free_at;
}

static inline tick_t next_arrival(struct job_workload *w)
{
    return w->options.rate_iops > 0 ? open_arrival(w) : closed_arrival(w);
}

static tick_t job_arrival(struct workload *workload, tick_t now)
{
    struct job_workload *w = job_of(workload);
    tick_t at = next_arrival(w);
    return MAX(at, now) >= w->end ? TICK_NEVER : at;
}

static tick_t job_until(struct workload *workload)
{
    struct job_workload *w = job_of(workload);
    return next_arrival(w) == TICK_NEVER ? 0 : w->end;
}

static enum io_kind choose_kind(struct job_workload *w, struct job *job)
{
    switch ((enum job_rw)w->options.rw) {
    case JOB_READ:
    case JOB_RANDREAD:
        return IO_READ;
    case JOB_WRITE:
    case JOB_RANDWRITE:
        return IO_WRITE;
    case JOB_TRIM:
    case JOB_RANDTRIM:
        return IO_TRIM;
    case JOB_RW:
    case JOB_RANDRW:
        break;
    }
    return rng_below(&job->rng, 100) < w->options.rwmixread ? IO_READ : IO_WRITE;
}

static uint64_t choose_block(const struct job_workload *w, struct job *job, enum io_kind kind)
{
    if (w->random)
        return rng_below(&job->rng, job->blocks);
    uint64_t block = job->position[kind];
    job->position[kind] = block + 1 == job->blocks ? 0 : block + 1;
    return block;
}

// The job whose request is due; its right to issue is used up.
static uint32_t take_turn(struct job_workload *w)
{
    if (w->options.rate_iops == 0)
        return token_ring_pop(&w->tokens);
    return w->arrivals[0].job;
}

// Whether what arrives now is of the ramp. By requests, all jobs share one count.
static bool in_ramp(struct job_workload *w, tick_t now)
{
    if (w->ramp_end != TICK_NEVER)
        return now < w->ramp_end;
    if (w->ramp_left > 0) {
        w->ramp_left--;
        return true;
    }
    if (w->end == TICK_NEVER)
        set_end(w, now);
    return false;
}

// A flush belongs to the writes before it.
static void make_request(struct job_workload *w, struct job *job, tick_t now, struct workload_request *request)
{
    if (flush_due(w, job)) {
        request->kind = IO_FLUSH;
        request->ramp = job->ramp;
        job->writes = 0;
        return;
    }
    request->ramp = job->ramp = in_ramp(w, now);
    request->kind = choose_kind(w, job);
    request->offset = job->first + choose_block(w, job, request->kind) * w->options.bs;
    request->bytes = w->options.bs;
    request->fua = request->kind == IO_WRITE && w->options.writefua;
    job->writes += request->kind == IO_WRITE;
    job->issued += !job->ramp;
}

static void job_next(struct workload *workload, tick_t now, struct workload_request *request)
{
    struct job_workload *w = job_of(workload);
    uint32_t index = take_turn(w);
    struct job *job = &w->jobs[index];
    *request = (struct workload_request){.cpu = index, .job = index, .recorded_ns = TRACE_LATENCY_UNKNOWN};
    make_request(w, job, now, request);
    if (w->options.rate_iops == 0 || flush_due(w, job))
        return; // a flush that is now due arrives at once
    w->arrivals[0].at += next_interval(w, index);
    sink_root(w);
}

static void job_completed(struct workload *workload, tick_t now, const struct workload_request *request)
{
    struct job_workload *w = job_of(workload);
    w->done += !request->ramp && request->kind != IO_FLUSH;
    if (w->options.rate_iops == 0)
        token_ring_push(&w->tokens, now + w->think_time, request->job);
}

static tick_t job_ramp_end(const struct workload *workload)
{
    return container_of(workload, struct job_workload, base)->ramp_end;
}

static void job_destroy(struct workload *workload)
{
    struct job_workload *w = job_of(workload);
    token_ring_destroy(&w->tokens);
    free(w->arrivals);
    free(w->remainders);
    free(w->jobs);
    free(w);
}

static uint64_t job_count(const struct workload *workload)
{
    const struct job_workload *w = container_of(workload, struct job_workload, base);
    return w->limit == UINT64_MAX ? 0 : w->limit * w->options.numjobs;
}

static uint64_t job_done(const struct workload *workload)
{
    return container_of(workload, struct job_workload, base)->done;
}

const struct workload_ops job_ops = {
    .name = "job",
    .help = "synthetic requests in fio's words, such as \"rw=randread bs=4k iodepth=64 number_ios=1000000\"",
    .check = job_check,
    .start = job_start,
    .arrival = job_arrival,
    .next = job_next,
    .completed = job_completed,
    .ramp_end = job_ramp_end,
    .until = job_until,
    .count = job_count,
    .done = job_done,
    .destroy = job_destroy,
};

struct workload *job_create(const char *text, struct diag *diag)
{
    struct job_options options;
    if (job_options_parse(text, &options, diag) != 0)
        return NULL;
    struct job_workload *w = xcalloc(1, sizeof *w);
    w->base = (struct workload){.ops = &job_ops, .open_loop = options.rate_iops > 0};
    w->options = options;
    w->random = options.rw >= JOB_RANDREAD;
    w->limit = options.number_ios;
    w->jobs = xcalloc(options.numjobs, sizeof *w->jobs);
    w->arrivals = xcalloc(options.numjobs, sizeof *w->arrivals);
    w->remainders = xcalloc(options.numjobs, sizeof *w->remainders);
    token_ring_init(&w->tokens, (uint32_t)(options.iodepth * options.numjobs));
    return &w->base;
}
