// How many of something came when, in bins of doubling width.
#ifndef SQTAIL_STATS_STRIP_H
#define SQTAIL_STATS_STRIP_H

#include <stdint.h>

#include "sim/tick.h"
#include "util/macros.h"

enum { STRIP_BINS = 256 };

struct strip {
    unsigned shift;  // a bin is 2^shift ps wide
    tick_t origin;   // time 0 of bin 0; earlier time is not counted
    tick_t latest;   // of what was added
    uint64_t bins[STRIP_BINS];
};

void strip_init(struct strip *strip);

// Forgets everything and starts counting at `origin`.
void strip_restart(struct strip *strip, tick_t origin);

// What strip_count leaves to be done when it does not fall into a bin that is there.
void strip_count_elsewhere(struct strip *strip, tick_t when, uint64_t count);

// `count` of them came at `when`.
static inline void strip_count(struct strip *strip, tick_t when, uint64_t count)
{
    uint64_t bin = (when - strip->origin) >> strip->shift;
    if (likely(bin < STRIP_BINS)) {
        strip->bins[bin] += count;
        strip->latest = MAX(strip->latest, when + 1);
        return;
    }
    strip_count_elsewhere(strip, when, count);
}

// What came in a bin before `end`. Exact but in the one bin that holds `end`, over which it is taken as spread evenly.
double strip_before(const struct strip *strip, uint32_t bin, tick_t end);

// All that came before `end`.
double strip_total(const struct strip *strip, tick_t end);

struct named_strip {
    const char *name; // as in results, such as "erases"
    const struct strip *strip;
};

#endif
