// RAID inside the drive: which die of a stripe holds the parity.
//
// A stripe is the program units of one (block, row) on `stripe_dies` dies with consecutive numbers, that is, on as
// many channels as can be. One of them holds the XOR of the others. It rotates with the row, so that no die and no
// channel carries the parity of every stripe, and begins at the stripe's last die:
//
//   parity die of row r in the stripe that starts at die f  =  f + stripe_dies - 1 - r % stripe_dies
//
// The parity is complete only when all data of the stripe are known, so the core programs it after them.
#ifndef SQTAIL_NAND_RAID_H
#define SQTAIL_NAND_RAID_H

#include <stdbool.h>
#include <stdint.h>

#include "nand/geometry.h"
#include "sim/tick.h"
#include "util/fastdiv.h"

struct raid_config {
    bool enabled;
    uint32_t stripe_dies; // 2 or more, a divisor of the drive's dies; 0: all dies
    tick_t t_xor;         // from the arrival of the last member until the reconstructed data are there
};

struct raid_layout {
    bool enabled;
    uint32_t stripe_dies; // 1 when not enabled: every program unit holds data
    struct fastdiv by_stripe_dies;
    struct fastdiv by_data_dies; // dies of a stripe that hold data at one row
};

struct raid_layout raid_layout_make(const struct raid_config *config, const struct nand_geometry *geometry);

// The first die of the stripe that `die` belongs to; the others follow it.
static inline uint32_t raid_first_die(const struct raid_layout *layout, uint32_t die)
{
    uint32_t member;
    fastdiv_split(die, &layout->by_stripe_dies, &member);
    return die - member;
}

// The die that holds the parity, at `row`, of the stripe that `die` belongs to. Only of an enabled layout.
static inline uint32_t raid_parity_die(const struct raid_layout *layout, uint32_t row, uint32_t die)
{
    uint32_t turn;
    fastdiv_split(row, &layout->by_stripe_dies, &turn);
    return raid_first_die(layout, die) + layout->stripe_dies - 1 - turn;
}

// Does the program unit at `row` of `die` hold parity? Never, when not enabled.
static inline bool raid_is_parity(const struct raid_layout *layout, uint32_t row, uint32_t die)
{
    return layout->enabled && raid_parity_die(layout, row, die) == die;
}

// The die of the n-th program unit of data at `row`, in order of dies; and which one a die's is, when it is not parity.
// Only of an enabled layout.
static inline uint32_t raid_data_die(const struct raid_layout *layout, uint32_t row, uint32_t n)
{
    uint32_t member, stripe = (uint32_t)fastdiv_split(n, &layout->by_data_dies, &member);
    uint32_t first = stripe * layout->stripe_dies;
    return first + member + (first + member >= raid_parity_die(layout, row, first));
}

static inline uint32_t raid_data_number(const struct raid_layout *layout, uint32_t row, uint32_t die)
{
    uint32_t stripe = (uint32_t)fastdiv_quotient(die, &layout->by_stripe_dies);
    return die - stripe - (die > raid_parity_die(layout, row, die));
}

// How many of the drive's units hold data: all but one of each stripe's program units.
static inline uint64_t raid_data_units(const struct raid_layout *layout, uint64_t units)
{
    return layout->enabled ? units / layout->stripe_dies * (layout->stripe_dies - 1) : units;
}

#endif
