// Decoding of what a read has brought over the channel.
#ifndef SQTAIL_NAND_CONTROL_DECODE_H
#define SQTAIL_NAND_CONTROL_DECODE_H

#include "nand/nand.h"

// The page that comes next of op's present step has come over the bus at `arrived`, now or later. What could not be
// decoded is added to op->failed_units. Returns when that page, and those before it, are done.
tick_t decode(struct nand_op *op, tick_t arrived);

#endif
