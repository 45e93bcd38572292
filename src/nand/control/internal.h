// What the parts of the back-end share.
//
//   backend.c      the whole: creation, the port, statistics
//   die.c          who goes next on a die, and when
//   channel.c      who goes next on a channel
//   read.c         a read: command, array, data, decoding, the steps of the read ladder
//   write.c        programs and erases
//   reconstruct.c  an uncorrectable read, from the other members of its stripe
//   block.c        blocks: wear, reads, write pointer, error rate
#ifndef SQTAIL_NAND_CONTROL_INTERNAL_H
#define SQTAIL_NAND_CONTROL_INTERNAL_H

#include "nand/backend.h"
#include "nand/ecc/ecc.h"
#include "nand/control/scheduler.h"
#include "nand/chip/sequence.h"
#include "sim/timeline.h"
#include "util/pool.h"

enum { PLANES_LIMIT = 16, CHANNEL_DECODERS_LIMIT = 16 };

// What waits for a channel, the first first; see channel.c.
enum bus_class { BUS_COMMAND, BUS_HOST_DATA, BUS_PROGRAM_GOES_ON, BUS_DATA, BUS_CLASS_COUNT };

// A die's wish for the channel, until it is granted.
struct bus_request {
    struct list_link link;
    struct nand_die *die;
    tick_t since; // when it was made
    tick_t duration;
    void (*granted)(struct nand_die *die); // the bus is the die's from now on, for `duration`
};

struct nand_channel {
    tick_t free_at;
    struct list classes[BUS_CLASS_COUNT]; // requests that wait
    uint32_t waiting;                     // their number
    uint32_t programs_begun;              // that have pages still to send
    bool wake_pending;                    // an event is scheduled for free_at
    struct timeline decoders[CHANNEL_DECODERS_LIMIT];
};

struct nand_die {
    struct nand *nand;
    struct nand_channel *channel;
    uint32_t index;
    bool wake_pending;  // a wake-up is scheduled for free_at
    tick_t free_at;     // from when it can take an operation; TICK_NEVER while that is not known
    tick_t held_since;  // when the present, or last, operation took it
    struct die_queue queue;
    struct nand_op *op; // that it has taken up; not a program or erase while that is suspended
    struct bus_request request;
    uint32_t segment; // of the program under way: the next page to send
    // suspension of programs and erases; see die.c
    struct nand_op *array_op; // the program or erase that the array works on, or that is suspended
    tick_t array_start, array_end;
    tick_t array_left;        // of a suspended one: what is left of it
    tick_t suspended_since;
    tick_t suspension_at;     // array_start of the work for whose beginning an event was scheduled
    uint32_t suspends;        // of the present operation
    struct bus_request suspend_request;
    bool suspended, suspend_requested;
    bool suspension_served; // a read, in the present suspension
};

// One die's part of a superblock: a block on each plane. All zeroes: erased, never used.
struct block_state {
    uint64_t reads;      // page reads since the last erase, of all planes
    uint64_t refresh_at; // reads at which the bin is computed anew
    uint32_t erases;     // in the simulation, and assumed
    uint32_t next_row;   // rows below hold data
    uint16_t bin;        // of the raw bit error rate
    bool aged;           // its data were placed by preparation
};

struct nand {
    struct sim *sim;
    struct nand_config config;
    struct nand_geometry geometry;
    struct raid_layout raid;
    const struct scheduler_ops *scheduler;
    struct nand_channel *channels;
    struct nand_die *dies;
    struct block_state *blocks; // [die * geometry.blocks + block]
    size_t blocks_bytes;
    struct ecc ecc;
    struct rng rng;
    struct pool members; // reads of stripe members
    uint64_t outstanding;
    // tabulated at creation
    struct sequence_time read_command[PLANES_LIMIT + 1]; // by planes
    tick_t read_data, next_column, next_plane;
    struct sequence_time program_first, program_next, erase_command, suspend_command;
    tick_t array_read[PAGE_TYPES_MAX], array_program[PAGE_TYPES_MAX]; // by page type
    tick_t transfer[MULTI_PAGE_UNITS_MAX + 1];                        // by units, parity included
    uint32_t transfer_bytes;                                          // of one unit, parity included
    uint64_t page_mask;                                               // of plane 0's units
    struct nand_stats stats;
    struct ecc_stats ecc_stats;
    struct raid_stats raid_stats;
    struct wear_stats wear_stats;
    struct meter die_meter, channel_meter;
};

static inline struct nand_die *op_die(const struct nand_op *op)
{
    return op->backend.die;
}

static inline struct block_state *op_block(const struct nand_op *op)
{
    return op->backend.block_state;
}

static inline struct block_state *block_of(const struct nand *nand, uint32_t die, uint32_t block)
{
    return &nand->blocks[(size_t)die * nand->geometry.blocks + block];
}

// Asks for the die's channel. `granted` is called once, from inside when the bus is idle or `duration` is 0.
void channel_request(struct bus_request *request, struct nand_die *die, enum bus_class class, tick_t duration,
                     void (*granted)(struct nand_die *die));

// Between these a program may pause between its pages, and no other begins.
void channel_program_begins(struct nand_channel *channel);
void channel_program_sent(struct nand_channel *channel, struct sim *sim);

// Gives `op` to its die: it starts at once or waits its turn, at the head when `first`.
void die_submit(struct nand_die *die, struct nand_op *op, bool first);

// The die's present operation ends at `when`, now or later.
void die_release(struct nand_die *die, tick_t when);

// The array of the die works on a program or erase from `begin`, now or later, to `end`, when write_array_done is
// called. Suspension moves the end.
void die_array_begin(struct nand_die *die, struct nand_op *op, tick_t begin, tick_t end);

// The operation's die takes it up, now.
void read_start(struct nand_op *op);
void program_start(struct nand_op *op);
void erase_start(struct nand_op *op);

void write_array_done(struct nand_die *die, struct nand_op *op);

// The ladder has left op->failed_units: reads the stripe's other members, then finishes `op`.
void reconstruct_start(struct nand *nand, struct nand_op *op);

// Hands the operation back.
void nand_finish(struct nand *nand, struct nand_op *op);

// Takes in an operation whose owner has filled it; `parent` is the one whose reconstruction it is for, or NULL.
void nand_accept(struct nand *nand, struct nand_op *op, struct nand_op *parent);

// Counts a read of a page on each of `planes` planes and returns the bin of the block's error rate.
uint32_t block_read(struct nand *nand, struct block_state *block, uint32_t planes);
void block_erased(struct block_state *block);

#endif
