// Utilisation over time of a group of equal resources, such as all dies.
//
// Busy time is added interval by interval and kept in a fixed number of bins; when time runs past the last bin, pairs
// of bins are merged and the bins are twice as wide. So memory is constant and the resolution follows the run.
#ifndef SQTAIL_STATS_METER_H
#define SQTAIL_STATS_METER_H

#include <stdint.h>

#include "sim/tick.h"
#include "util/macros.h"

enum { METER_BINS = 1024 };

struct meter {
    uint32_t resources; // how many resources are measured together
    unsigned shift;     // a bin is 2^shift ps wide
    tick_t origin;      // time 0 of bin 0; earlier time is not counted
    tick_t latest;      // end of the latest busy interval
    uint32_t bin;       // the one that was added to last,
    tick_t from, to;    // and the time that it covers; none: to < from
    tick_sum_t busy[METER_BINS]; // of all resources, ps
};

void meter_init(struct meter *meter, uint32_t resources);

// Forgets everything and starts counting at `origin`: preparation is not part of the measurement.
void meter_restart(struct meter *meter, tick_t origin);

// What meter_add leaves to be done when the interval is not within the bin that was added to last.
void meter_add_elsewhere(struct meter *meter, tick_t start, tick_t duration);

// One of the resources was, or is known to be going to be, busy from `start` on for `duration`.
static inline void meter_add(struct meter *meter, tick_t start, tick_t duration)
{
    tick_t end = start + duration;
    if (likely(start >= meter->from && end <= meter->to && duration > 0)) {
        meter->busy[meter->bin] += duration;
        meter->latest = MAX(meter->latest, end);
        return;
    }
    meter_add_elsewhere(meter, start, duration);
}

// Busy time in a bin before `end`: a drive goes on working after what is measured has ended. Exact but in the one bin
// that holds `end`, over which busy time is taken as spread evenly.
double meter_busy_before(const struct meter *meter, uint32_t bin, tick_t end);

// Busy time of all resources since the origin, ps.
tick_sum_t meter_total(const struct meter *meter);

// Mean utilisation, 0 to 1, from origin until `end`.
double meter_utilization(const struct meter *meter, tick_t end);

#endif
