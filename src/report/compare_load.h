// Whether two results are of the same load.
#ifndef SQTAIL_REPORT_COMPARE_LOAD_H
#define SQTAIL_REPORT_COMPARE_LOAD_H

#include "report/metrics.h"

struct load_check {
    const struct metrics *base, *new; // both runs, or both curves
    bool tolerate;                    // what differs is a warning
    struct diag *diag;
};

// Returns 0, or -1 when they are not, with all that differs in `diag`.
int check_load(const struct load_check *check);

#endif
