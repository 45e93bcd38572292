// The data of a read as they come over the bus: page by page, a plane each, and within it run by run, units side by
// side. Between pages the plane is changed, between runs the column.
#ifndef SQTAIL_NAND_CONTROL_RUNS_H
#define SQTAIL_NAND_CONTROL_RUNS_H

#include "nand/chip/timing.h"
#include "util/macros.h"

struct run_walk {
    const struct chip_timing *timing;
    uint64_t left;   // units still to come
    uint32_t first;  // unit of the present run
    uint32_t length; // of it, in units; 0 before the first run
    tick_t start;  // when its first unit begins to come, counted from when the bus was granted
    tick_t passed; // when its last has come
};

// Through the page that comes.
static inline struct run_walk run_walk_begin(const struct chip_timing *timing, const struct nand_op *op)
{
    bool first = (op->backend.coming | op->backend.left) == op->backend.units;
    return (struct run_walk){.timing = timing, .left = op->backend.coming,
                             .passed = first ? timing->read_data : timing->next_plane};
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
    walk->start = walk->passed + (walk->length == 0 ? 0 : timing->next_column);
    walk->first = (uint32_t)__builtin_ctzll(walk->left);
    walk->length = run_length(walk->left >> walk->first, timing->units_per_page);
    walk->passed = walk->start + timing->transfer[walk->length];
    walk->left &= ~((UINT64_MAX >> (64 - walk->length)) << walk->first);
}

// When unit `i` of the present run has come.
static inline tick_t run_arrival(const struct run_walk *walk, uint32_t i)
{
    return walk->start + walk->timing->transfer[i + 1];
}

#endif
