// Operations: what a kind of them is, how one comes in and how it leaves.
#ifndef SQTAIL_NAND_CONTROL_OP_H
#define SQTAIL_NAND_CONTROL_OP_H

#include "nand/chip/parts.h"
#include "nand/control/channel.h"
#include "nand/nand.h"

struct nand;

// What a phase is spent on.
enum phase_place {
    AT_BUS,          // the channel, waited for
    AT_KNOWN_LENGTH, // the die by itself, or the decoders
    AT_ARRAY,        // the array, to its end
    AT_WORK,         // the array, programming or erasing: what can be suspended
    AT_END,          // nothing: the operation goes back to whoever gave it to the die
    AT_PLACES
};

// A row of an operation's table: one phase. phase.c walks from row to row; the first is at the bus.
struct phase {
    enum phase_place place;
    enum stage stage; // that its time counts as
    enum bus_class bus[NAND_URGENCY_COUNT]; // AT_BUS: how it waits, by how urgent the operation is
    // How long it takes. Called once, at AT_BUS when the bus is asked for; elsewhere it is known when it begins.
    tick_t (*takes)(struct nand_op *op);
    // Command cycles or settling before that, at the same place. NULL: none.
    tick_t (*lead)(const struct nand_op *op);
    // What has come of it: called as soon as its end is fixed, at the array when it has come. Returns whether the
    // operation leaves the order of the rows and goes to `goes_to`. NULL: nothing, and it does not.
    bool (*over)(struct nand_op *op);
    const struct phase *goes_to;
    parts_t gives; // kinds of parts that the operation needs no longer from its end on
};

// What it takes to suspend a program or erase.
struct suspend_times {
    tick_t stop;   // from when the array stops until the die takes reads
    tick_t resume; // from the resume command's end until the array works again
    const struct config_times *steps; // of the array, the last one again and again: it stops at their ends; 0: anywhere
};

struct op_kind {
    parts_t holds; // kinds of parts, on the planes at which it works, that must be free for it to start
    const struct phase *phases; // the first
    // At which planes it works: sets backend.planes and plane_count, whenever it comes to its die.
    void (*set_planes)(struct nand_op *op);
    // Its die takes it up. May be NULL.
    void (*begin)(struct nand_op *op);
    // How its work is suspended. Of kinds with a phase AT_WORK.
    struct suspend_times (*suspend_times)(const struct nand_op *op);
};

#define OP_KIND_EXTERN(id, name) extern const struct op_kind op_##name;
NAND_KIND_LIST(OP_KIND_EXTERN)
#undef OP_KIND_EXTERN

static inline parts_t op_parts(const struct nand_op *op)
{
    return parts_on(op->backend.kind_of->holds, op->backend.planes);
}

// Takes in an operation that its owner has filled, and gives it to its die, which hands it back by `ended`.
void op_accept(struct nand *nand, struct nand_op *op, void (*ended)(struct nand_op *op));

// Gives an operation to its die again, at the head of the queue when `first`.
void op_queue(struct nand_op *op, bool first);

// Hands an operation back to its owner.
void op_finish(struct nand_op *op);

#endif
