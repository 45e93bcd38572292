// Operations on their way in and out, and the registry of their kinds.
#include "nand/control/op.h"

#include "nand/control/control.h"

#define OP_KIND(id, name) [NAND_##id] = &op_##name,
static const struct op_kind *const kinds[NAND_KIND_COUNT] = {NAND_KIND_LIST(OP_KIND)};

static void place(struct nand *nand, struct nand_op *op)
{
    struct nand_address at = nand_locate_page(&nand->geometry, op->at);
    op->backend.die = &nand->dies[at.die];
    op->backend.block_state = block_of(&nand->blocks, at.die, at.block);
    __builtin_prefetch(op->backend.block_state, 1);
    op->backend.block = at.block;
    op->backend.row = at.row;
    op->backend.page = at.page;
}

void op_accept(struct nand *nand, struct nand_op *op, void (*ended)(struct nand_op *op))
{
    tick_t now = sim_now(nand->sim);
    place(nand, op);
    op->backend.kind_of = kinds[op->kind];
    op->backend.ended = ended;
    op->backend.step = 0;
    op->backend.queued = now;
    op->backend.units = op->units;
    op->status = NAND_OK;
    op->failed_units = 0;
    nand->outstanding++;
    breakdown_start_nand(&op->path, STAGE_DIE_WAIT, now);
    if (unlikely(nand->holdings != NULL))
        explain_accept(op);
    op_queue(op, false);
}

void op_queue(struct nand_op *op, bool first)
{
    op->backend.kind_of->set_planes(op);
    die_submit(op->backend.die, op, first);
}

// Programs and erases over time; reads are the host's commands, as a rule, whose course is known.
static void count_over_time(struct nand *nand, const struct nand_op *op)
{
    enum nand_count count = op->kind == NAND_ERASE              ? NAND_COUNT_ERASES
                            : op->source.tag == NAND_FOR_HOST ? NAND_COUNT_HOST_PROGRAMS
                                                              : NAND_COUNT_COPY_PROGRAMS;
    strip_count(&nand->counts[count], sim_now(nand->sim), 1);
}

void op_finish(struct nand_op *op)
{
    struct nand *nand = op_nand(op);
    breakdown_enter(&op->path, op->path.stage, sim_now(nand->sim));
    nand->stats.done[op->kind]++;
    nand->stats.done_for[op->kind][op->source.tag]++;
    nand->stats.done_in_slc[op->kind] += op->mode == NAND_SLC;
    nand->outstanding--;
    if (op->kind != NAND_READ)
        count_over_time(nand, op);
    op->done(op);
}
