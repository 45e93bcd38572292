// Completions over time: count, bytes, mean and largest latency, and percentiles, in bins of doubling width.
#ifndef SQTAIL_STATS_SERIES_H
#define SQTAIL_STATS_SERIES_H

#include <stdint.h>

#include "sim/tick.h"

enum {
    SERIES_BINS = 256,
    SERIES_CLASS_BITS = 3,
    SERIES_CLASSES = 256, // latency classes a bin: 8 to each power of two of nanoseconds, up to 17 s
};

struct series_bin {
    uint64_t count;
    uint64_t bytes;
    tick_sum_t latency_sum;
    tick_t latency_max;
    uint32_t classes[SERIES_CLASSES];
};

struct series {
    unsigned shift; // a bin is 2^shift ps wide
    tick_t origin;
    struct series_bin *bins; // SERIES_BINS of them, lazily backed
};

void series_init(struct series *series);
void series_destroy(struct series *series);
void series_restart(struct series *series, tick_t origin);

// A command completed at `when` after `latency`. Completions before the origin are not counted.
void series_add(struct series *series, tick_t when, uint64_t bytes, tick_t latency);

void series_bin_add(struct series_bin *to, const struct series_bin *from);

// The class that a latency falls into.
uint32_t series_class(uint64_t ns);

// How many bins there are up to the last that holds a completion.
uint32_t series_length(const struct series *series);

// The latency, in ns, at or below which `fraction` of a bin's commands lie, to the resolution of the classes (the top
// of the class, or the bin's largest latency where that is smaller); 0 for an empty bin.
uint64_t series_quantile(const struct series_bin *bin, double fraction);

#endif
