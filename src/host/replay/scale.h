// Fitting a recording of a larger drive onto a smaller one.
#ifndef SQTAIL_HOST_REPLAY_SCALE_H
#define SQTAIL_HOST_REPLAY_SCALE_H

#include <stdbool.h>

#include "trace/trace.h"

struct scale_run {
    uint64_t start, end; // bytes of the recorded drive, whole chunks
    uint64_t before;     // sum of the runs before it
};

struct scale {
    struct scale_run *runs; // what is touched, in order; between any two is a hole
    uint64_t count;
    uint64_t merge_at;      // so many: time to merge them
    uint64_t touched;       // sum of all runs
    uint64_t end;           // of the recorded drive
    uint64_t capacity;      // of the simulated drive, whole chunks
};

void scale_init(struct scale *scale, struct trace *trace, uint64_t capacity);
void scale_destroy(struct scale *scale);

// Whether more is touched than the simulated drive holds, so that places far apart share one.
bool scale_folds(const struct scale *scale);

// Where a byte of the recorded drive lies on the simulated one.
uint64_t scale_place(const struct scale *scale, uint64_t offset);

#endif
