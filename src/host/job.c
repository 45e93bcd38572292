// A synthetic workload in fio's words: numjobs equal jobs, each on a CPU of its own.
//
// Closed loop: every job owns iodepth tokens; a completion frees one (after the host's think time) and the next
// request takes it. Open loop (rate_iops, rate): arrivals are set by time alone (host/arrivals.c). With both a rate
// and iodepth a request waits for its time and for one of iodepth places, as in fio: what is late catches up.
//
// A ramp, by time or by requests of all jobs together, goes first. What arrives within it is not measured, even where
// it completes later, so that number_ios requests are measured exactly and none of them has had a part of its time,
// or moved a part of its data, outside the time that is measured. runtime counts from its end. Several workloads of
// this kind share one ramp (host/jobs.c): it is over when each one's is.
//
// Sequential jobs keep a position for each kind of request, as fio does, and begin anew at the region's end. Random
// jobs draw each block independently (fio's norandommap), from a distribution (host/distribution.c).
//
// Sizes of bssplit are multiples of the smallest one, which takes the place of bs: blocks are of that size, and a
// larger request that would reach beyond the region's end ends there.
//
// Left out: block size ranges, job files, verification.
#include "host/job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/arrivals.h"
#include "host/distribution.h"
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
    struct distribution distribution; // of random ones
    uint64_t position[IO_KIND_COUNT]; // next block of a sequential stream
    uint64_t issued;  // after the ramp; flushes not counted
    uint64_t writes;  // since the last flush
    uint64_t bytes;   // of its last request that was no flush
    bool ramp;        // its last request was of the ramp
    uint64_t in_flight; // capped
    tick_t due;         // capped, while all places are taken: of the next request
};

struct job_workload {
    struct workload base;
    struct job_options options;
    char *where;      // for messages: "--job"
    uint32_t index;   // of the workload, where several run at once
    uint32_t first_cpu;
    bool random;
    bool rated;       // arrivals are set by time,
    bool capped;      // and wait for a place, too
    uint64_t limit;   // requests a job after the ramp; UINT64_MAX: none; 0: not known before the start
    uint64_t done;    // of all jobs' requests after the ramp; flushes not counted
    uint64_t ramp_left; // ramp_ios: requests that the ramp still lacks
    struct job_ramp *ramp, own_ramp;
    tick_t begins;    // at startdelay
    tick_t think_time;
    struct job *jobs;
    struct token_ring tokens; // closed loop
    struct arrivals arrivals; // rated
};

static struct job_workload *job_of(struct workload *workload)
{
    return container_of(workload, struct job_workload, base);
}

// --- regions -------------------------------------------------------------------------------------------------------

// A share of the drive is rounded down to whole requests.
static uint64_t bytes_of(const struct job_options *o, uint64_t size, const struct workload_drive *drive)
{
    if ((size & JOB_PERCENT) == 0)
        return size;
    uint64_t share = (uint64_t)((unsigned __int128)drive->capacity_bytes * (size & ~JOB_PERCENT) / 100);
    return share - share % o->bs;
}

// Returns false where the region would begin beyond the drive's end.
static bool find_first(const struct job_options *o, uint64_t job, const struct workload_drive *drive, uint64_t *first)
{
    uint64_t shift;
    return !__builtin_mul_overflow(job, bytes_of(o, o->offset_increment, drive), &shift) &&
           !__builtin_add_overflow(bytes_of(o, o->offset, drive), shift, first) && *first < drive->capacity_bytes;
}

static uint64_t region_bytes(const struct job_options *o, uint64_t first, const struct workload_drive *drive)
{
    return o->size != 0 ? bytes_of(o, o->size, drive) : drive->capacity_bytes - first;
}

static int check_region(const struct job_workload *w, uint64_t job, const struct workload_drive *drive,
                        struct diag *diag)
{
    const struct job_options *o = &w->options;
    struct place place = {.file = w->where, .line = 1};
    uint64_t first;
    if (!find_first(o, job, drive, &first) || region_bytes(o, first, drive) > drive->capacity_bytes - first)
        return diag_error(diag, place, "offset and size: the region of job %" PRIu64 " reaches beyond the drive's %"
                          PRIu64 " bytes", job, drive->capacity_bytes);
    if (region_bytes(o, first, drive) < job_options_largest(o))
        return diag_error(diag, place, "size: the region of job %" PRIu64 " is smaller than bs", job);
    if (first % drive->block_bytes != 0)
        return diag_error(diag, place, "offset: the region of job %" PRIu64 " does not begin at a logical block of %u"
                          " bytes", job, drive->block_bytes);
    return 0;
}

static int job_check(struct workload *workload, const struct workload_drive *drive, struct diag *diag)
{
    const struct job_workload *w = job_of(workload);
    const struct job_options *o = &w->options;
    if (o->bs % drive->block_bytes != 0)
        return diag_error(diag, (struct place){.file = w->where, .line = 1},
                          "bs=%" PRIu64 " is not a multiple of the logical block of %u bytes", o->bs,
                          drive->block_bytes);
    for (uint64_t job = 0; job < o->numjobs; job++)
        if (check_region(w, job, drive, diag) != 0)
            return -1;
    return 0;
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

static tick_t next_interval(struct job_workload *w, uint32_t job)
{
    uint64_t units = w->options.rate > 0 ? w->jobs[job].bytes : 1;
    return arrivals_interval(&w->arrivals, job, units, &w->jobs[job].rng);
}

static void start_arrivals(struct job_workload *w)
{
    for (uint32_t j = 0; j < w->options.numjobs; j++) {
        tick_t first = w->options.rate_process == JOB_RATE_POISSON ? next_interval(w, j) : 0;
        arrivals_push(&w->arrivals, (struct arrival){.at = w->begins + first, .stream = j});
    }
}

static void start_tokens(struct job_workload *w)
{
    for (uint64_t i = 0; i < w->options.iodepth; i++)
        for (uint32_t j = 0; j < w->options.numjobs; j++)
            token_ring_push(&w->tokens, w->begins, j);
}

// Of several workloads each has its own streams, whichever others there are.
static void start_job(struct job_workload *w, uint32_t index, const struct workload_start *start)
{
    struct job *job = &w->jobs[index];
    char path[48];
    if (w->index == 0)
        snprintf(path, sizeof path, "host.job%u", index);
    else
        snprintf(path, sizeof path, "host.%u.job%u", w->index, index);
    rng_seed(&job->rng, start->seed, path);
    find_first(&w->options, index, &start->drive, &job->first);
    job->blocks = region_bytes(&w->options, job->first, &start->drive) / w->options.bs;
    job->bytes = w->options.bs;
    struct rng spread;
    rng_seed(&spread, start->seed, "host.hot");
    distribution_init(&job->distribution, &w->options.random_distribution, job->blocks, &spread);
}

void job_join(struct workload *workload, struct job_ramp *ramp, const struct workload_start *start)
{
    struct job_workload *w = job_of(workload);
    const struct job_options *o = &w->options;
    for (uint32_t j = 0; j < o->numjobs; j++)
        start_job(w, j, start);
    uint64_t most = o->number_ios > 0 ? o->number_ios : w->jobs[0].blocks;
    w->limit = o->time_based ? UINT64_MAX : most;
    w->think_time = start->think_time;
    w->begins = start->now + o->startdelay;
    w->ramp = ramp;
    w->ramp_left = o->ramp_ios * o->numjobs;
    ramp->counting += w->ramp_left > 0;
    if (o->ramp_time > 0)
        ramp->end = MAX(ramp->end, w->begins + o->ramp_time);
    if (w->rated)
        start_arrivals(w);
    else
        start_tokens(w);
}

void job_ramp_seal(struct job_ramp *ramp, tick_t now)
{
    ramp->by_count = ramp->counting > 0;
    ramp->measured_from = ramp->by_count ? TICK_NEVER : MAX(ramp->end, now);
}

static void job_start(struct workload *workload, const struct workload_start *start)
{
    struct job_workload *w = job_of(workload);
    w->own_ramp = (struct job_ramp){0};
    job_join(workload, &w->own_ramp, start);
    job_ramp_seal(&w->own_ramp, start->now);
}

// Of issuing; TICK_NEVER: not by time, or not before the ramp has ended.
static inline tick_t end_of(const struct job_workload *w)
{
    if (w->options.runtime == 0 || w->ramp->measured_from == TICK_NEVER)
        return TICK_NEVER;
    return MAX(w->ramp->measured_from, w->begins) + w->options.runtime;
}

static inline tick_t open_arrival(struct job_workload *w)
{
    struct arrivals *arrivals = &w->arrivals;
    while (arrivals->count > 0 && is_exhausted(w, &w->jobs[arrivals->heap[0].stream]))
        arrivals_pop(arrivals);
    return arrivals->count == 0 ? TICK_NEVER : arrivals->heap[0].at;
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
    return w->rated ? open_arrival(w) : closed_arrival(w);
}

static tick_t job_arrival(struct workload *workload, tick_t now)
{
    struct job_workload *w = job_of(workload);
    tick_t at = next_arrival(w);
    return MAX(at, now) >= end_of(w) ? TICK_NEVER : at;
}

static tick_t job_until(struct workload *workload)
{
    struct job_workload *w = job_of(workload);
    return next_arrival(w) == TICK_NEVER ? 0 : end_of(w);
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

static uint64_t choose_bytes(const struct job_workload *w, struct job *job)
{
    const struct job_size_share *share = w->options.bssplit;
    if (likely(w->options.bssplit_count == 0))
        return w->options.bs;
    for (uint64_t choice = rng_below(&job->rng, 100); choice >= share->percent; share++)
        choice -= share->percent;
    return share->bytes;
}

// Of `blocks` in a row the first.
static uint64_t choose_block(const struct job_workload *w, struct job *job, enum io_kind kind, uint64_t blocks)
{
    if (w->random) {
        uint64_t drawn = distribution_draw(&job->distribution, &job->rng);
        return MIN(drawn, job->blocks - blocks);
    }
    uint64_t block = job->position[kind] + blocks > job->blocks ? 0 : job->position[kind];
    job->position[kind] = block + blocks;
    return block;
}

// Whether what arrives now is of the ramp. By requests, all jobs share one count.
static bool in_ramp(struct job_workload *w, tick_t now)
{
    struct job_ramp *ramp = w->ramp;
    if (w->ramp_left > 0) {
        ramp->counting -= --w->ramp_left == 0;
        return true;
    }
    if (ramp->counting > 0 || now < ramp->end)
        return true;
    ramp->measured_from = MIN(ramp->measured_from, now);
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
    request->bytes = job->bytes = choose_bytes(w, job);
    uint64_t blocks = likely(job->bytes == w->options.bs) ? 1 : job->bytes / w->options.bs;
    request->offset = job->first + choose_block(w, job, request->kind, blocks) * w->options.bs;
    request->fua = request->kind == IO_WRITE && w->options.writefua;
    job->writes += request->kind == IO_WRITE;
    job->issued += !job->ramp;
}

// Then it waits for its time in the heap, or for a place beside it. A flush that is due now arrives at once.
static void set_next_arrival(struct job_workload *w, uint32_t index)
{
    struct job *job = &w->jobs[index];
    tick_t interval = flush_due(w, job) ? 0 : next_interval(w, index);
    if (w->capped && ++job->in_flight == w->options.iodepth)
        job->due = arrivals_pop(&w->arrivals).at + interval;
    else
        arrivals_delay(&w->arrivals, interval);
}

static void job_next(struct workload *workload, tick_t now, struct workload_request *request)
{
    struct job_workload *w = job_of(workload);
    uint32_t index = w->rated ? w->arrivals.heap[0].stream : token_ring_pop(&w->tokens);
    request->cpu = w->first_cpu + index;
    request->job = index;
    make_request(w, &w->jobs[index], now, request);
    if (w->rated)
        set_next_arrival(w, index);
}

// A place is free again.
static void give_back(struct job_workload *w, uint32_t index)
{
    struct job *job = &w->jobs[index];
    if (job->in_flight-- == w->options.iodepth)
        arrivals_push(&w->arrivals, (struct arrival){.at = job->due, .stream = index});
}

static void job_completed(struct workload *workload, tick_t now, const struct workload_request *request)
{
    struct job_workload *w = job_of(workload);
    w->done += !request->ramp && request->kind != IO_FLUSH;
    if (w->capped)
        give_back(w, request->job);
    else if (!w->rated)
        token_ring_push(&w->tokens, now + w->think_time, request->job);
}

static tick_t job_ramp_end(const struct workload *workload)
{
    const struct job_ramp *ramp = container_of(workload, struct job_workload, base)->ramp;
    return ramp->by_count ? TICK_NEVER : ramp->end;
}

static void job_destroy(struct workload *workload)
{
    struct job_workload *w = job_of(workload);
    token_ring_destroy(&w->tokens);
    arrivals_destroy(&w->arrivals);
    free(w->jobs);
    free(w->where);
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

struct workload *job_create_one_of(const char *text, const char *where, uint32_t index, struct diag *diag)
{
    struct job_options options;
    if (job_options_parse(text, where, &options, diag) != 0)
        return NULL;
    struct job_workload *w = xcalloc(1, sizeof *w);
    w->options = options;
    w->where = xstrdup(where);
    w->index = index;
    w->random = options.rw >= JOB_RANDREAD;
    w->rated = options.rate_iops > 0 || options.rate > 0;
    w->capped = w->rated && options.iodepth_given;
    w->base = (struct workload){.ops = &job_ops, .open_loop = w->rated && !w->capped};
    w->limit = options.number_ios;
    w->jobs = xcalloc(options.numjobs, sizeof *w->jobs);
    arrivals_init(&w->arrivals, (uint32_t)options.numjobs, MAX(options.rate_iops, options.rate),
                  options.rate_process == JOB_RATE_POISSON);
    token_ring_init(&w->tokens, (uint32_t)(options.iodepth * options.numjobs));
    return &w->base;
}

struct workload *job_create(const char *text, struct diag *diag)
{
    return job_create_one_of(text, "--job", 0, diag);
}

const struct job_options *job_get_options(const struct workload *workload)
{
    return &container_of(workload, struct job_workload, base)->options;
}

void job_set_first_cpu(struct workload *workload, uint32_t cpu)
{
    job_of(workload)->first_cpu = cpu;
}

tick_t job_begins(const struct workload *workload)
{
    return container_of(workload, struct job_workload, base)->begins;
}
