// RAID reconstruction: an uncorrectable page is the XOR of the same page on the other dies of its stripe.
//
// Members that are not programmed yet are still in the controller's memory, so only the others are read, each as an
// operation of its own that waits for its die and climbs its own read ladder. When all are there, raid.t_xor later
// the data are restored. Where another member fails in the same units, they stay lost:
//
//   T = max over the members (their own time) + t_xor
//
// Left out: the XOR of members as they arrive takes no time of its own; memory for partial results is unlimited.
#include "nand/control/reconstruct.h"

#include "nand/control/control.h"
#include "nand/control/ladder.h"

static void reconstructed(void *context)
{
    struct nand_op *op = context;
    struct nand *nand = op_nand(op);
    op->status = op->failed_units == 0 ? NAND_OK : NAND_UNCORRECTABLE;
    nand->raid_stats.failures += op->failed_units != 0;
    op_finish(op);
}

static void member_arrived(struct nand *nand, struct nand_op *op)
{
    if (--op->backend.pending == 0)
        sim_after(nand->sim, nand->config.raid.t_xor, reconstructed, op);
}

static void member_done(struct nand_op *member)
{
    struct nand_op *op = member->owner;
    struct nand *nand = op_nand(op);
    op->failed_units |= member->failed_units;
    pool_give(&nand->members, member);
    member_arrived(nand, op);
}

static void read_member(struct nand *nand, struct nand_op *op, uint32_t die, uint64_t units)
{
    struct nand_op *member = pool_take(&nand->members);
    struct nand_address at = {
        .block = op->backend.block,
        .row = op->backend.row,
        .die = die,
        .page = op->backend.page,
    };
    *member = (struct nand_op){
        .done = member_done,
        .owner = op,
        .kind = NAND_READ,
        .source = {op->source.urgency, NAND_FOR_STRIPE, NAND_TO_RAID},
        .at = nand_unit_at(&nand->geometry, at),
        .units = units,
    };
    op->backend.pending++;
    nand->raid_stats.member_reads++;
    ladder_submit(nand, member, op_finish);
}

static bool is_programmed(const struct nand *nand, uint32_t die, const struct nand_op *op)
{
    return block_holds(block_of(&nand->blocks, die, op->backend.block), op->backend.row, op->backend.page);
}

void reconstruct_start(struct nand_op *op)
{
    struct nand *nand = op_nand(op);
    uint32_t own = op->backend.die->index, first = raid_first_die(&nand->raid, own);
    uint64_t lost = op->failed_units;
    breakdown_enter(&op->path, STAGE_RAID, sim_now(nand->sim));
    nand->raid_stats.reconstructions++;
    op->failed_units = 0;
    op->backend.pending = 1; // this function itself, so that the last member cannot come before all were asked
    for (uint32_t die = first; die < first + nand->raid.stripe_dies; die++)
        if (die != own && is_programmed(nand, die, op))
            read_member(nand, op, die, lost);
    member_arrived(nand, op);
}
