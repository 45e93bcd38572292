// Suspension of programs and erases for reads of the host.
#ifndef SQTAIL_NAND_CONTROL_SUSPEND_H
#define SQTAIL_NAND_CONTROL_SUSPEND_H

#include "nand/chip/sequence.h"
#include "nand/control/op.h"

// A die's program or erase, as far as it can be suspended.
enum work_state {
    WORK_NONE,
    WORK_STRAY,    // none, but a command to stop a former one still waits for the bus
    WORK_ARRAY,    // the array works on it, or will as soon as all of it has arrived
    WORK_AHEAD,    // it has not begun, and will be looked at when it does
    WORK_STOPPING, // the array works on it, and the suspend command waits for the bus
    WORK_STOPPED,  // it rests, and no read has been served yet
    WORK_SERVING,  // it rests, and reads are served
    WORK_RESUMING, // it rests, and the resume command waits for the bus
    WORK_STATES
};

struct array_work {
    enum work_state state;
    struct nand_op *op;
    void (*done)(struct nand_op *op); // the array has done it
    struct suspend_times times;
    tick_t takes;       // of the array's time, in all
    tick_t begin, end;
    tick_t left;        // while it rests
    tick_t rests_since;
    tick_t rested;      // in suspensions that are over
    uint32_t stops;             // so far
    const struct nand_op *told; // the last read that is counted as held up
    struct bus_request command; // suspend or resume
};

static inline bool work_rests(const struct array_work *work)
{
    return work->state == WORK_STOPPED || work->state == WORK_SERVING;
}

struct suspend_rules {
    struct sequence_time command;
    tick_t bound;   // how long the work may rest once a read was served; 0: for as long as reads come
    tick_t total;   // how long one program or erase may rest in all; 0: no bound
    tick_t min_run; // of the array after a suspension
    uint32_t limit; // suspensions of one program or erase
};

// The die's array works on `op` from `begin`, now or later, to `end`, which suspension moves. Then `done` is called.
void suspend_work_begin(struct nand_die *die, struct nand_op *op, tick_t begin, tick_t end,
                        void (*done)(struct nand_op *op));

// An operation has come to wait for the die, on which there is a program or erase.
void suspend_queued(struct nand_die *die);

// The die is free of all but a program or erase that rests: serves a read, or goes on with the work.
void suspend_turn(struct nand_die *die);

#endif
