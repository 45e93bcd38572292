// One workload after another on one drive, whose state goes on: what comes next is chosen once the one before has
// ended, by who sees what that one measured.
#ifndef SQTAIL_HOST_PHASES_H
#define SQTAIL_HOST_PHASES_H

#include "host/workload.h"
#include "stats/histogram.h"

// What was measured of a phase: of all its requests that are not of a ramp.
struct phase_result {
    tick_t begins, ends; // issuing begins; the last completion, or its time is up, whichever is later
    uint64_t requests, bytes;
    uint64_t written;   // bytes, of writes among them
    tick_sum_t latency; // of all requests together
    tick_t longest;     // latency
    const struct histogram *latencies; // ns
};

// Who chooses.
struct phase_source {
    void *self;
    // As the workload's op of that name: what comes may depend on the drive. Called before the others.
    int (*check)(void *self, const struct workload_drive *drive, struct diag *diag);
    // The first phase; and the next, `ended` being of the one before: to be taken over. NULL: that was all; never the
    // first.
    struct workload *(*first)(void *self);
    struct workload *(*next)(void *self, const struct phase_result *ended);
};

// Each phase has random numbers of its own. The source must outlive the workload.
struct workload *phases_create(const struct phase_source *source);

#endif
