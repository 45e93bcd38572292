// The largest depth that holds a latency, after fio's io_u.c (lat_target_*, 3.33).
//
// The depth begins at 1. When latency_percentile of the requests of a window have been within the target it doubles, or,
// once some depth has failed, goes half way to the lowest that has; when not, or with a percentile of 100 at the first
// request that was late, what is in flight is waited for, and the depth goes half way down to the highest that held.
// Held three times right below the one that failed, that one is tried again. Where the depth stays, it is found: what is
// in flight is waited for, and one more window is the one that is measured; with latency_run the search goes on instead.
//
// Otherwise than in fio, which fails, a target that one request at a time misses ends with a window at that depth.
#include "host/job/latency_target.h"

#include "util/macros.h"

static void begin_window(struct latency_target *target, tick_t now)
{
    target->since = now;
    target->done = target->failed = 0;
}

void latency_target_init(struct latency_target *target, const struct job_options *o, tick_t now)
{
    *target = (struct latency_target){.options = o, .depth = 1, .low = 1, .high = o->iodepth};
    begin_window(target, now);
}

static void settle_on(struct latency_target *target)
{
    target->found = !target->options->latency_run;
    target->quiesces = target->found;
}

static void go_up(struct latency_target *target)
{
    uint64_t tried = target->depth;
    target->low = tried;
    if (tried + 1 == target->high && ++target->held_below >= 3) {
        target->high++;
        target->held_below = 0;
    }
    target->depth = target->high != target->options->iodepth ? (tried + target->high) / 2 : 2 * tried;
    target->depth = MIN(target->depth, target->options->iodepth);
    if (target->depth == tried)
        settle_on(target);
}

static void go_down(struct latency_target *target)
{
    if (target->depth == 1) {
        settle_on(target);
        return;
    }
    target->high = target->depth;
    target->low -= target->depth == target->low;
    target->depth = (target->depth + target->low) / 2;
    target->held_below = 0;
    target->quiesces = true;
}

void latency_target_completed(struct latency_target *target, tick_t now, tick_t latency, uint64_t left)
{
    const struct job_options *o = target->options;
    bool late = latency > o->latency_target;
    if (target->quiesces) { // of the depth before
        target->quiesces = left > 0;
        begin_window(target, now);
        return;
    }
    target->done++;
    target->failed += late;
    bool at_once = late && o->latency_percentile == 100 && !target->found;
    if (!at_once && now - target->since < o->latency_window)
        return;
    bool held = 100.0 * (double)(target->done - target->failed) >= o->latency_percentile * (double)target->done;
    if (target->found)
        target->over = true;
    else if (held)
        go_up(target);
    else
        go_down(target);
    target->quiesces &= left > 0;
    begin_window(target, now);
}
