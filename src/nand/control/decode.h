// Decoding of what a read has brought over the channel.
#ifndef SQTAIL_NAND_CONTROL_DECODE_H
#define SQTAIL_NAND_CONTROL_DECODE_H

#include "nand/nand.h"

// The data of op's present step have come over the bus, the last as this phase began. Leaves what could not be decoded
// in op->failed_units and returns how much later all is done.
tick_t decode(struct nand_op *op);

#endif
