// Log-linear histogram with 3 significant decimal digits over 1 ns to about 584 years.
//
// Layout of HdrHistogram (Tene, 2012): values below 2048 have a bucket each; above, every power of two is divided into
// 1024 equal buckets, so that a bucket is never wider than 1/1024 of its values.
#ifndef SQTAIL_STATS_HISTOGRAM_H
#define SQTAIL_STATS_HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

enum { HISTOGRAM_SUB_BITS = 10, HISTOGRAM_BUCKETS = (65 - HISTOGRAM_SUB_BITS) << HISTOGRAM_SUB_BITS };

struct histogram {
    uint64_t count;
    uint64_t *buckets; // HISTOGRAM_BUCKETS of them, lazily backed
};

void histogram_init(struct histogram *histogram);
void histogram_destroy(struct histogram *histogram);

// Forgets everything.
void histogram_restart(struct histogram *histogram);

static inline uint32_t histogram_index(uint64_t value)
{
    if (value < UINT64_C(2) << HISTOGRAM_SUB_BITS)
        return (uint32_t)value;
    unsigned shift = 63 - HISTOGRAM_SUB_BITS - (unsigned)__builtin_clzll(value);
    return (shift << HISTOGRAM_SUB_BITS) + (uint32_t)(value >> shift);
}

// A value that falls into that bucket.
static inline void histogram_record_at(struct histogram *histogram, uint32_t index)
{
    histogram->count++;
    histogram->buckets[index]++;
}

static inline void histogram_record(struct histogram *histogram, uint64_t value)
{
    histogram_record_at(histogram, histogram_index(value));
}

void histogram_add(struct histogram *to, const struct histogram *from);

// The smallest and the largest value that fall into a bucket.
uint64_t histogram_bucket_bottom(uint32_t index);
uint64_t histogram_bucket_top(uint32_t index);

// The smallest recorded value (its bucket's top) at or below which at least `fraction` (0 to 1) of all values lie; 0
// when nothing was recorded.
uint64_t histogram_quantile(const struct histogram *histogram, double fraction);

// The standard deviation, values being taken for the middles of their buckets.
double histogram_deviation(const struct histogram *histogram);

// HdrHistogram's percentile text format, values divided by `scale`: `ticks` lines at most from each percentile to the
// one that is half as far from 100 %.
void histogram_write_hgrm(const struct histogram *histogram, double scale, unsigned ticks, FILE *to);

#endif
