// Log-linear histogram: quantiles, and HdrHistogram's percentile text.
//
// Layout and text format after HdrHistogram (G. Tene, 2012), `outputPercentileDistribution`, whose usual
// number of reporting ticks a half distance is 5. Left out on purpose: correction for coordinated omission, for the
// simulated host measures every command from its own arrival.
#include "stats/histogram.h"

#include <math.h>
#include <string.h>

#include "util/alloc.h"
#include "util/macros.h"

enum { SUB_BUCKETS = 1 << HISTOGRAM_SUB_BITS, TABLE_BYTES = HISTOGRAM_BUCKETS * sizeof(uint64_t) };

void histogram_init(struct histogram *histogram)
{
    *histogram = (struct histogram){.buckets = lazy_alloc(TABLE_BYTES)};
}

void histogram_destroy(struct histogram *histogram)
{
    lazy_free(histogram->buckets, TABLE_BYTES);
    *histogram = (struct histogram){0};
}

void histogram_restart(struct histogram *histogram)
{
    histogram_destroy(histogram);
    histogram_init(histogram);
}

void histogram_add(struct histogram *to, const struct histogram *from)
{
    to->count += from->count;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        if (from->buckets[i] != 0)
            to->buckets[i] += from->buckets[i];
}

static unsigned bucket_shift(uint32_t index)
{
    return index < 2 * SUB_BUCKETS ? 0 : (index >> HISTOGRAM_SUB_BITS) - 1;
}

uint64_t histogram_bucket_bottom(uint32_t index)
{
    unsigned shift = bucket_shift(index);
    return (uint64_t)(index - (shift << HISTOGRAM_SUB_BITS)) << shift;
}

uint64_t histogram_bucket_top(uint32_t index)
{
    return histogram_bucket_bottom(index) + ((UINT64_C(1) << bucket_shift(index)) - 1);
}

// The least whole number of values that is at least `fraction` of `count`. The product of the two is rounded, and so
// is the fraction itself (0.07 x 100 gives 7.000000000000001): what exceeds a whole number by less than that is it.
static uint64_t rank_of(double fraction, uint64_t count)
{
    double rank = ceil(fraction * (double)count * (1 - 0x1p-51));
    if (rank < 1)
        return 1;
    return rank >= (double)count ? count : (uint64_t)rank;
}

uint64_t histogram_quantile(const struct histogram *histogram, double fraction)
{
    if (histogram->count == 0)
        return 0;
    uint64_t left = rank_of(fraction, histogram->count);
    uint32_t index = 0;
    while (histogram->buckets[index] < left)
        left -= histogram->buckets[index++];
    return histogram_bucket_top(index);
}

// --- text ----------------------------------------------------------------------------------------------------------

// A percentile level to report: 1 - part / (2 * ticks * 2^halving), part from 2 * ticks down to ticks + 1. From one
// halving of the distance to 100 % to the next there are as many as ticks.
struct level {
    unsigned ticks;
    unsigned halving;
    unsigned part;
};

static struct level level_next(struct level level)
{
    if (level.part == level.ticks + 1)
        return (struct level){level.ticks, level.halving + 1, 2 * level.ticks};
    return (struct level){level.ticks, level.halving, level.part - 1};
}

// Whether values are at or beyond the level when `above` of `count` are larger; in whole numbers, so exact.
static int level_reached(struct level level, uint64_t above, uint64_t count)
{
    return ((unsigned __int128)above * 2 * level.ticks) << level.halving <= (unsigned __int128)count * level.part;
}

static double level_rest(struct level level)
{
    return ldexp(level.part, -(int)level.halving) / (2 * level.ticks);
}

// A bucket's lines: one for each level it reaches, but only one for the bucket with which the values end.
static struct level write_bucket(uint32_t index, uint64_t below, uint64_t count, struct level level, double scale,
                                 FILE *to)
{
    double value = (double)histogram_bucket_top(index) / scale;
    while (level_reached(level, count - below, count)) {
        double rest = level_rest(level);
        fprintf(to, "%12.3f %2.12f %10llu %14.2f\n", value, 1 - rest, (unsigned long long)below, 1 / rest);
        level = level_next(level);
        if (below == count)
            break;
    }
    return level;
}

struct moments {
    double mean, deviation, top;
};

// From the middles of the buckets, as HdrHistogram has it.
static double bucket_middle(uint32_t index)
{
    uint64_t bottom = histogram_bucket_bottom(index);
    return (double)(bottom + (histogram_bucket_top(index) - bottom + 1) / 2);
}

static struct moments moments_of(const struct histogram *histogram)
{
    struct moments m = {0};
    if (histogram->count == 0)
        return m;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        if (histogram->buckets[i] != 0) {
            m.mean += bucket_middle(i) * (double)histogram->buckets[i] / (double)histogram->count;
            m.top = (double)histogram_bucket_top(i);
        }
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        double off = bucket_middle(i) - m.mean;
        m.deviation += off * off * (double)histogram->buckets[i] / (double)histogram->count;
    }
    m.deviation = sqrt(m.deviation);
    return m;
}

double histogram_deviation(const struct histogram *histogram)
{
    return moments_of(histogram).deviation;
}

static void write_footer(const struct histogram *histogram, double scale, FILE *to)
{
    struct moments m = moments_of(histogram);
    fprintf(to, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", m.mean / scale, m.deviation / scale);
    fprintf(to, "#[Max     = %12.3f, Total count    = %12llu]\n", m.top / scale,
            (unsigned long long)histogram->count);
    fprintf(to, "#[Buckets = %12d, SubBuckets     = %12d]\n", 64 - HISTOGRAM_SUB_BITS, 2 * SUB_BUCKETS);
}

void histogram_write_hgrm(const struct histogram *histogram, double scale, unsigned ticks, FILE *to)
{
    fprintf(to, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    struct level level = {ticks, 0, 2 * ticks};
    uint64_t below = 0;
    uint32_t last = 0;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS && below < histogram->count; i++) {
        if (histogram->buckets[i] == 0)
            continue;
        last = i;
        below += histogram->buckets[i];
        level = write_bucket(i, below, histogram->count, level, scale, to);
    }
    if (histogram->count != 0)
        fprintf(to, "%12.3f %2.12f %10llu\n", (double)histogram_bucket_top(last) / scale, 1.0,
                (unsigned long long)below);
    write_footer(histogram, scale, to);
}
