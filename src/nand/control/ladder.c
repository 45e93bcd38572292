// The read ladder: the read itself; then ecc.retry_steps reads with shifted reference voltages; then, for codes that
// use them, soft steps. It takes the sum of tR + tX + tDEC over its steps. A step reads only the units that are still
// wrong and goes to the head of its die's queue.
#include "nand/control/ladder.h"

#include "nand/control/control.h"

static void count_step(struct nand *nand, uint32_t step)
{
    nand->ecc_stats.retried_reads += step == 1;
    strip_count(&nand->counts[NAND_COUNT_RETRIES], sim_now(nand->sim), 1);
    if (step > nand->ecc.retry_steps)
        nand->ecc_stats.soft_steps++;
    else
        nand->ecc_stats.retry_steps++;
}

static void next_step(struct nand *nand, struct nand_op *op)
{
    if (op->backend.step == 0)
        breakdown_enter(&op->path, STAGE_RETRY, sim_now(nand->sim));
    count_step(nand, ++op->backend.step);
    op->backend.units = op->failed_units;
    op->failed_units = 0;
    op_queue(op, true);
}

static void step_ended(struct nand_op *op)
{
    struct nand *nand = op_nand(op);
    if (likely(op->failed_units == 0)) {
        op_finish(op);
    } else if (op->backend.step < nand->ecc.last_step) {
        next_step(nand, op);
    } else {
        nand->ecc_stats.uncorrectable_reads++;
        op->status = NAND_UNCORRECTABLE;
        op->backend.lost(op);
    }
}

void ladder_submit(struct nand *nand, struct nand_op *op, void (*lost)(struct nand_op *op))
{
    op->backend.lost = lost;
    op_accept(nand, op, step_ended);
}
