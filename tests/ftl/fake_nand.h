// A back-end of fixed latencies for the tests of the core. It checks what real flash would not forgive: programs out
// of order within a block, programs of rows not erased, reads of rows not written.
#ifndef SQTAIL_TESTS_FTL_FAKE_NAND_H
#define SQTAIL_TESTS_FTL_FAKE_NAND_H

#include "nand/nand.h"
#include "sim/sim.h"
#include "sim/timeline.h"
#include "util/pool.h"

struct fake_nand {
    struct sim *sim;
    struct nand_geometry geometry;
    tick_t latency[NAND_KIND_COUNT];
    struct timeline *dies;
    struct pool services;
    uint32_t *next_row; // by block and die: rows written
    uint64_t ops[NAND_KIND_COUNT];
    uint64_t from_gc[NAND_KIND_COUNT]; // those of them that collection asked for
    uint64_t units_read;
    uint32_t assumed_blocks; // calls of assume
    ppn_t failing;           // reads of this unit fail when fail is set
    bool fail;
};

struct fake_nand *fake_nand_create(struct sim *sim, const struct nand_geometry *geometry, tick_t read, tick_t program,
                                   tick_t erase);
void fake_nand_destroy(struct fake_nand *fake);
struct nand_port fake_nand_port(struct fake_nand *fake);

// channels = 1 for a single die, else 2; unit 4 KiB.
struct nand_geometry fake_geometry(uint32_t dies, uint32_t planes, uint32_t blocks, uint32_t rows,
                                   uint32_t pages_per_row, uint32_t units_per_page);

#endif
