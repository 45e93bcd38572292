// Programs: data in, page by page and plane by plane, in one-shot mode for all pages of the word line; then tPROG.
//
// Each page asks for the channel when the one before has been sent, so that commands and data of host reads come in
// between. Left out: failing programs, cache programs (data in while the array works).
#include "nand/control/control.h"
#include "nand/control/program.h"

void program_begin(struct nand_op *op)
{
    struct nand *nand = op_nand(op);
    struct block_state *block = op->backend.block_state;
    SIM_CHECK(nand->sim, "nand", op->backend.row == block->next_row,
              "die %u, block %u: row %u is programmed, row %u is next", op->backend.die->index, op->backend.block,
              op->backend.row, block->next_row);
    SIM_CHECK(nand->sim, "nand", op->backend.row < nand_mode_rows(&nand->geometry, op->mode),
              "die %u, block %u: row %u does not exist in its mode", op->backend.die->index, op->backend.block,
              op->backend.row);
    if (block->next_row == 0)
        block_set_mode(&nand->blocks, block, op->mode);
    SIM_CHECK(nand->sim, "nand", op->mode == block->mode, "die %u, block %u: row %u is programmed in another mode",
              op->backend.die->index, op->backend.block, op->backend.row);
    op->backend.pages_sent = 0;
}

static tick_t first_command(const struct nand_op *op)
{
    return op_nand(op)->timing.program_first.bus;
}

static tick_t next_command(const struct nand_op *op)
{
    return op_nand(op)->timing.program_next.bus;
}

static tick_t page_time(struct nand_op *op)
{
    const struct chip_timing *timing = &op_nand(op)->timing;
    return timing->transfer[timing->units_per_page];
}

// Returns whether it was the last.
static bool page_sent(struct nand_op *op)
{
    struct nand *nand = op_nand(op);
    nand->stats.bytes_in += (uint64_t)nand->timing.units_per_page * nand->timing.unit_bytes;
    if (++op->backend.pages_sent < op_cells(op)->pages_per_row * op->backend.plane_count)
        return false;
    channel_program_sent(op->backend.die->channel);
    return true;
}

static bool only_page_sent(struct nand_op *op)
{
    channel_program_begins(op->backend.die->channel);
    return page_sent(op);
}

static bool pages_left(struct nand_op *op)
{
    return !page_sent(op);
}

static tick_t pause_time(struct nand_op *op)
{
    return op_nand(op)->timing.program_next.die;
}

tick_t program_array_time(struct nand_op *op)
{
    const struct cell_mode *cells = op_cells(op);
    return op_array_time(op, cells->array_program[page_type(cells, op->backend.row, 0)]);
}

struct suspend_times program_suspend_times(const struct nand_op *op)
{
    const struct nand_config *config = &op_nand(op)->config;
    return (struct suspend_times){config->t_suspend_program, config->t_resume, &config->suspend_steps_program};
}

bool program_over(struct nand_op *op)
{
    block_programmed(op->backend.block_state);
    return false;
}

#define HOLDS (PART_INTERFACE | PART_ARRAY | PART_REGISTER | PART_CACHE)

enum { FIRST_PAGE, PAUSE, NEXT_PAGE, ARRAY, END };

// All pages of a word line lie in the die's registers before the array begins.
static const struct phase phases[] = {
    [FIRST_PAGE] = {AT_BUS, STAGE_TRANSFER, {BUS_DATA, BUS_DATA}, .takes = page_time, .lead = first_command,
                    .over = only_page_sent, .goes_to = &phases[ARRAY]},
    [PAUSE] = {AT_KNOWN_LENGTH, STAGE_NAND_COMMAND, .takes = pause_time},
    [NEXT_PAGE] = {AT_BUS, STAGE_TRANSFER, {BUS_GOES_ON, BUS_GOES_ON}, .takes = page_time,
                   .lead = next_command, .over = pages_left, .goes_to = &phases[PAUSE]},
    [ARRAY] = {AT_WORK, STAGE_ARRAY, .takes = program_array_time, .over = program_over, .gives = HOLDS},
    [END] = {.place = AT_END},
};

const struct op_kind op_program = {
    .holds = HOLDS,
    .phases = phases,
    .set_planes = op_set_all_planes,
    .begin = program_begin,
    .suspend_times = program_suspend_times,
};
