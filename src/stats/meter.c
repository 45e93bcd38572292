// Busy time in bins of doubling width.
#include "stats/meter.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"

enum { FIRST_SHIFT = 22 }; // 2^22 ps: about 4 us

// No interval lies in the remembered bin from now on, so that all of them come to meter_add_elsewhere.
static void forget_bin(struct meter *meter)
{
    meter->from = 1;
    meter->to = 0;
}

void meter_init(struct meter *meter, uint32_t resources)
{
    *meter = (struct meter){.resources = resources, .shift = FIRST_SHIFT, .from = 1};
}

void meter_set_units(struct meter *meter, const void *units, size_t unit_bytes)
{
    meter->units = units;
    meter->unit_bytes = unit_bytes;
}

void meter_keep_each(struct meter *meter)
{
    meter->each = xcalloc((size_t)meter->resources * METER_BINS, sizeof *meter->each);
}

void meter_destroy(struct meter *meter)
{
    free(meter->each);
}

// What was never written is not touched: most of the memory of a large drive's dies.
static void forget_each(struct meter *meter)
{
    if (meter->each != NULL && meter->latest > meter->origin)
        memset(meter->each, 0, (size_t)meter->resources * METER_BINS * sizeof *meter->each);
}

void meter_restart(struct meter *meter, tick_t origin)
{
    forget_each(meter);
    memset(meter->busy, 0, sizeof meter->busy);
    meter->shift = FIRST_SHIFT;
    forget_bin(meter);
    meter->origin = meter->latest = origin;
}

static void widen_own(tick_t *own)
{
    for (int i = 0; i < METER_BINS / 2; i++)
        own[i] = own[2 * i] + own[2 * i + 1];
    memset(own + METER_BINS / 2, 0, METER_BINS / 2 * sizeof *own);
}

static void widen(struct meter *meter)
{
    for (uint32_t i = 0; meter->each != NULL && i < meter->resources; i++)
        widen_own(meter_own(meter, i));
    for (int i = 0; i < METER_BINS / 2; i++)
        meter->busy[i] = meter->busy[2 * i] + meter->busy[2 * i + 1];
    memset(meter->busy + METER_BINS / 2, 0, sizeof meter->busy / 2);
    meter->shift++;
}

void meter_listen(struct meter *meter, struct meter_listener *listener)
{
    listener->next = meter->listeners;
    meter->listeners = listener;
    forget_bin(meter);
}

// `end` and what follows count from the origin.
static void remember_bin(struct meter *meter, tick_t end)
{
    meter->bin = (uint32_t)((end - 1) >> meter->shift);
    meter->from = meter->origin + ((tick_t)meter->bin << meter->shift);
    meter->to = meter->from + ((tick_t)1 << meter->shift);
}

static inline void add_to_bin(struct meter *meter, tick_t *own, uint32_t bin, tick_t duration)
{
    meter->busy[bin] += duration;
    if (own != NULL)
        own[bin] += duration;
}

// `start` and `end` count from the origin. There is a bin for both.
static inline void add_to_bins(struct meter *meter, tick_t *own, tick_t start, tick_t end)
{
    remember_bin(meter, end);
    for (uint32_t bin = (uint32_t)(start >> meter->shift); bin < meter->bin; bin++) {
        tick_t bin_end = (tick_t)(bin + 1) << meter->shift;
        add_to_bin(meter, own, bin, bin_end - start);
        start = bin_end;
    }
    add_to_bin(meter, own, meter->bin, end - start);
}

// Where there is none for the end. Out of line, so that others save no registers for it.
static __attribute__((noinline)) void widen_and_add(struct meter *meter, tick_t *own, tick_t start, tick_t end)
{
    do
        widen(meter);
    while ((end - 1) >> meter->shift >= METER_BINS);
    add_to_bins(meter, own, start, end);
}

void meter_add_elsewhere(struct meter *meter, tick_t *own, tick_t start, tick_t duration)
{
    tick_t end = start + duration;
    if (end <= meter->origin || duration == 0)
        return;
    meter->latest = MAX(meter->latest, end);
    start = MAX(start, meter->origin) - meter->origin;
    end -= meter->origin;
    if (unlikely((end - 1) >> meter->shift >= METER_BINS))
        widen_and_add(meter, own, start, end);
    else
        add_to_bins(meter, own, start, end);
}

static uint32_t index_of(const struct meter *meter, const void *unit)
{
    return unit == NULL ? 0 : (uint32_t)((size_t)((const char *)unit - meter->units) / meter->unit_bytes);
}

void meter_add_told(struct meter *meter, tick_t *own, tick_t start, tick_t duration, const void *unit,
                    const char *const *what, const struct nand_op *op)
{
    struct meter_use use = {.index = index_of(meter, unit), .what = what == NULL ? NULL : *what, .op = op};
    if (duration == 0)
        return;
    for (struct meter_listener *listener = meter->listeners; listener != NULL; listener = listener->next)
        listener->busy(listener, start, duration, &use);
    meter_add_elsewhere(meter, own, start, duration);
    forget_bin(meter);
}

tick_sum_t meter_total(const struct meter *meter)
{
    tick_sum_t total = 0;
    for (uint32_t bin = 0; bin < METER_BINS; bin++)
        total += meter->busy[bin];
    return total;
}

// How much of what is in a bin came before `end`.
static double share_before(const struct meter *meter, uint32_t bin, tick_t end)
{
    tick_t first = (tick_t)bin << meter->shift, until = end > meter->origin ? end - meter->origin : 0;
    tick_t last = MIN(first + ((tick_t)1 << meter->shift), meter->latest - meter->origin);
    if (until >= last)
        return 1;
    return until <= first ? 0 : (double)(until - first) / (double)(last - first);
}

double meter_busy_before(const struct meter *meter, uint32_t bin, tick_t end)
{
    return (double)meter->busy[bin] * share_before(meter, bin, end);
}

double meter_own_before(const struct meter *meter, uint32_t index, uint32_t bin, tick_t end)
{
    return (double)meter_own(meter, index)[bin] * share_before(meter, bin, end);
}

double meter_own_total(const struct meter *meter, uint32_t index, tick_t end)
{
    double total = 0;
    for (uint32_t bin = 0; bin < METER_BINS; bin++)
        total += meter_own_before(meter, index, bin, end);
    return total;
}

double meter_utilization(const struct meter *meter, tick_t end)
{
    double busy = 0;
    if (end <= meter->origin || meter->resources == 0)
        return 0;
    for (uint32_t bin = 0; bin < METER_BINS; bin++)
        busy += meter_busy_before(meter, bin, end);
    return busy / ((double)(end - meter->origin) * meter->resources);
}
