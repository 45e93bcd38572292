// Utilisation over time of a group of equal resources, such as all dies.
//
// Busy time is added interval by interval and kept in a fixed number of bins; when time runs past the last bin, pairs
// of bins are merged and the bins are twice as wide. So memory is constant and the resolution follows the run.
//
// Who wants to know of each interval, whose it is and what for, listens to the meter: the intervals are then those that
// add up to the utilisation, whoever listens. Where nobody does it costs nothing: the test that the interval lies in the
// bin that was added to last fails when somebody listens, and what the interval was for is looked up only behind it.
#ifndef SQTAIL_STATS_METER_H
#define SQTAIL_STATS_METER_H

#include <stddef.h>
#include <stdint.h>

#include "sim/tick.h"
#include "util/macros.h"

enum { METER_BINS = 1024 };

struct nand_op;

// What an interval is for.
struct meter_use {
    uint32_t index;           // which of the equal resources
    const char *what;         // in a word; NULL: the operation says it, if there is one
    const struct nand_op *op; // of dies and channels: whose it is
};

// Told of each interval when it is added: its end, or even its beginning, may lie in the future. May not change what is
// simulated.
struct meter_listener {
    struct meter_listener *next;
    void (*busy)(struct meter_listener *listener, tick_t start, tick_t duration, const struct meter_use *use);
};

struct meter {
    uint32_t resources; // how many resources are measured together
    unsigned shift;     // a bin is 2^shift ps wide
    tick_t origin;      // time 0 of bin 0; earlier time is not counted
    tick_t latest;      // end of the latest busy interval
    uint32_t bin;       // the one that was added to last,
    tick_t from, to;    // and the time that it covers; none: to < from
    struct meter_listener *listeners; // NULL: none
    const char *units; // the equal resources, an array of structs
    size_t unit_bytes;
    tick_t *each;      // of each resource the busy time in the same bins, ps; NULL: not kept
    tick_sum_t busy[METER_BINS]; // of all resources, ps
};

void meter_init(struct meter *meter, uint32_t resources);

// The resources are the first `resources` structs of an array, so that who listens can be told which.
void meter_set_units(struct meter *meter, const void *units, size_t unit_bytes);

// Keeps the busy time of each resource, too; meter_destroy frees it.
void meter_keep_each(struct meter *meter);
void meter_destroy(struct meter *meter);

// Where that of one of them is kept, METER_BINS of them: for meter_add_own.
static inline tick_t *meter_own(const struct meter *meter, uint32_t index)
{
    return meter->each + (size_t)index * METER_BINS;
}

// Forgets everything and starts counting at `origin`: preparation is not part of the measurement.
void meter_restart(struct meter *meter, tick_t origin);

// Tells `listener` of what is added from now on; it must outlive the meter's use.
void meter_listen(struct meter *meter, struct meter_listener *listener);

// What meter_add leaves to be done when the interval is not within the bin that was added to last.
void meter_add_elsewhere(struct meter *meter, tick_t *own, tick_t start, tick_t duration);

// The same, and those who listen are told.
__attribute__((cold)) void meter_add_told(struct meter *meter, tick_t *own, tick_t start, tick_t duration,
                                          const void *unit, const char *const *what, const struct nand_op *op);

// One of the resources, `unit`, was, or is known to be going to be, busy from `start` on for `duration`. What of it and
// of struct meter_use has to be looked up is looked up only when somebody listens. `own`: meter_own of the resource, or
// NULL.
static inline void meter_add_own(struct meter *meter, tick_t *own, tick_t start, tick_t duration, const void *unit,
                                 const char *const *what, const struct nand_op *op)
{
    tick_t end = start + duration;
    if (likely(start >= meter->from && end <= meter->to && duration > 0)) {
        meter->busy[meter->bin] += duration;
        if (own != NULL)
            own[meter->bin] += duration;
        meter->latest = MAX(meter->latest, end);
        return;
    }
    if (unlikely(meter->listeners != NULL))
        meter_add_told(meter, own, start, duration, unit, what, op);
    else
        meter_add_elsewhere(meter, own, start, duration);
}

static inline void meter_add_use(struct meter *meter, tick_t start, tick_t duration, const void *unit,
                                 const char *const *what, const struct nand_op *op)
{
    meter_add_own(meter, NULL, start, duration, unit, what, op);
}

static inline void meter_add(struct meter *meter, tick_t start, tick_t duration)
{
    meter_add_use(meter, start, duration, NULL, NULL, NULL);
}

// Busy time in a bin before `end`: a drive goes on working after what is measured has ended. Exact but in the one bin
// that holds `end`, over which busy time is taken as spread evenly.
double meter_busy_before(const struct meter *meter, uint32_t bin, tick_t end);

// Busy time of all resources since the origin, ps.
tick_sum_t meter_total(const struct meter *meter);

// The same of one of the resources, and from origin until `end`.
double meter_own_before(const struct meter *meter, uint32_t index, uint32_t bin, tick_t end);
double meter_own_total(const struct meter *meter, uint32_t index, tick_t end);

// Mean utilisation, 0 to 1, from origin until `end`.
double meter_utilization(const struct meter *meter, tick_t end);

#endif
