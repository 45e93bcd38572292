// A workload until it is steady: its warm-up is not measured, and it ends when its mean latency is known well enough.
#ifndef SQTAIL_HOST_STEADY_H
#define SQTAIL_HOST_STEADY_H

#include "host/workload.h"

// What is known of it at the end.
struct steady_outcome {
    bool warmed_up; // the end of the warm-up was seen; else half of the requests were taken for it
    bool reached;   // the mean is known well enough; else the requests were at an end before
    uint64_t dropped, measured; // requests
    double mean_us;             // latency, over what was measured
    double half_width;          // of its 95 % interval, as a share of it; infinite: not known
};

// Takes the inner workload over, whose number of requests must be known once it has started, and which nothing else
// ends: they bound the whole.
struct workload *steady_create(struct workload *inner);

struct steady_outcome steady_get_outcome(const struct workload *steady);

#endif
