// Folding by the die itself, or on-chip copy: the array reads pages written in SLC mode, one after the other, into data
// latches of the die, and programs them from there as the pages of one native word line. Nothing but commands crosses
// the channel (US 10 635 585 B2, "On-chip copy with data folding in three-dimensional non-volatile memory array";
// US 12 249 396 B2: pages in binary format are read into the latches, then written with N bits a cell):
//
//   as many times as a word line has pages: the command of a read of all planes, tR of SLC mode
//   the command of a program without data, on all planes, then tPROG, which can be suspended
//
// What a plane's SLC page held becomes a page of the same plane. The commands are those of ONFI's copyback (5.1, Copyback
// Read and Program). Left out: that the raw errors of an SLC page, few as they are, go along uncorrected, and that an
// urgent read could come in between two reads of the array.
#include "nand/control/control.h"
#include "nand/control/program.h"

static tick_t read_command(struct nand_op *op)
{
    return op_nand(op)->timing.read_command[op->backend.plane_count].bus;
}

static tick_t settle_time(const struct nand_op *op)
{
    return op_nand(op)->timing.read_command[op->backend.plane_count].die;
}

static struct nand_address next_source(const struct nand_op *op)
{
    return nand_locate_page(&op_nand(op)->geometry, op->sources[op->backend.pages_sent]);
}

// Reads disturb the block that they come from.
static void count_reads(struct nand_op *op, struct block_state *block)
{
    struct nand *nand = op_nand(op);
    for (uint32_t plane = 0; plane < op->backend.plane_count && nand->ecc.active; plane++)
        block_read(&nand->blocks, block);
}

static tick_t read_time(struct nand_op *op)
{
    struct nand *nand = op_nand(op);
    struct nand_address at = next_source(op);
    struct block_state *block = block_of(&nand->blocks, at.die, at.block);
    SIM_CHECK(nand->sim, "nand",
              at.die == op->backend.die->index && block->mode == NAND_SLC && block_holds(block, at.row, at.page),
              "die %u folds page %u of row %u of block %u of die %u", op->backend.die->index, at.page, at.row, at.block,
              at.die);
    count_reads(op, block);
    return op_array_time_of(op, NAND_READ, at.block, at.row, nand->timing.modes[NAND_SLC].array_read[0]);
}

static bool pages_left(struct nand_op *op)
{
    return ++op->backend.pages_sent < op_cells(op)->pages_per_row;
}

static tick_t program_command(struct nand_op *op)
{
    return op_nand(op)->timing.copy_program.bus;
}

static tick_t program_settle_time(const struct nand_op *op)
{
    return op_nand(op)->timing.copy_program.die;
}

#define HOLDS (PART_INTERFACE | PART_ARRAY | PART_REGISTER | PART_CACHE)

enum { READ_COMMAND, READ, PROGRAM_COMMAND, PROGRAM, END };

static const struct phase phases[] = {
    [READ_COMMAND] = {AT_BUS, STAGE_NAND_COMMAND, {BUS_COMMAND, BUS_COMMAND}, .takes = read_command},
    [READ] = {AT_ARRAY, STAGE_ARRAY, .takes = read_time, .lead = settle_time, .over = pages_left,
              .goes_to = &phases[READ_COMMAND]},
    [PROGRAM_COMMAND] = {AT_BUS, STAGE_NAND_COMMAND, {BUS_COMMAND, BUS_COMMAND}, .takes = program_command},
    [PROGRAM] = {AT_WORK, STAGE_ARRAY, .takes = program_array_time, .lead = program_settle_time,
                 .over = program_over, .gives = HOLDS},
    [END] = {.place = AT_END},
};

const struct op_kind op_fold_on_die = {
    .holds = HOLDS,
    .phases = phases,
    .set_planes = op_set_all_planes,
    .begin = program_begin,
    .suspend_times = program_suspend_times,
};
