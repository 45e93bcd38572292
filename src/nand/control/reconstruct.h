// Reconstruction of uncorrectable reads from the other members of their stripe.
#ifndef SQTAIL_NAND_CONTROL_RECONSTRUCT_H
#define SQTAIL_NAND_CONTROL_RECONSTRUCT_H

#include "nand/nand.h"

// The read ladder has left op->failed_units: reads the stripe's other members, then hands `op` back to its owner.
void reconstruct_start(struct nand_op *op);

#endif
