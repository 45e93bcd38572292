// Completions over time in bins of doubling width.
//
// When time runs past the last bin, pairs of bins are merged and bins are twice as wide: memory is constant and the
// resolution follows the run. A bin's latencies are classed log-linearly, 8 classes to each power of two; what takes
// longer than the last class reaches (17 s) is counted in it.
#include "stats/series.h"

#include <math.h>
#include <string.h>

#include "util/alloc.h"
#include "util/macros.h"

enum { FIRST_SHIFT = 20 }; // 2^20 ps: about 1 us

static const size_t TABLE_BYTES = SERIES_BINS * sizeof(struct series_bin);

void series_init(struct series *series)
{
    *series = (struct series){.shift = FIRST_SHIFT, .bins = lazy_alloc(TABLE_BYTES)};
}

void series_destroy(struct series *series)
{
    lazy_free(series->bins, TABLE_BYTES);
    series->bins = NULL;
}

void series_restart(struct series *series, tick_t origin)
{
    series_destroy(series);
    series_init(series);
    series->origin = origin;
}

void series_bin_add(struct series_bin *to, const struct series_bin *from)
{
    to->count += from->count;
    to->bytes += from->bytes;
    to->latency_sum += from->latency_sum;
    to->latency_max = MAX(to->latency_max, from->latency_max);
    for (int i = 0; i < SERIES_CLASSES; i++)
        to->classes[i] += from->classes[i];
}

static void widen(struct series *series)
{
    struct series_bin *bins = series->bins;
    for (int i = 0; i < SERIES_BINS / 2; i++) {
        bins[i] = bins[2 * i];
        series_bin_add(&bins[i], &bins[2 * i + 1]);
    }
    memset(bins + SERIES_BINS / 2, 0, TABLE_BYTES / 2);
    series->shift++;
}

// Out of line, so that the path of every command saves no registers for it.
static __attribute__((noinline)) void widen_until(struct series *series, tick_t when)
{
    while (when >> series->shift >= SERIES_BINS)
        widen(series);
}

uint32_t series_class(uint64_t ns)
{
    if (ns < UINT64_C(2) << SERIES_CLASS_BITS)
        return (uint32_t)ns;
    unsigned shift = 63 - SERIES_CLASS_BITS - (unsigned)__builtin_clzll(ns);
    uint32_t index = (shift << SERIES_CLASS_BITS) + (uint32_t)(ns >> shift);
    return MIN(index, SERIES_CLASSES - 1);
}

static uint64_t class_top(uint32_t index)
{
    if (index < 2 << SERIES_CLASS_BITS)
        return index;
    unsigned shift = (index >> SERIES_CLASS_BITS) - 1;
    return ((uint64_t)(index - (shift << SERIES_CLASS_BITS) + 1) << shift) - 1;
}

static uint64_t ns_of(tick_t duration)
{
    return (duration + TICKS_PER_NS / 2) / TICKS_PER_NS;
}

void series_add(struct series *series, tick_t when, uint64_t bytes, tick_t latency)
{
    if (when < series->origin)
        return;
    when -= series->origin;
    if (unlikely(when >> series->shift >= SERIES_BINS))
        widen_until(series, when);
    struct series_bin *bin = &series->bins[when >> series->shift];
    bin->count++;
    bin->bytes += bytes;
    bin->latency_sum += latency;
    bin->latency_max = MAX(bin->latency_max, latency);
    bin->classes[series_class(ns_of(latency))]++;
}

uint32_t series_length(const struct series *series)
{
    uint32_t length = SERIES_BINS;
    while (length > 0 && series->bins[length - 1].count == 0)
        length--;
    return length;
}

uint64_t series_quantile(const struct series_bin *bin, double fraction)
{
    if (bin->count == 0)
        return 0;
    double rank = MAX(ceil(fraction * (double)bin->count * (1 - 0x1p-51)), 1);
    uint64_t largest = ns_of(bin->latency_max), below = 0;
    for (uint32_t i = 0; i < SERIES_CLASSES - 1; i++) {
        below += bin->classes[i];
        if ((double)below >= rank)
            return MIN(class_top(i), largest);
    }
    return largest;
}
