// Counts in bins of doubling width.
#include "stats/strip.h"

#include <string.h>

enum { FIRST_SHIFT = 22 }; // 2^22 ps: about 4 us

void strip_init(struct strip *strip)
{
    *strip = (struct strip){.shift = FIRST_SHIFT};
}

void strip_restart(struct strip *strip, tick_t origin)
{
    strip_init(strip);
    strip->origin = strip->latest = origin;
}

static void widen(struct strip *strip)
{
    for (int i = 0; i < STRIP_BINS / 2; i++)
        strip->bins[i] = strip->bins[2 * i] + strip->bins[2 * i + 1];
    memset(strip->bins + STRIP_BINS / 2, 0, sizeof strip->bins / 2);
    strip->shift++;
}

void strip_count_elsewhere(struct strip *strip, tick_t when, uint64_t count)
{
    if (when < strip->origin)
        return;
    while ((when - strip->origin) >> strip->shift >= STRIP_BINS)
        widen(strip);
    strip_count(strip, when, count);
}

double strip_before(const struct strip *strip, uint32_t bin, tick_t end)
{
    tick_t first = (tick_t)bin << strip->shift, until = end > strip->origin ? end - strip->origin : 0;
    tick_t last = MIN(first + ((tick_t)1 << strip->shift), strip->latest - strip->origin);
    if (until >= last)
        return (double)strip->bins[bin];
    return until <= first ? 0 : (double)strip->bins[bin] * (double)(until - first) / (double)(last - first);
}

double strip_total(const struct strip *strip, tick_t end)
{
    double total = 0;
    for (uint32_t bin = 0; bin < STRIP_BINS; bin++)
        total += strip_before(strip, bin, end);
    return total;
}
