// Erases: one multi-plane command for all planes, then tBERS. Left out: failing erases.
#include "nand/control/control.h"

static tick_t command_time(struct nand_op *op)
{
    return op_nand(op)->timing.erase_command.bus;
}

static tick_t settle_time(const struct nand_op *op)
{
    return op_nand(op)->timing.erase_command.die;
}

static tick_t array_time(struct nand_op *op)
{
    return op_array_time(op, op_cells(op)->array_erase);
}

static struct suspend_times suspend_times(const struct nand_op *op)
{
    const struct nand_config *config = &op_nand(op)->config;
    return (struct suspend_times){config->t_suspend_erase, config->t_resume, &config->suspend_steps_erase};
}

static bool erased(struct nand_op *op)
{
    block_erased(&op_nand(op)->blocks, op->backend.block_state, op->backend.block);
    return false;
}

#define HOLDS (PART_INTERFACE | PART_ARRAY)

static const struct phase phases[] = {
    {AT_BUS, STAGE_NAND_COMMAND, {BUS_COMMAND, BUS_COMMAND}, .takes = command_time},
    {AT_WORK, STAGE_ARRAY, .takes = array_time, .lead = settle_time, .over = erased, .gives = HOLDS},
    {.place = AT_END},
};

const struct op_kind op_erase = {
    .holds = HOLDS,
    .phases = phases,
    .set_planes = op_set_all_planes,
    .begin = op_find_mode,
    .suspend_times = suspend_times,
};
