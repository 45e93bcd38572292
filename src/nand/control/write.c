// Programs and erases.
//
// A program's data are sent page by page, plane by plane, and, in one-shot mode, for all pages of the word line. Each
// page asks for the channel when the one before has been sent, so that commands and data of host reads come in between.
// Then the array works for tPROG. An erase is one multi-plane command for all planes, then tBERS.
// Left out: failing programs, cache programs (data in while the array works).
#include "nand/control/internal.h"

static uint32_t program_pages(const struct nand *nand)
{
    return nand->geometry.pages_per_row * nand->geometry.planes;
}

static void send_page(void *context);

static const struct sequence_time *page_command(const struct nand_die *die)
{
    return die->segment == 0 ? &die->nand->program_first : &die->nand->program_next;
}

// A page goes over the bus from now on. Without costs all pages follow at once: the calls nest as deep as there are
// pages, 64 at most.
static void page_granted(struct nand_die *die)
{
    struct nand *nand = die->nand;
    struct nand_op *op = die->op;
    tick_t now = sim_now(nand->sim), sent = now + die->request.duration;
    breakdown_enter(&op->path, STAGE_NAND_COMMAND, now);
    breakdown_enter(&op->path, STAGE_TRANSFER, now + page_command(die)->bus);
    nand->stats.bytes_in += (uint64_t)nand->geometry.units_per_page * nand->transfer_bytes;
    if (die->segment == 0)
        channel_program_begins(die->channel);
    if (++die->segment == program_pages(nand)) {
        channel_program_sent(die->channel, nand->sim);
        breakdown_enter(&op->path, STAGE_ARRAY, sent);
        uint32_t type = nand_page_type(&nand->geometry, op->backend.row, 0);
        die_array_begin(die, op, sent, sent + nand->array_program[type]);
        return;
    }
    tick_t next = sent + nand->program_next.die;
    breakdown_enter(&op->path, STAGE_NAND_COMMAND, sent);
    breakdown_enter(&op->path, STAGE_CHANNEL_WAIT, next);
    if (next == now)
        send_page(die);
    else
        sim_at(nand->sim, next, send_page, die);
}

static void send_page(void *context)
{
    struct nand_die *die = context;
    tick_t data = die->nand->transfer[die->nand->geometry.units_per_page];
    enum bus_class class = die->segment == 0 ? BUS_DATA : BUS_PROGRAM_GOES_ON;
    channel_request(&die->request, die, class, page_command(die)->bus + data, page_granted);
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
    send_page(die);
}

static void erase_granted(struct nand_die *die)
{
    struct nand *nand = die->nand;
    tick_t now = sim_now(nand->sim), array = now + nand->erase_command.bus + nand->erase_command.die;
    breakdown_enter(&die->op->path, STAGE_NAND_COMMAND, now);
    breakdown_enter(&die->op->path, STAGE_ARRAY, array);
    die_array_begin(die, die->op, array, array + nand->config.t_bers);
}

void erase_start(struct nand_op *op)
{
    struct nand_die *die = op_die(op);
    breakdown_enter(&op->path, STAGE_CHANNEL_WAIT, sim_now(die->nand->sim));
    channel_request(&die->request, die, BUS_COMMAND, die->nand->erase_command.bus, erase_granted);
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
