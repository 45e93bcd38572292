// Programs and erases.
//
// A program's data are sent page by page, plane by plane, and, in one-shot mode, for all pages of the word line. Each
// page reserves the channel when the one before has been sent, so that other dies' commands and data come in between.
// Then the array works for tPROG. An erase is one multi-plane command for all planes, then tBERS.
// Left out: failing programs, cache programs (data in while the array works).
#include "nand/backend_internal.h"

static uint32_t program_pages(const struct nand *nand)
{
    return nand->geometry.pages_per_row * nand->geometry.planes;
}

// Sends one page from now on; returns from when the next one could follow.
static tick_t send_page(struct nand_die *die, struct nand_op *op)
{
    struct nand *nand = die->nand;
    const struct sequence_time *command = die->segment == 0 ? &nand->program_first : &nand->program_next;
    tick_t data = nand->transfer[nand->geometry.units_per_page];
    tick_t start = channel_reserve(die, sim_now(nand->sim), command->bus + data);
    breakdown_enter(&op->path, STAGE_NAND_COMMAND, start);
    breakdown_enter(&op->path, STAGE_TRANSFER, start + command->bus);
    breakdown_enter(&op->path, STAGE_NAND_COMMAND, start + command->bus + data);
    nand->stats.bytes_in += (uint64_t)nand->geometry.units_per_page * nand->transfer_bytes;
    die->segment++;
    return start + command->bus + data;
}

static void program_continue(void *context)
{
    struct nand_op *op = context;
    struct nand_die *die = op_die(op);
    struct nand *nand = die->nand;
    for (;;) {
        tick_t sent = send_page(die, op);
        if (die->segment == program_pages(nand)) {
            breakdown_enter(&op->path, STAGE_ARRAY, sent);
            uint32_t type = nand_page_type(&nand->geometry, op->backend.row, 0);
            die_array_begin(die, op, sent, sent + nand->array_program[type]);
            return;
        }
        tick_t next = sent + nand->program_next.die;
        breakdown_enter(&op->path, STAGE_CHANNEL_WAIT, next);
        if (next != sim_now(nand->sim)) {
            sim_at(nand->sim, next, program_continue, op);
            return;
        }
    }
}

void program_start(struct nand_op *op)
{
    struct nand_die *die = op_die(op);
    struct nand *nand = die->nand;
    struct block_state *block = op_block(op);
    SIM_CHECK(nand->sim, "nand", op->backend.row == block->next_row,
              "die %u, block %u: row %u is programmed, row %u is next", die->index, op->backend.block,
              op->backend.row, block->next_row);
    die->segment = 0;
    breakdown_enter(&op->path, STAGE_CHANNEL_WAIT, sim_now(nand->sim));
    program_continue(op);
}

void erase_start(struct nand_op *op)
{
    struct nand_die *die = op_die(op);
    struct nand *nand = die->nand;
    const struct sequence_time *command = &nand->erase_command;
    tick_t now = sim_now(nand->sim), start = channel_reserve(die, now, command->bus);
    tick_t array = start + command->bus + command->die;
    breakdown_enter(&op->path, STAGE_CHANNEL_WAIT, now);
    breakdown_enter(&op->path, STAGE_NAND_COMMAND, start);
    breakdown_enter(&op->path, STAGE_ARRAY, array);
    die_array_begin(die, op, array, array + nand->config.t_bers);
}

void write_array_done(struct nand_die *die, struct nand_op *op)
{
    struct block_state *block = op_block(op);
    if (op->kind == NAND_PROGRAM)
        block->next_row++;
    else
        block_erased(block);
    die_release(die, sim_now(die->nand->sim));
    nand_finish(die->nand, op);
}
