// How far a mean of few values, and a percentile of many, may lie from what more of them would give.
#ifndef SQTAIL_STATS_CONFIDENCE_H
#define SQTAIL_STATS_CONFIDENCE_H

#include <stdint.h>

// The quantile of Student's distribution with `df` > 0 degrees of freedom (they need not be whole) that lies, to either
// side, as far out as `outside`, 0 < outside < 1, of it: a mean of n values lies within student_t(n - 1, 0.05) of its
// standard errors with 95 % confidence.
double student_t(double df, double outside);

// Of `count` values in rising order, numbered from 1, those between which the quantile at `fraction` lies, but for
// `outside`; 0 and count + 1 stand for what is below and above all of them.
struct rank_interval {
    uint64_t low, high;
};
struct rank_interval quantile_ranks(uint64_t count, double fraction, double outside);

// What `count` values tell: mean, standard deviation of a value, and the half width of the mean's interval, which is
// infinite for a single one.
struct mean_interval {
    double mean, deviation, half_width;
};
struct mean_interval mean_interval_of(const double *values, uint64_t count, double outside);

#endif
