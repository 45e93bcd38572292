// How well one run knows its mean and its percentiles.
#ifndef SQTAIL_REPORT_DATA_PRECISION_H
#define SQTAIL_REPORT_DATA_PRECISION_H

#include "report/report.h"

// Where, with 95 % confidence, the value lies that a longer run of the same seed would give; in microseconds.
struct report_interval {
    double low, high;
};

struct report_precision {
    struct report_interval mean, percentile[REPORT_PERCENTILES];
};

// Of the commands in `kind`, whose course over time is in `series`: of one kind of command, or of all.
struct report_precision report_precision_of(const struct kind_stats *kind, const struct series *series,
                                            unsigned series_count);

#endif
