// The walk through an operation's phases.
#ifndef SQTAIL_NAND_CONTROL_PHASE_H
#define SQTAIL_NAND_CONTROL_PHASE_H

#include "nand/nand.h"

// The operation has its die. When its last row is over it goes to op->backend.ended.
void phase_start(struct nand_op *op);

// The same, of a die that is looked at: its rules' observer is told of each phase.
void phase_start_watched(struct nand_op *op);

#endif
