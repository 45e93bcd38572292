// What operations tell of the dies that they hold, and of what they wait for, where somebody asks (stats/holding.h).
// Channels tell by themselves who holds them (channel.h).
//
// A program that is suspended waits for its die for the sake of host reads. Steps of a read after its first are read
// retry, whatever they wait for.
#ifndef SQTAIL_NAND_CONTROL_EXPLAIN_H
#define SQTAIL_NAND_CONTROL_EXPLAIN_H

#include "nand/control/op.h"
#include "stats/holding.h"

// An operation comes in.
void explain_accept(struct nand_op *op);

// The operation has the die from now on.
static inline void explain_die(struct holding *die, const struct nand_op *op, tick_t now)
{
    holding_take(die, op->backend.holder, now);
    holding_tell_origin(die, op);
}

// The die is given back at `when`, now or later.
static inline void explain_given(struct holding *die, tick_t now, tick_t when)
{
    holding_settle(die, now);
    holding_give(die, when);
}

// A program or erase is told to rest or to go on: from now on that is what the die is held by.
void explain_suspension(struct holding *die, const struct nand_op *op, tick_t now);

// A host read waits for the program or erase that has the die, and what comes of that.
static inline void explain_unsuspended(struct holding *die, tick_t now, enum unsuspended why)
{
    holding_settle(die, now);
    holding_latest(die)->why = (uint8_t)why;
}

// The die is told, now, to go on with the program or erase, which it does from `begin` on.
void explain_resumed(struct holding *die, struct holding *channel, struct nand_op *op, tick_t now, tick_t begin);

// An operation waits for the die (WAIT_DIE_WAIT_HOST_READ) or the channel (WAIT_CHANNEL_WAIT_HOST_READ), as `first`
// says, between these two, behind `few` others or for more.
static inline void explain_wait_begins(struct holding *holding, struct nand_op *op, enum wait first, tick_t now,
                                       bool few)
{
    op->backend.counted = !few;
    if (unlikely(op->backend.step > 0))
        return;
    if (few)
        holding_short_wait_begins(holding);
    else
        holding_wait_begins(holding, now, &op->path, first);
}

static inline void explain_wait_ends(struct holding *holding, struct nand_op *op, enum wait first, tick_t now)
{
    if (unlikely(op->backend.step > 0))
        return;
    if (op->backend.counted)
        holding_wait_ends(holding, now, &op->path, first);
    else
        holding_short_wait_ends(holding, op->path.changed, now, &op->path, first);
}

// Who held the die for most of the wait that ends now.
void explain_longest(struct holding *die, struct nand_op *op, tick_t now);

static inline void explain_die_wait_ends(struct holding *die, struct nand_op *op, tick_t now)
{
    if (unlikely(die->origin_of != NULL))
        explain_longest(die, op, now);
    explain_wait_ends(die, op, WAIT_DIE_WAIT_HOST_READ, now);
}

// A program has rested for host reads until now; it waits for the channel to go on.
void explain_rested(struct holding *channel, struct nand_op *op, tick_t now);

#endif
