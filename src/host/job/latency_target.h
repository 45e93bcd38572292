// The largest depth that holds a latency: fio's latency_target.
#ifndef SQTAIL_HOST_JOB_LATENCY_TARGET_H
#define SQTAIL_HOST_JOB_LATENCY_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "host/job/job_options.h"

struct latency_target {
    const struct job_options *options;
    uint64_t depth;         // that is tried
    uint64_t low, high;     // it was held, it was not; at first 1 and iodepth
    unsigned held_below;    // times that depth was held right below high
    bool quiesces;          // nothing is issued until what is in flight is done
    tick_t since;           // when the window began
    uint64_t done, failed;  // in it
    bool found, over;       // the last window goes on; it is over
};

void latency_target_init(struct latency_target *target, const struct job_options *options, tick_t now);

// A request has completed, `left` are in flight.
void latency_target_completed(struct latency_target *target, tick_t now, tick_t latency, uint64_t left);

#endif
