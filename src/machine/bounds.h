// What a drive can do at most: which resource bounds a load, and at how many requests a second.
#ifndef SQTAIL_MACHINE_BOUNDS_H
#define SQTAIL_MACHINE_BOUNDS_H

#include "machine/machine.h"

// Of data that were written before; random ones in requests of 4 KiB, or of a mapping unit where that is larger;
// sequential ones in requests of 128 KiB.
enum bound_load {
    BOUND_RANDOM_READ,
    BOUND_SEQUENTIAL_READ,
    BOUND_WRITE,          // sequential or to an empty drive: nothing is collected
    BOUND_RANDOM_WRITE,   // the same in small requests
    BOUND_COLLECTED_WRITE, // random, in the long run, with greedy garbage collection
    BOUND_LOAD_COUNT
};

struct bound {
    const char *by;
    double per_second; // requests; infinite when the load needs nothing of it
};

enum { BOUNDS_MAX = 20 };

struct bounds {
    const char *name, *note;    // of the load: "random writes", " in the long run"
    uint64_t bytes;             // of a request
    bool writes;
    double write_amplification; // 1, but for BOUND_COLLECTED_WRITE
    size_t count;
    struct bound bounds[BOUNDS_MAX];
    const struct bound *least;
};

// The configuration must have passed its check.
void bounds_of(const struct machine_config *config, enum bound_load load, struct bounds *bounds);

#endif
