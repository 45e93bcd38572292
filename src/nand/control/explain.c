// What operations tell of the dies and channels that they hold or wait for.
#include "nand/control/explain.h"

#include "nand/control/die.h"

void explain_accept(struct nand_op *op)
{
    op->backend.holder = nand_holder_of(op);
    op->path.waits = op->waits;
}

void explain_suspension(struct holding *die, const struct nand_op *op, tick_t now)
{
    holding_settle(die, now);
    if (holding_latest(die)->to == TICK_NEVER)
        holding_give(die, now);
    holding_take(die, HOLDER_SUSPEND, now);
    holding_tell_origin(die, op);
}

void explain_resumed(struct holding *die, struct holding *channel, struct nand_op *op, tick_t now, tick_t begin)
{
    if (op->path.waits != NULL)
        explain_wait_ends(channel, op, WAIT_CHANNEL_WAIT_HOST_READ, now);
    holding_go_on(die, begin, op->backend.holder);
}

void explain_longest(struct holding *die, struct nand_op *op, tick_t now)
{
    if (op->backend.step > 0)
        return;
    op->path.fact = holding_longest(die, op->path.changed, now);
    op->path.fact.die = op->backend.die->index;
}

void explain_rested(struct holding *channel, struct nand_op *op, tick_t now)
{
    wait_add(&op->path, WAIT_DIE_WAIT_HOST_READ, now - op->path.changed);
    explain_wait_begins(channel, op, WAIT_CHANNEL_WAIT_HOST_READ, now, false);
}
