// The back-end's port: operations on NAND dies.
//
// Who holds a `struct nand_port` submits operations; the back-end serves them over its channels and dies, decodes
// what it reads, retries and reconstructs, and calls `done` once for each operation, in its own event, never from
// inside submit. An operation belongs to the back-end from submit until done.
#ifndef SQTAIL_NAND_NAND_H
#define SQTAIL_NAND_NAND_H

#include <stdbool.h>
#include <stdint.h>

#include "nand/geometry.h"
#include "stats/stage.h"
#include "util/list.h"

enum nand_kind { NAND_READ, NAND_PROGRAM, NAND_ERASE, NAND_KIND_COUNT };

// Who asks, from the most to the least urgent; the die scheduler decides what to make of it.
enum nand_source { NAND_HOST, NAND_GC, NAND_SOURCE_COUNT };

enum nand_status {
    NAND_OK,
    NAND_UNCORRECTABLE,  // read: neither ECC nor RAID could recover the data
    NAND_PROGRAM_FAILED, // reserved for dies that report a failed program
};

struct nand_op {
    struct list_link link; // for whoever holds the operation
    void (*done)(struct nand_op *op);
    void *owner; // the submitter's, untouched
    enum nand_kind kind;
    enum nand_source source;
    // READ: any unit of the multi-plane page to read. PROGRAM: the first of the program unit. ERASE: any of a block
    // of the die; all planes' blocks of that number are erased.
    ppn_t at;
    // READ: which units of the multi-plane page are wanted, bit (plane * units_per_page + unit); at least one. Only
    // their planes are read and only they are transferred.
    uint64_t units;
    enum nand_status status; // set when done
    uint64_t failed_units;   // READ: which of `units` could not be recovered
    struct breakdown path;   // from submit to done, by stage
    // the back-end's own while it holds the operation
    struct {
        struct list_link link; // in its die's queue
        void *die, *block_state;
        uint32_t block, row, page;
        uint32_t step;    // of the read ladder: 0 the first read, then read-retry and soft steps
        uint32_t pending; // reads of stripe members that a reconstruction waits for
        struct nand_op *parent; // the operation that this one is a reconstruction's read for
        tick_t queued;          // when it was given to the back-end
        uint64_t units;         // READ: what this step reads
    } backend;
};

// How the core reaches the back-end; also what a back-end of one's own must provide.
struct nand_port {
    void *self;
    void (*submit)(void *self, struct nand_op *op);
    // Preparation only, with no operation under way: on every die, the block `block` holds data in its first
    // `rows_written` rows and has been erased `pe_cycles` times, on top of the configured initial wear.
    void (*assume)(void *self, uint32_t block, uint32_t rows_written, uint32_t pe_cycles);
};

static inline void nand_submit(const struct nand_port *port, struct nand_op *op)
{
    port->submit(port->self, op);
}

static inline void nand_assume(const struct nand_port *port, uint32_t block, uint32_t rows_written,
                               uint32_t pe_cycles)
{
    port->assume(port->self, block, rows_written, pe_cycles);
}

#endif
