// The raw bit error rate of a block, by wear, age of the data and reads since the last erase.
#ifndef SQTAIL_NAND_RBER_H
#define SQTAIL_NAND_RBER_H

#include "nand/nand_config.h"

// What the formula gives: `age` in the model's unit of time, `reads` as the model counts them. Not above 0.5.
double rber_formula(enum reliability_model model, double constant, double pe_cycles, double age, double reads);

// The rate of a block with `reads` page reads since its last erase over all its `pages`; `aged`: its data were placed
// by preparation.
double rber_of_block(const struct reliability_config *config, uint32_t pe_cycles, bool aged, uint64_t reads,
                     uint32_t pages);

#endif
