// Where commands went over time: how many of each kind began in which part of the drive, when.
//
// A grid of bounded size: time in bins from the origin on, offsets in parts of a power of two bytes. When time runs
// past the last bin, or what was touched spans more parts than there are rows, neighbours are merged and twice as wide. So
// the grid follows what was touched, and does not depend on the order in which that was. Part n is in row
// n % PLACES_ROWS: as the parts that were touched are neighbours, no two share a row.
#ifndef SQTAIL_STATS_PLACES_H
#define SQTAIL_STATS_PLACES_H

#include <stdint.h>

#include "sim/tick.h"
#include "spec/io.h"
#include "util/macros.h"

enum { PLACES_ROWS = 64, PLACES_BINS = 256 };

typedef uint32_t places_row[PLACES_BINS];

struct places {
    tick_t origin;           // time 0; what came before counts there
    unsigned time_shift;     // a bin is 2^time_shift ps wide,
    unsigned offset_shift;   // a part 2^offset_shift bytes
    uint64_t lo, hi;         // bytes, first and last that a command began at; none: hi < lo
    places_row *rows[IO_KIND_COUNT]; // PLACES_ROWS; NULL: none of that kind came
};

void places_init(struct places *places, tick_t origin);
void places_destroy(struct places *places);

// What places_add leaves to be done when the command does not fall into a cell that is there.
void places_add_elsewhere(struct places *places, enum io_kind kind, uint64_t offset, tick_t when);

static inline void places_add(struct places *places, enum io_kind kind, uint64_t offset, tick_t when)
{
    uint64_t bin = (MAX(when, places->origin) - places->origin) >> places->time_shift;
    if (likely(offset >= places->lo && offset <= places->hi && bin < PLACES_BINS && places->rows[kind] != NULL))
        places->rows[kind][(offset >> places->offset_shift) % PLACES_ROWS][bin]++;
    else
        places_add_elsewhere(places, kind, offset, when);
}

// The parts that were touched: from number `first` on so many.
struct places_extent {
    uint64_t first;
    uint32_t count;
};
struct places_extent places_extent(const struct places *places);

static inline uint32_t places_at(const struct places *places, enum io_kind kind, uint64_t part, uint32_t bin)
{
    return places->rows[kind] == NULL ? 0 : places->rows[kind][part % PLACES_ROWS][bin];
}

#endif
