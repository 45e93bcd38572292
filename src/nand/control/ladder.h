// The read ladder: what is done until a read's data are right.
#ifndef SQTAIL_NAND_CONTROL_LADDER_H
#define SQTAIL_NAND_CONTROL_LADDER_H

#include "nand/nand.h"

struct nand;

// Takes in a read. When all steps have left op->failed_units it goes to `lost`, else back to its owner.
void ladder_submit(struct nand *nand, struct nand_op *op, void (*lost)(struct nand_op *op));

#endif
