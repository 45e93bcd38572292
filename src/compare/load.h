// Whether two results are of the same load.
#ifndef SQTAIL_COMPARE_LOAD_H
#define SQTAIL_COMPARE_LOAD_H

#include "report/read/metrics.h"

struct load_check {
    const struct metrics *base, *new;
    bool tolerate; // what differs is a warning
    struct diag *diag;
};

// Returns 0, or -1 when they are not, with all that differs in `diag`.
int check_load(const struct load_check *check);

// Whether the results that were read as one differ in nothing but their seeds, and in them. Returns as check_load.
int check_repetitions(const struct metrics *metrics, struct diag *diag);

#endif
