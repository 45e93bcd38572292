// A synthetic workload in fio's words: numjobs equal jobs, each on a CPU of its own.
//
// Closed loop: every job owns iodepth tokens; a completion frees one (after the host's think time) and the next
// request takes it. Open loop (rate_iops, rate): arrivals are set by time alone (host/job/arrivals.c). With both a rate
// and iodepth a request waits for its time and for one of iodepth places, as in fio: what is late catches up.
//
// A ramp, by time or by requests of all jobs together, goes first. What arrives within it is not measured, even where
// it completes later, so that number_ios requests are measured exactly and none of them has had a part of its time,
// or moved a part of its data, outside the time that is measured. runtime counts from its end. Several workloads of
// this kind share one ramp (host/job/jobs.c): it is over when each one's is.
//
// Sequential jobs keep a position for each kind of request, as fio does, and begin anew at the region's end. Random
// jobs draw each block independently (fio's norandommap), from a distribution (host/job/distribution.c).
//
// Sizes of bssplit are multiples of the smallest one, which takes the place of bs: blocks are of that size, and a
// larger request that would reach beyond the region's end ends there.
//
// Where the words want more, requests come from fio's own choices (host/job/fio_pattern.h), always one ahead, at a pace
// that other words set (host/job/job_pace.h): such a job waits with others for its turn, or parked for a completion.
//
// Left out: verification.
#include "host/job/job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/beside.h"
#include "host/job/arrivals.h"
#include "host/job/distribution.h"
#include "host/job/fio_pattern.h"
#include "host/job/job_options.h"
#include "host/job/job_pace.h"
#include "host/job/job_region.h"
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
    uint64_t writes, flushed; // so far, and of them before the last flush
    uint64_t bytes;   // of its last request that was no flush
    bool ramp;        // its last request was of the ramp
    uint64_t in_flight; // capped
    tick_t due;         // capped, while all places are taken: of the next request
    struct followed *followed; // NULL: requests are independent draws
};

// A job whose requests follow a pattern.
struct followed {
    struct fio_pattern pattern;
    struct job_pace pace;
    struct fio_request next;
    bool has_next;
    bool parked;    // not among the arrivals
    bool searches;  // for a depth; what it issues counts as ramp
    bool ended;     // its last flush has gone
    tick_t now;     // when the next one is chosen
};

struct job_workload {
    struct workload base;
    struct job_options options;
    struct place place; // for messages; the file's name is its own
    uint32_t index;   // of the workload, where several run at once
    uint32_t first_cpu;
    bool random;
    bool rated;       // arrivals are set by time,
    bool capped;      // and wait for a place, too
    uint64_t limit;   // requests a job after the ramp; UINT64_MAX: none; 0: not known before the start
    uint64_t done;    // of all jobs' requests after the ramp; flushes not counted
    uint64_t ramp_left; // ramp_ios: requests that the ramp still lacks
    struct load_ramp *ramp, own_ramp;
    tick_t begins;    // at startdelay
    tick_t think_time;
    struct job *jobs;
    struct token_ring tokens; // closed loop
    struct arrivals arrivals; // rated
    struct load_terms terms;
};

static struct job_workload *job_of(struct workload *workload)
{
    return container_of(workload, struct job_workload, base);
}

// Of what a pattern may choose.
static bool offsets_fit(const struct job_options *o, uint32_t block)
{
    bool fine = job_is_random(o) || o->rw_run % block == 0;
    for (const struct job_each *each = o->each; each < o->each + JOB_DIRECTIONS; each++)
        fine &= each->bsrange.min % block == 0 && each->blockalign % block == 0;
    return fine && o->zonerange % block == 0 && o->zoneskip % block == 0;
}

static int job_check(struct workload *workload, const struct workload_drive *drive, struct diag *diag)
{
    const struct job_workload *w = job_of(workload);
    const struct job_options *o = &w->options;
    if (o->bs % drive->block_bytes != 0)
        return diag_error(diag, w->place, "bs=%" PRIu64 " is not a multiple of the logical block of %u bytes", o->bs,
                          drive->block_bytes);
    if (!offsets_fit(o, drive->block_bytes))
        return diag_error(diag, w->place, "sizes, blockalign and bytes passed over must be multiples of the logical "
                          "block of %u bytes", drive->block_bytes);
    for (uint64_t job = 0; job < o->numjobs; job++)
        if (job_region_check(o, job, drive, w->place, diag) != 0)
            return -1;
    return 0;
}

// --- the life of a job ---------------------------------------------------------------------------------------------

static bool is_due(uint64_t every, const struct job *job)
{
    return every > 0 && job->writes >= every && job->writes % every == 0;
}

// Once after as many writes.
static bool flush_due(const struct job_workload *w, const struct job *job)
{
    const struct job_options *o = &w->options;
    return (o->fsync | o->fdatasync) != 0 && job->writes > job->flushed &&
           (is_due(o->fsync, job) || is_due(o->fdatasync, job));
}

static bool last_flush_due(const struct job_workload *w, const struct job *job)
{
    const struct followed *f = job->followed;
    return w->options.end_fsync && !f->ended && f->pace.in_flight == 0;
}

static bool has_next(const struct job_workload *w, const struct job *job)
{
    return job->followed->has_next && job->issued < w->limit && !job_pace_is_over(&job->followed->pace);
}

static bool is_exhausted(const struct job_workload *w, const struct job *job)
{
    if (unlikely(job->followed != NULL))
        return !has_next(w, job) && !last_flush_due(w, job);
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
        tick_t first = w->options.rate_process.random ? next_interval(w, j) : 0;
        arrivals_push(&w->arrivals, (struct arrival){.at = w->begins + first, .stream = j});
    }
}

static void start_tokens(struct job_workload *w)
{
    for (uint64_t i = 0; i < w->options.iodepth; i++)
        for (uint32_t j = 0; j < w->options.numjobs; j++)
            token_ring_push(&w->tokens, w->begins, j);
}

static enum job_direction take_turn(void *context, enum job_direction drawn)
{
    const struct followed *f = context;
    return job_pace_turn(&f->pace, f->now, drawn);
}

// The next request of a pattern, so that it is known whether there is one.
static void look_ahead(struct followed *f, tick_t now)
{
    struct fio_turn turn = {take_turn, f};
    f->now = now;
    f->has_next = fio_pattern_next(&f->pattern, &turn, &f->next);
}

// With fio's generators the run's seed moves fio's own seeds, which are those of the first seed, 1.
static struct fio_seeds seeds_of(const struct job_options *o, struct job *job, uint32_t thread, uint64_t seed)
{
    struct fio_seeds seeds;
    if (o->randseed_given)
        fio_seeds_of(&seeds, o->randseed, thread);
    else if (o->random_generator != FIO_GENERATOR_XOSHIRO)
        fio_seeds_without(&seeds, seed - 1, thread, job_is_random(o));
    else
        for (int i = 0; i < FIO_DRAWS; i++)
            seeds.of[i] = rng_u64(&job->rng);
    return seeds;
}

static void start_pattern(struct job_workload *w, struct job *job, uint32_t thread, const struct job_region *region,
                          uint64_t seed)
{
    struct fio_seeds seeds = seeds_of(&w->options, job, thread, seed);
    job->followed = xcalloc(1, sizeof *job->followed);
    fio_pattern_init(&job->followed->pattern, &w->options, &seeds, region);
}

static void start_patterns(struct job_workload *w)
{
    for (uint32_t j = 0; j < w->options.numjobs; j++) {
        struct followed *f = w->jobs[j].followed;
        job_pace_init(&f->pace, &w->options, w->begins);
        f->searches = job_pace_searches(&f->pace);
        w->ramp->counting += f->searches;
        look_ahead(f, w->begins);
        arrivals_push(&w->arrivals, (struct arrival){.at = w->begins, .stream = j});
    }
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
    struct job_region region = job_region_of(&w->options, index, &start->drive);
    job->first = region.first;
    job->blocks = region.bytes / w->options.bs;
    job->bytes = w->options.bs;
    if (w->options.by_pattern) {
        start_pattern(w, job, w->first_cpu + index + 1, &region, start->seed);
        return;
    }
    struct rng spread;
    rng_seed(&spread, start->seed, "host.hot");
    distribution_init(&job->distribution, &w->options.random_distribution, job->blocks, &spread);
}

// Of a pattern its bytes are the limit, too; of trimwrite each request is two.
static uint64_t limit_of(const struct job_workload *w)
{
    const struct job_options *o = &w->options;
    if (o->by_pattern) {
        uint64_t each = job_moves(o, JOB_WRITES) && job_moves(o, JOB_TRIMS) && o->fio ? 2 : 1, limit;
        bool endless = o->number_ios == 0 || __builtin_mul_overflow(o->number_ios * each, o->loops, &limit);
        return endless ? UINT64_MAX : limit;
    }
    uint64_t most = o->number_ios > 0 ? o->number_ios : w->jobs[0].blocks;
    return o->time_based ? UINT64_MAX : most;
}

static void join(struct workload *workload, struct load_ramp *ramp, const struct workload_start *start)
{
    struct job_workload *w = job_of(workload);
    const struct job_options *o = &w->options;
    for (uint32_t j = 0; j < o->numjobs; j++)
        start_job(w, j, start);
    w->limit = limit_of(w);
    w->think_time = start->think_time;
    w->begins = start->now + o->startdelay;
    w->ramp = ramp;
    w->ramp_left = o->ramp_ios * o->numjobs;
    ramp->counting += w->ramp_left > 0;
    if (o->ramp_time > 0)
        ramp->end = MAX(ramp->end, w->begins + o->ramp_time);
    if (o->by_pattern)
        start_patterns(w);
    else if (w->rated)
        start_arrivals(w);
    else
        start_tokens(w);
}

static void job_start(struct workload *workload, const struct workload_start *start)
{
    struct job_workload *w = job_of(workload);
    w->own_ramp = (struct load_ramp){0};
    join(workload, &w->own_ramp, start);
    load_ramp_seal(&w->own_ramp, start->now);
}

// Of issuing; TICK_NEVER: not by time, or not before the ramp has ended.
static inline tick_t end_of(const struct job_workload *w)
{
    if (w->options.runtime > 0 && w->options.latency_target > 0)
        return w->begins + w->options.runtime;
    if (w->options.runtime == 0 || w->ramp->measured_from == TICK_NEVER)
        return TICK_NEVER;
    return MAX(w->ramp->measured_from, w->begins) + w->options.runtime;
}

// Whether it leaves the arrivals: for good, or for a completion to bring it back.
static bool parks(struct job_workload *w, struct job *job)
{
    bool leaves = is_exhausted(w, job);
    if (job->followed != NULL)
        job->followed->parked = leaves |= job_pace_holds(&job->followed->pace);
    return leaves;
}

static inline tick_t open_arrival(struct job_workload *w)
{
    struct arrivals *arrivals = &w->arrivals;
    while (arrivals->count > 0 && parks(w, &w->jobs[arrivals->heap[0].stream]))
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
    return w->rated || w->options.by_pattern ? open_arrival(w) : closed_arrival(w);
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
    case JOB_TRIMWRITE:
    case JOB_RANDTRIMWRITE: // by pattern
    case JOB_RW:
    case JOB_RANDRW:
        break;
    }
    return rng_below(&job->rng, 100) < w->options.rwmixread ? IO_READ : IO_WRITE;
}

static uint64_t choose_bytes(const struct job_workload *w, struct job *job)
{
    const struct job_split *split = &w->options.each[JOB_READS].bssplit;
    const struct job_size_share *share = split->of;
    if (likely(split->count == 0))
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
    struct load_ramp *ramp = w->ramp;
    if (w->ramp_left > 0) {
        ramp->counting -= --w->ramp_left == 0;
        return true;
    }
    if (ramp->counting > 0 || now < ramp->end)
        return true;
    ramp->measured_from = MIN(ramp->measured_from, now);
    return false;
}

// What the pattern has looked ahead to, or the flush at its end.
static void make_followed(struct job *job, tick_t now, struct workload_request *request)
{
    static const enum io_kind kinds[] = {[JOB_READS] = IO_READ, [JOB_WRITES] = IO_WRITE, [JOB_TRIMS] = IO_TRIM};
    struct followed *f = job->followed;
    enum job_direction direction = f->next.direction;
    request->kind = kinds[direction];
    request->offset = f->next.offset;
    request->bytes = job->bytes = f->next.bytes;
    request->issued = now;
    job_pace_issued(&f->pace, now, direction, request->bytes, &job->rng);
    look_ahead(f, now);
}

static void make_independent(struct job_workload *w, struct job *job, struct workload_request *request)
{
    request->kind = choose_kind(w, job);
    request->bytes = job->bytes = choose_bytes(w, job);
    uint64_t blocks = likely(job->bytes == w->options.bs) ? 1 : job->bytes / w->options.bs;
    request->offset = job->first + choose_block(w, job, request->kind, blocks) * w->options.bs;
}

// It belongs to the writes before it.
static void make_flush(struct job_workload *w, struct job *job, struct workload_request *request)
{
    request->kind = IO_FLUSH;
    request->ramp = job->ramp;
    job->flushed = job->writes;
    if (job->followed == NULL)
        return;
    job->followed->ended = !has_next(w, job);
    job_pace_flushed(&job->followed->pace);
}

// The first request of the window that is measured.
static void note_found(struct job_workload *w, struct followed *f)
{
    if (!f->searches || job_pace_searches(&f->pace))
        return;
    f->searches = false;
    w->ramp->counting--;
}

static void make_request(struct job_workload *w, struct job *job, tick_t now, struct workload_request *request)
{
    bool over = job->followed != NULL && !has_next(w, job);
    if (over || flush_due(w, job)) {
        make_flush(w, job, request);
        return;
    }
    if (unlikely(job->followed != NULL))
        note_found(w, job->followed);
    request->ramp = job->ramp = in_ramp(w, now);
    if (unlikely(job->followed != NULL))
        make_followed(job, now, request);
    else
        make_independent(w, job, request);
    request->fua = request->kind == IO_WRITE && w->options.writefua;
    job->writes += request->kind == IO_WRITE;
    job->issued += !job->ramp;
}

// When a pattern's next request is; a flush follows at once.
static tick_t due_of(const struct job_workload *w, const struct job *job)
{
    const struct followed *f = job->followed;
    bool flush = flush_due(w, job) || !has_next(w, job);
    return flush ? f->pace.ready : job_pace_due(&f->pace, f->next.direction);
}

// Then it waits for its time in the heap, or for a place beside it. A flush that is due now arrives at once.
static void set_next_arrival(struct job_workload *w, uint32_t index)
{
    struct job *job = &w->jobs[index];
    if (job->followed != NULL) {
        arrivals_delay(&w->arrivals, MAX(due_of(w, job), w->arrivals.heap[0].at) - w->arrivals.heap[0].at);
        return;
    }
    tick_t interval = flush_due(w, job) ? 0 : next_interval(w, index);
    if (w->capped && ++job->in_flight == w->options.iodepth)
        job->due = arrivals_pop(&w->arrivals).at + interval;
    else
        arrivals_delay(&w->arrivals, interval);
}

static void job_next(struct workload *workload, tick_t now, struct workload_request *request)
{
    struct job_workload *w = job_of(workload);
    bool timed = w->rated || w->options.by_pattern;
    uint32_t index = timed ? w->arrivals.heap[0].stream : token_ring_pop(&w->tokens);
    request->cpu = w->first_cpu + index;
    request->job = index;
    make_request(w, &w->jobs[index], now, request);
    if (timed)
        set_next_arrival(w, index);
}

// A place is free again.
static void give_back(struct job_workload *w, uint32_t index)
{
    struct job *job = &w->jobs[index];
    if (job->in_flight-- == w->options.iodepth)
        arrivals_push(&w->arrivals, (struct arrival){.at = job->due, .stream = index});
}

// It may go on.
static void unpark(struct job_workload *w, tick_t now, const struct workload_request *request)
{
    uint32_t index = request->job;
    struct job *job = &w->jobs[index];
    struct followed *f = job->followed;
    job_pace_completed(&f->pace, now, request->kind == IO_FLUSH, now - request->issued);
    if (!f->parked || job_pace_holds(&f->pace) || is_exhausted(w, job))
        return;
    f->parked = false;
    arrivals_push(&w->arrivals, (struct arrival){.at = MAX(due_of(w, job), now + w->think_time), .stream = index});
}

static void job_completed(struct workload *workload, tick_t now, const struct workload_request *request)
{
    struct job_workload *w = job_of(workload);
    w->done += !request->ramp && request->kind != IO_FLUSH;
    if (w->options.by_pattern)
        unpark(w, now, request);
    else if (w->capped)
        give_back(w, request->job);
    else if (!w->rated)
        token_ring_push(&w->tokens, now + w->think_time, request->job);
}

static tick_t job_ramp_end(const struct workload *workload)
{
    const struct load_ramp *ramp = container_of(workload, struct job_workload, base)->ramp;
    return ramp->by_count ? TICK_NEVER : ramp->end;
}

static void free_pattern(struct followed *followed)
{
    if (followed != NULL)
        fio_pattern_destroy(&followed->pattern);
    free(followed);
}

static void job_destroy(struct workload *workload)
{
    struct job_workload *w = job_of(workload);
    token_ring_destroy(&w->tokens);
    arrivals_destroy(&w->arrivals);
    for (uint32_t j = 0; j < w->options.numjobs; j++)
        free_pattern(w->jobs[j].followed);
    free(w->jobs);
    free((char *)w->place.file);
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

// --- beside others -------------------------------------------------------------------------------------------------

static const struct load_terms *get_terms(const struct workload *workload)
{
    return &container_of(workload, struct job_workload, base)->terms;
}

static void set_first_cpu(struct workload *workload, uint32_t cpu)
{
    job_of(workload)->first_cpu = cpu;
}

// One that has a ramp of its own is measured from its end on.
static tick_t begins_of(const struct workload *workload)
{
    const struct job_workload *w = container_of(workload, struct job_workload, base);
    bool own = w->ramp == &w->own_ramp && w->ramp->measured_from != TICK_NEVER;
    return own ? MAX(w->begins, w->ramp->measured_from) : w->begins;
}

static const struct beside_ops beside = {
    .terms = get_terms,
    .set_first_cpu = set_first_cpu,
    .join = join,
    .begins = begins_of,
};

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
    .beside = &beside,
};

static struct load_terms terms_of(const struct job_options *o)
{
    struct load_terms terms = {
        .cpus = (uint32_t)o->numjobs,
        .numjobs = o->numjobs,
        .stonewall = o->stonewall != 0,
        .exitall = o->exitall != 0,
        .has_load = o->iodepth_given || o->rate_iops > 0 || o->rate > 0,
        .by_requests = o->runtime == 0 && !o->time_based && o->ramp_time == 0 && o->ramp_ios == 0,
    };
    _Static_assert(sizeof terms.name == sizeof o->name, "a job's name is a load's");
    memcpy(terms.name, o->name, sizeof terms.name);
    return terms;
}

struct workload *job_create_one_of(const struct job_text *text, uint32_t index, struct diag *diag)
{
    struct job_options options;
    if (job_options_parse_text(text, &options, diag) != 0)
        return NULL;
    struct job_workload *w = xcalloc(1, sizeof *w);
    w->options = options;
    w->terms = terms_of(&options);
    w->place = (struct place){.file = xstrdup(text->where), .line = text->line};
    w->index = index;
    w->random = job_is_random(&options);
    w->rated = options.rate_iops > 0 || options.rate > 0;
    w->capped = w->rated && options.iodepth_given;
    w->base = (struct workload){.ops = &job_ops, .open_loop = w->rated && !w->capped};
    w->limit = options.number_ios;
    w->jobs = xcalloc(options.numjobs, sizeof *w->jobs);
    arrivals_init(&w->arrivals, (uint32_t)options.numjobs, MAX(options.rate_iops, options.rate),
                  &w->options.rate_process);
    token_ring_init(&w->tokens, (uint32_t)(options.iodepth * options.numjobs));
    return &w->base;
}

struct workload *job_create(const char *text, struct diag *diag)
{
    return job_create_one_of(&(struct job_text){.text = text, .where = "--job", .line = 1}, 0, diag);
}
