// A back-end whose operations end when the test says so: what the core has asked for, and in which order, can be read
// off at every step.
//
// An operation is named by who asked for it, what it is and where: "gr3.5" is collection's read of page 5 of
// superblock 3, "hp4.0" the host's first program of superblock 4, "ge3.1" the erasure of superblock 3 on die 1, "gf5.2"
// the word line of superblock 5 that a die fills by itself. Pages and program units are numbered from the start of their superblock.
#ifndef SQTAIL_TESTS_FTL_HAND_NAND_H
#define SQTAIL_TESTS_FTL_HAND_NAND_H

#include "nand/nand.h"
#include "sim/sim.h"

enum { HAND_OPS_MAX = 256, HAND_NAME_MAX = 16 };

struct hand_op {
    char name[HAND_NAME_MAX];
    struct nand_op *op;
    tick_t since;
};

struct hand_nand {
    struct sim *sim;
    struct nand_geometry geometry;
    struct hand_op ops[HAND_OPS_MAX]; // outstanding, in the order in which they came
    unsigned count;
    bool waiting; // reads have not started, and may be told to read more
    char names[HAND_OPS_MAX * HAND_NAME_MAX];
};

struct nand_port hand_nand_port(struct hand_nand *hand);

// The names of all that is outstanding, with a blank between them.
const char *hand_names(struct hand_nand *hand);

// The operation that is named, which must be outstanding, ends; the units in `failed`, a bit each of its page, are
// lost.
void hand_end(struct hand_nand *hand, const char *name);
void hand_fail(struct hand_nand *hand, const char *name, uint64_t failed);

#endif
