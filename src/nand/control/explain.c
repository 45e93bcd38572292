// From operations to the holders that waits are explained by.
#include "nand/control/explain.h"

#include "nand/control/die.h"

static enum nand_holder holder_of(const struct nand_op *op)
{
    static const enum nand_holder reads[NAND_TAG_COUNT][NAND_DETAIL_COUNT] = {
        [NAND_FOR_HOST] = {HOLDER_HOST_READ, HOLDER_HOST_READ, HOLDER_HOST_READ},
        [NAND_FOR_AHEAD] = {HOLDER_READ_AHEAD, HOLDER_READ_AHEAD, HOLDER_READ_AHEAD},
        [NAND_FOR_GC] = {HOLDER_GC_READ, HOLDER_FOLD_READ, HOLDER_GC_READ},
        [NAND_FOR_STRIPE] = {HOLDER_RAID, HOLDER_RAID, HOLDER_RAID},
    }, writes[NAND_TAG_COUNT][NAND_DETAIL_COUNT] = {
        [NAND_FOR_HOST] = {HOLDER_HOST_WRITE, HOLDER_HOST_WRITE, HOLDER_PARITY},
        [NAND_FOR_AHEAD] = {HOLDER_HOST_WRITE, HOLDER_HOST_WRITE, HOLDER_PARITY},
        [NAND_FOR_GC] = {HOLDER_GC_WRITE, HOLDER_FOLD_WRITE, HOLDER_PARITY},
        [NAND_FOR_STRIPE] = {HOLDER_GC_WRITE, HOLDER_GC_WRITE, HOLDER_PARITY},
    };
    if (op->kind == NAND_READ)
        return reads[op->source.tag][op->source.detail];
    return op->kind == NAND_ERASE ? HOLDER_ERASE : writes[op->source.tag][op->source.detail];
}

void explain_accept(struct nand_op *op)
{
    op->backend.holder = holder_of(op);
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

void explain_command(struct holding *channel, tick_t now, tick_t duration)
{
    holding_take(channel, HOLDER_SUSPEND, now);
    holding_give(channel, now + duration);
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
