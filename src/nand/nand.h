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
#include "stats/wait.h"
#include "util/list.h"

// The kinds of operations, a line each: control/op_NAME.c defines op_NAME.
#define NAND_KIND_LIST(X) \
    X(READ, read)         \
    X(PROGRAM, program)   \
    X(ERASE, erase)       \
    X(FOLD_ON_DIE, fold_on_die)

#define NAND_KIND_ENUM(id, name) NAND_##id,
enum nand_kind { NAND_KIND_LIST(NAND_KIND_ENUM) NAND_KIND_COUNT };
#undef NAND_KIND_ENUM

// How many bits a cell are written: all that it has, or one, which is faster and more robust (SLC mode).
enum nand_mode { NAND_NATIVE, NAND_SLC, NAND_MODE_COUNT };

// Rows of a block in that mode: with one bit a cell a word line has one page, whether its pages are programmed together
// or each in a row of its own.
static inline uint32_t nand_mode_rows(const struct nand_geometry *geometry, enum nand_mode mode)
{
    bool page_a_row = geometry->pages_per_row == 1;
    return mode == NAND_SLC && page_a_row ? geometry->rows / geometry->bits_per_cell : geometry->rows;
}

static inline bool nand_has_mode(const struct nand_geometry *geometry, enum nand_mode mode)
{
    return mode < NAND_MODE_COUNT && nand_mode_rows(geometry, mode) > 0;
}

// How urgent an operation is: what schedulers, channels and suspension go by.
enum nand_urgency { NAND_URGENT, NAND_BACKGROUND, NAND_URGENCY_COUNT };

// For whom it is: what statistics go by, and nothing else.
enum nand_tag { NAND_FOR_HOST, NAND_FOR_AHEAD, NAND_FOR_GC, NAND_FOR_STRIPE, NAND_TAG_COUNT };

// What it is for, as timelines and causes of waits tell it, and nothing else: its name in timelines; as whom a read and a
// program for it hold dies and channels (stats/wait.h).
#define NAND_PURPOSE_LIST(X)                    \
    X(HOST, "host", HOST_READ, HOST_WRITE)      \
    X(AHEAD, "ahead", READ_AHEAD, HOST_WRITE)   \
    X(COLLECT, "collect", GC_READ, GC_WRITE)    \
    X(FOLD, "fold", FOLD_READ, FOLD_WRITE)      \
    X(REUSE, "reuse", GC_READ, GC_WRITE)        \
    X(PARITY, "parity", GC_READ, PARITY)        \
    X(RAID, "raid", RAID, GC_WRITE)

#define NAND_PURPOSE_ENUM(id, name, read, program) NAND_TO_##id,
enum nand_purpose { NAND_PURPOSE_LIST(NAND_PURPOSE_ENUM) NAND_PURPOSE_COUNT };
#undef NAND_PURPOSE_ENUM

struct nand_source {
    enum nand_urgency urgency;
    enum nand_tag tag;
    enum nand_purpose purpose;
};

#define NAND_HOST ((struct nand_source){NAND_URGENT, NAND_FOR_HOST, NAND_TO_HOST})
#define NAND_AHEAD ((struct nand_source){NAND_URGENT, NAND_FOR_AHEAD, NAND_TO_AHEAD})
#define NAND_GC ((struct nand_source){NAND_BACKGROUND, NAND_FOR_GC, NAND_TO_COLLECT})
#define NAND_FOLD ((struct nand_source){NAND_BACKGROUND, NAND_FOR_GC, NAND_TO_FOLD})

enum nand_status {
    NAND_OK,
    NAND_UNCORRECTABLE,  // read: neither ECC nor RAID could recover the data
    NAND_PROGRAM_FAILED, // reserved for dies that report a failed program
};

// A wish for a channel, until it is granted.
struct bus_request {
    struct list_link link;
    const struct nand_op *op; // for which the bus is wanted,
    enum nand_holder holder;  // and as whom it is held, where somebody asks
    tick_t since;             // when it was made
    tick_t duration;
    void (*granted)(struct bus_request *request); // the bus is the asker's from now on, for `duration`
};

struct nand_die;
struct block_state;
struct op_kind;
struct phase;

// Units of a multi-plane page, in the order in which they will lie in the controller, decoded, and when they do.
struct nand_arrivals {
    uint32_t count;
    tick_t when[MULTI_PAGE_UNITS_MAX];
    uint8_t unit[MULTI_PAGE_UNITS_MAX];
};

struct nand_op {
    struct list_link link; // for whoever holds the operation
    void (*done)(struct nand_op *op);
    // READ of several units, may be NULL: told of some, at least one, as soon as it is known when they will come. None
    // comes later than done(); those that it was not told of have come by then.
    void (*coming)(struct nand_op *op, const struct nand_arrivals *arrivals);
    void *owner; // the submitter's, untouched
    enum nand_kind kind;
    struct nand_source source;
    // READ: any unit of the multi-plane page to read. PROGRAM, FOLD_ON_DIE: the first of the program unit. ERASE: any of a
    // block of the die; all planes' blocks of that number are erased.
    ppn_t at;
    // FOLD_ON_DIE: pages of blocks of the die that are in SLC mode, any unit of each, in the order in which the pages of
    // the word line take their data; as many as it has. They stay there until done.
    const ppn_t *sources;
    // READ: which units of the multi-plane page are wanted, bit (plane * units_per_page + unit); at least one. Only
    // their planes are read and only they are transferred.
    uint64_t units;
    // PROGRAM, FOLD_ON_DIE (native only): the first one of a block after an erase decides in which mode the block is until its next erase; the
    // others' is the same. READ, ERASE: found out by the back-end. In SLC mode a program writes page 0 of its row
    // alone, and no other page may be read there: the units of the others do not exist, nor rows from nand_mode_rows() on.
    enum nand_mode mode;
    tick_t *waits;           // where the causes of `path` are kept, WAIT_NAND_COUNT of them; NULL: nowhere
    enum nand_status status; // set when done
    uint64_t failed_units;   // READ: which of `units` could not be recovered
    struct breakdown path;   // from submit to done, by stage of NAND_STAGE_LIST
    // the back-end's own while it holds the operation
    struct {
        struct list_link link;  // in its die's queue
        struct bus_request bus; // its wish for the channel
        struct nand_die *die;
        struct block_state *block_state;
        const struct op_kind *kind_of;
        const struct phase *phase;            // at work, or waited for
        void (*ended)(struct nand_op *op);    // to whom the die hands it back
        void (*lost)(struct nand_op *op);     // READ: to whom it goes when the read ladder has left failed_units
        tick_t queued;          // when it was given to the back-end
        uint64_t units;         // READ: what this step reads
        uint64_t coming;        // READ: of those, the page that comes over the bus
        uint64_t left;          // READ: and what comes after it
        tick_t decoded;         // READ: when the last of what has come is decoded
        tick_t begun;           // a phase whose length is known when it begins: when it began
        uint32_t block, row, page;
        uint32_t planes;      // at which it works, a mask
        uint32_t plane_count; // of them
        uint32_t step;        // of the read ladder: 0 the first read, then read-retry and soft steps
        uint32_t pages_sent;  // PROGRAM, FOLD_ON_DIE: how many are in the die's registers
        bool counted;         // the sums of who held what were noted when its wait began
        uint32_t holder;      // as which it holds dies and channels, where somebody asks: enum nand_holder
        uint32_t pending;     // reads of stripe members that a reconstruction waits for
    } backend;
};

// How the core reaches the back-end; also what a back-end of one's own must provide.
struct nand_port {
    void *self;
    void (*submit)(void *self, struct nand_op *op);
    // A READ that still waits for its die reads these units of its page, too. False when it does not wait any more. May
    // be NULL.
    bool (*widen)(void *self, struct nand_op *op, uint64_t units);
    // Preparation only, with no operation under way: on every die, the block `block` holds data in its first
    // `rows_written` rows.
    void (*assume)(void *self, uint32_t block, uint32_t rows_written);
};

extern const char *const nand_purpose_names[NAND_PURPOSE_COUNT];

// As whom it holds dies and channels.
enum nand_holder nand_holder_of(const struct nand_op *op);

static inline void nand_submit(const struct nand_port *port, struct nand_op *op)
{
    port->submit(port->self, op);
}

static inline bool nand_widen(const struct nand_port *port, struct nand_op *op, uint64_t units)
{
    return port->widen != NULL && port->widen(port->self, op, units);
}

static inline void nand_assume(const struct nand_port *port, uint32_t block, uint32_t rows_written)
{
    port->assume(port->self, block, rows_written);
}

#endif
