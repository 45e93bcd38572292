// Fitting a recording of a larger drive onto a smaller one: of whoever replays it, and of `sqtail trace remap`.
#ifndef SQTAIL_TRACE_FILTER_SCALE_H
#define SQTAIL_TRACE_FILTER_SCALE_H

#include <stdbool.h>

#include "trace/source.h"

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
    uint64_t capacity;      // of the smaller drive, whole chunks
};

// Reads all of `source`, from its front; it must be rewound after.
void scale_init(struct scale *scale, struct request_source *source, uint64_t capacity);
void scale_destroy(struct scale *scale);

// Whether more is touched than the smaller drive holds, so that places far apart share one.
bool scale_folds(const struct scale *scale);

// Where a byte of the recorded drive lies on the smaller one.
uint64_t scale_place(const struct scale *scale, uint64_t offset);

#endif
