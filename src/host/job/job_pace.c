// When a job whose requests follow a pattern may issue the next one, after fio's backend.c and io_u.c (3.33).
//
// Depth: once iodepth requests are in flight, nothing is issued until iodepth_low are left, or until
// iodepth_batch_complete_min have completed, whichever is later. Think time: after thinktime_blocks requests, or
// thinktime_iotime, everything in flight is waited for, then thinktime passes. Rates: each direction has a clock, which
// each of its requests sets forward by its bytes over the rate; rate_iops is one of requests of the smallest size.
// Poisson, and where the rate changes: by an exponential time with the mean of a request of the smallest size.
#include "host/job/job_pace.h"

#include "host/job/arrivals.h"
#include "util/macros.h"

void job_pace_init(struct job_pace *pace, const struct job_options *o, tick_t begins)
{
    bool rated = o->rate > 0 || o->rate_iops > 0;
    *pace = (struct job_pace){.options = o, .thought = begins};
    pace->depth = rated && !o->iodepth_given ? UINT64_MAX : o->iodepth;
    if (o->latency_target > 0) {
        latency_target_init(&pace->target, o, begins);
        pace->depth = pace->target.depth;
    }
    for (int i = 0; i < JOB_DIRECTIONS; i++) {
        const struct job_each *each = &o->each[i];
        pace->clocks[i].rate = each->rate > 0 ? each->rate : each->rate_iops * each->bsrange.min;
        pace->clocks[i].due = begins;
    }
}

static void think(struct job_pace *pace, tick_t now)
{
    const struct job_options *o = pace->options;
    bool by_time = o->thinktime_iotime > 0 && now - pace->thought >= o->thinktime_iotime + o->thinktime;
    if (o->thinktime == 0 || !(by_time || pace->counted - pace->thought_at >= o->thinktime_blocks))
        return;
    pace->thinking = true;
    pace->thought_at = pace->counted;
    pace->thought = now;
}

static void take_place(struct job_pace *pace)
{
    pace->full |= ++pace->in_flight >= pace->depth;
}

void job_pace_flushed(struct job_pace *pace)
{
    take_place(pace);
}

static tick_t interval_of(struct job_clock *clock, const struct rate_process *process, uint64_t least, uint64_t bytes,
                          struct rng *rng)
{
    if (!process->random)
        return arrivals_linear(clock->rate, bytes, &clock->remainder);
    tick_t interval = arrivals_poisson(clock->rate, least, rng);
    return process->count == 0 ? interval : rate_process_stretch(process, &clock->phase, interval, rng);
}

void job_pace_issued(struct job_pace *pace, tick_t now, enum job_direction direction, uint64_t bytes, struct rng *rng)
{
    const struct job_options *o = pace->options;
    struct job_clock *clock = &pace->clocks[direction];
    take_place(pace);
    pace->counted += o->thinktime_blocks_type == JOB_BLOCKS_ISSUE;
    if (clock->rate > 0)
        clock->due += interval_of(clock, &o->rate_process, o->each[direction].bsrange.min, bytes, rng);
    if (!pace->full)
        think(pace, now);
}

static uint64_t resume_at(const struct job_pace *pace)
{
    const struct job_options *o = pace->options;
    uint64_t batch = MIN(MAX(o->iodepth_batch_complete_min, 1), pace->depth);
    uint64_t low = o->iodepth_low == 0 ? pace->depth : o->iodepth_low;
    return MIN(pace->depth - batch, low);
}

void job_pace_completed(struct job_pace *pace, tick_t now, bool flush, tick_t latency)
{
    pace->in_flight--;
    if (pace->options->latency_target > 0 && !flush) {
        latency_target_completed(&pace->target, now, latency, pace->in_flight);
        pace->depth = pace->target.depth;
    }
    pace->counted += !flush && pace->options->thinktime_blocks_type == JOB_BLOCKS_COMPLETE;
    if (pace->full && pace->in_flight <= resume_at(pace)) {
        pace->full = false;
        think(pace, now);
    }
    if (!pace->thinking || pace->in_flight > 0)
        return;
    pace->thinking = false;
    pace->ready = now + pace->options->thinktime;
}

tick_t job_pace_due(const struct job_pace *pace, enum job_direction direction)
{
    return MAX(pace->clocks[direction].rate > 0 ? pace->clocks[direction].due : 0, pace->ready);
}

enum job_direction job_pace_turn(const struct job_pace *pace, tick_t now, enum job_direction drawn)
{
    enum job_direction other = drawn == JOB_READS ? JOB_WRITES : JOB_READS;
    uint64_t share = other == JOB_READS ? pace->options->rwmixread : 100 - pace->options->rwmixread;
    tick_t due = job_pace_due(pace, drawn), due_other = job_pace_due(pace, other);
    if (due <= now || share == 0 || (due_other > now && due <= due_other))
        return drawn;
    return other;
}
