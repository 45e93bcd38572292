// How the array's times differ from word line to word line, block to block and time to time.
#ifndef SQTAIL_NAND_CHIP_VARIATION_H
#define SQTAIL_NAND_CHIP_VARIATION_H

#include <stdint.h>

#include "sim/tick.h"

struct variation {
    uint64_t key;
    uint32_t spread; // in 2^-20 of the mean; 0: none
};

// Where, and when, the array works.
struct array_site {
    uint32_t die, block;
    uint32_t line; // word line
    tick_t when;
};

// Of one kind of time, which `path` names, such as "nand.t_r". `spread`: the farthest from the mean, as a share of it.
struct variation variation_make(double spread, uint64_t seed, const char *path);

// What the array takes there whose mean is `mean`.
tick_t variation_of_time(const struct variation *variation, tick_t mean, const struct array_site *site);

#endif
