// The data of a read as they come over the bus, run by run: units side by side in one plane's page. Between runs the
// column, or the plane, is changed.
#ifndef SQTAIL_NAND_CONTROL_RUNS_H
#define SQTAIL_NAND_CONTROL_RUNS_H

#include "nand/chip/timing.h"
#include "util/macros.h"

struct run_walk {
    const struct chip_timing *timing;
    uint64_t left;   // units still to come
    uint32_t first;  // unit of the present run
    uint32_t length; // of it, in units; 0 before the first run
    uint32_t page_end;
    tick_t start;  // when its first unit begins to come, counted from when the bus was granted
    tick_t passed; // when its last has come
};

static inline struct run_walk run_walk_begin(const struct chip_timing *timing, uint64_t units)
{
    return (struct run_walk){.timing = timing, .left = units};
}

static inline uint32_t run_length(uint64_t units, uint32_t most)
{
    uint64_t holes = ~units;
    return holes == 0 ? most : MIN((uint32_t)__builtin_ctzll(holes), most);
}

// The next run; at least one unit is left.
static inline void run_walk_next(struct run_walk *walk)
{
    const struct chip_timing *timing = walk->timing;
    uint32_t first = (uint32_t)__builtin_ctzll(walk->left), page_end = timing->page_end[first];
    if (walk->length == 0)
        walk->start = timing->read_data;
    else
        walk->start = walk->passed + (page_end == walk->page_end ? timing->next_column : timing->next_plane);
    walk->first = first;
    walk->length = run_length(walk->left >> first, page_end - first);
    walk->page_end = page_end;
    walk->passed = walk->start + timing->transfer[walk->length];
    walk->left &= ~((UINT64_MAX >> (64 - walk->length)) << first);
}

// When unit `i` of the present run has come.
static inline tick_t run_arrival(const struct run_walk *walk, uint32_t i)
{
    return walk->start + walk->timing->transfer[i + 1];
}

#endif
