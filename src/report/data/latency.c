// A latency distribution in a few numbers.
//
// Mean, minimum and maximum are exact to the picosecond; percentiles come from the histogram (3 significant digits)
// and are held between minimum and maximum, so that equal latencies have equal percentiles.
#include "report/report.h"

#include "util/macros.h"

const struct report_percentile report_percentiles[REPORT_PERCENTILES] = {
    {"p50", 0.5},     {"p90", 0.9},       {"p95", 0.95},       {"p99", 0.99},
    {"p99.9", 0.999}, {"p99.99", 0.9999}, {"p99.999", 0.99999},
};

static void set_percentiles(struct report_latency *latency, const struct histogram *histogram)
{
    for (int i = 0; i < REPORT_PERCENTILES; i++) {
        double us = (double)histogram_quantile(histogram, report_percentiles[i].fraction) / 1e3;
        latency->percentile[i] = MIN(MAX(us, latency->min), latency->max);
    }
}

struct report_latency report_latency_of(const struct kind_stats *kind)
{
    if (kind->count == 0)
        return (struct report_latency){0};
    struct report_latency latency = {
        .mean = (double)kind->latency_sum / (double)kind->count / 1e6,
        .min = (double)kind->latency_min / 1e6,
        .max = (double)kind->latency_max / 1e6,
    };
    set_percentiles(&latency, &kind->latency);
    return latency;
}

struct report_latency report_recorded_of(const struct kind_stats *kind)
{
    if (kind->recorded.count == 0)
        return (struct report_latency){0};
    struct report_latency latency = {
        .mean = (double)kind->recorded_sum_ns / (double)kind->recorded.count / 1e3,
        .min = (double)kind->recorded_min_ns / 1e3,
        .max = (double)kind->recorded_max_ns / 1e3,
    };
    set_percentiles(&latency, &kind->recorded);
    return latency;
}
