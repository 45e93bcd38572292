// The intervals of a run's mean and percentiles, for latencies that depend on each other.
//
// A run is cut into up to 32 batches of equal time, long enough that what one has in common with the next matters
// little: batch means, with Student's t (Law and Kelton, Simulation Modeling and Analysis, 9.5.3; few long batches
// after Schmeiser 1982). A percentile's interval lies between order statistics (stats/confidence.h), but latencies come
// in bursts, so that n of them say as much as n / d independent ones: d is how much more the number beyond the
// percentile varies from batch to batch than it would by chance (the index of dispersion), at least 1.
//
// Left out: what a seed decides once for all of a run, such as where the prepared drive's data lie, which only other
// seeds show; what lies beyond the largest latency, which is the upper end where a percentile rests on few.
#include "report/data/precision.h"

#include <math.h>
#include <stdlib.h>

#include "stats/confidence.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { BATCHES_MAX = 32 };
#define OUTSIDE 0.05

struct batches {
    struct series_bin *at; // BATCHES_MAX
    unsigned count;        // those that hold commands
};

// --- batches -------------------------------------------------------------------------------------------------------

// Series widen their bins each on its own.
static tick_t time_of(const struct series *series, unsigned count)
{
    tick_t end = 1;
    for (unsigned i = 0; i < count; i++)
        end = MAX(end, (tick_t)series_length(&series[i]) << series[i].shift);
    return end;
}

static void fill(struct batches *batches, const struct series *series, tick_t width)
{
    uint32_t length = series_length(series);
    for (uint32_t i = 0; i < length; i++)
        series_bin_add(&batches->at[((tick_t)i << series->shift) / width], &series->bins[i]);
}

static void drop_empty(struct batches *batches)
{
    for (unsigned i = 0; i < BATCHES_MAX; i++)
        if (batches->at[i].count > 0)
            batches->at[batches->count++] = batches->at[i];
}

static struct batches batches_of(const struct series *series, unsigned count)
{
    struct batches batches = {.at = xcalloc(BATCHES_MAX, sizeof *batches.at)};
    tick_t width = (time_of(series, count) + BATCHES_MAX - 1) / BATCHES_MAX;
    for (unsigned i = 0; i < count; i++)
        fill(&batches, &series[i], width);
    drop_empty(&batches);
    return batches;
}

// --- intervals -----------------------------------------------------------------------------------------------------

static struct report_interval held_in(const struct kind_stats *kind, double low, double high)
{
    double min = (double)kind->latency_min / TICKS_PER_US, max = (double)kind->latency_max / TICKS_PER_US;
    return (struct report_interval){MIN(MAX(low, min), max), MIN(MAX(high, min), max)};
}

// Batches weigh as much as they hold.
static struct report_interval mean_interval(const struct kind_stats *kind, const struct batches *batches)
{
    double mean = (double)kind->latency_sum / (double)kind->count / TICKS_PER_US, squares = 0;
    for (unsigned i = 0; i < batches->count; i++) {
        const struct series_bin *batch = &batches->at[i];
        double off = (double)batch->latency_sum / (double)batch->count / TICKS_PER_US - mean;
        squares += (double)batch->count * off * off;
    }
    if (batches->count < 2)
        return held_in(kind, 0, INFINITY);
    double df = batches->count - 1, half = student_t(df, OUTSIDE) * sqrt(squares / df / (double)kind->count);
    return held_in(kind, mean - half, mean + half);
}

// Commands of classes from `first` on.
static uint64_t beyond(const struct series_bin *batch, uint32_t first)
{
    uint64_t count = 0;
    for (uint32_t i = first; i < SERIES_CLASSES; i++)
        count += batch->classes[i];
    return count;
}

static uint64_t beyond_in_all(const struct batches *batches, uint32_t first)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < batches->count; i++)
        count += beyond(&batches->at[i], first);
    return count;
}

// The classes beyond the quantile's own, or with it where nothing lies beyond.
static double dispersion(const struct batches *batches, uint64_t commands, uint64_t quantile_ns)
{
    uint32_t own = series_class(quantile_ns), first = beyond_in_all(batches, own + 1) > 0 ? own + 1 : own;
    double share = (double)beyond_in_all(batches, first) / (double)commands, sum = 0;
    if (batches->count < 2 || share <= 0 || share >= 1)
        return 1;
    for (unsigned i = 0; i < batches->count; i++) {
        double expected = (double)batches->at[i].count * share;
        double off = (double)beyond(&batches->at[i], first) - expected;
        sum += off * off / (expected * (1 - share));
    }
    return MAX(sum / (batches->count - 1), 1);
}

static double value_at(const struct kind_stats *kind, uint64_t rank, uint64_t count)
{
    if (rank == 0)
        return 0;
    return rank > count ? INFINITY : (double)histogram_quantile(&kind->latency, (double)rank / (double)count) / 1e3;
}

static struct report_interval percentile_interval(const struct kind_stats *kind, const struct batches *batches,
                                                  double fraction)
{
    uint64_t quantile_ns = histogram_quantile(&kind->latency, fraction);
    uint64_t worth = (uint64_t)((double)kind->count / dispersion(batches, kind->count, quantile_ns));
    uint64_t independent = MAX(worth, 1);
    struct rank_interval ranks = quantile_ranks(independent, fraction, OUTSIDE);
    return held_in(kind, value_at(kind, ranks.low, independent), value_at(kind, ranks.high, independent));
}

struct report_precision report_precision_of(const struct kind_stats *kind, const struct series *series,
                                            unsigned series_count)
{
    struct report_precision precision = {0};
    if (kind->count == 0)
        return precision;
    struct batches batches = batches_of(series, series_count);
    precision.mean = mean_interval(kind, &batches);
    for (int i = 0; i < REPORT_PERCENTILES; i++)
        precision.percentile[i] = percentile_interval(kind, &batches, report_percentiles[i].fraction);
    free(batches.at);
    return precision;
}
