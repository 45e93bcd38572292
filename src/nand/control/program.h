// What all kinds of operations share that program a word line.
#ifndef SQTAIL_NAND_CONTROL_PROGRAM_H
#define SQTAIL_NAND_CONTROL_PROGRAM_H

#include "nand/control/op.h"

// The word line is the block's next, and in the mode of the block; none of its pages is in the die's registers yet.
void program_begin(struct nand_op *op);

// Of the phase in which the array programs.
tick_t program_array_time(struct nand_op *op);
bool program_over(struct nand_op *op);

struct suspend_times program_suspend_times(const struct nand_op *op);

#endif
