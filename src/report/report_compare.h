// Comparing results: has a new one become worse than a base by more than a threshold?
#ifndef SQTAIL_REPORT_REPORT_COMPARE_H
#define SQTAIL_REPORT_REPORT_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "util/diag.h"

// What is compared when no threshold is given.
#define REPORT_COMPARE_DEFAULTS "mean=5%", "p99=5%", "iops=5%"

struct report_compare_options {
    // "METRIC=PERCENT%". A metric is mean, min, p50 ... p99.999, max, iops, bandwidth, errors, or the name of a
    // statistic such as write_amplification: then it stands for that metric of each kind of command, of each point of
    // a curve, or of whatever part of the drive has it; or it names one alone, such as read.p99, total.iops,
    // ftl.write_amplification. NULL: the defaults.
    const char *const *thresholds;
    size_t threshold_count;
    bool any_load; // compare results of different loads, too, with a warning of what differs
    bool colour;
};

// Compares each of `news` with `base`; all are result folders, or curve folders, or their JSON files. It is a
// regression when a metric is worse than the base's by more than its threshold: iops and bandwidth when lower,
// everything else when higher; and when one of the two does not have it. More errors are one whatever the thresholds
// are about, unless one of them is about errors. Results of different loads (recording, job, seed, kinds and numbers of
// commands) are refused. Prints a table for each, and returns the number of regressions, or a negative number with the
// reasons in `diag`.
int report_compare(const char *base, const char *const *news, size_t count,
                   const struct report_compare_options *options, FILE *to, struct diag *diag);

#endif
