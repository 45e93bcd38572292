// The table of superblocks: who holds one, and how a drained one is erased.
//
// A superblock whose valid units were all read away is drained. It must not be erased while a read of it is under way,
// or a copy of its units has no place yet; each such reason is a hold, and the last one that goes erases it, all its
// blocks at once. Who reads and who moves data so need not know each other.
//
// Erased are (ftl.erase) all dies' blocks at once; one die after the other; or each block just before its first
// program, so that the superblock counts as free at once, and the erase waits in its die's queue before the program.
#include <stdlib.h>

#include "ftl/space/space.h"
#include "ftl/space/stream.h"
#include "util/alloc.h"

struct erase_op {
    struct nand_op op;
    struct space *space;
    uint32_t superblock;
    uint32_t die;
};

static void init_table(struct space *space)
{
    space->count = space->base->geometry.blocks;
    space->data_units = ftl_config_data_units(&space->base->geometry, space->base->raid);
    space->superblocks = xcalloc(space->count, sizeof *space->superblocks);
    space->free_count = space->count;
    for (uint32_t s = 0; s < space->count; s++) {
        space->superblocks[s].units = space->data_units;
        space->superblocks[s].pe_cycles = space->base->config.initial_pe_cycles;
    }
}

void superblocks_init(struct space *space)
{
    init_table(space);
    ranking_init(&space->wear, space->count);
    victims_init(space);
    space_reindex(space);
    pool_init(&space->erases, sizeof(struct erase_op));
}

void superblocks_destroy(struct space *space)
{
    pool_destroy(&space->erases);
    victims_destroy(space);
    ranking_destroy(&space->wear);
    free(space->superblocks);
}

// --- from free to free ---

void superblock_open(struct space *space, uint32_t superblock, enum nand_mode mode, uint32_t units)
{
    struct superblock *sb = &space->superblocks[superblock];
    FTL_CHECK(space->base, sb->state == SUPERBLOCK_FREE, "superblock %u is opened and not free", superblock);
    sb->state = SUPERBLOCK_OPEN;
    sb->mode = (uint8_t)mode;
    space->slc.count += mode == NAND_SLC;
    sb->units = units;
    space->free_count--;
    ranking_set(&space->wear, superblock, RANKING_OUT);
}

void superblock_close(struct space *space, uint32_t superblock)
{
    struct superblock *sb = &space->superblocks[superblock];
    sb->state = SUPERBLOCK_CLOSED;
    sb->closed = space->write_clock;
    if (sb->mode == NAND_SLC)
        slc_closed(space, superblock);
    superblock_changed(space, superblock);
}

void superblock_choose(struct space *space, uint32_t superblock)
{
    struct superblock *sb = &space->superblocks[superblock];
    sb->state = SUPERBLOCK_VICTIM;
    sb->unread = sb->valid;
    space->committed += sb->valid;
    superblock_changed(space, superblock);
}

void superblock_drain(struct space *space, uint32_t superblock)
{
    struct superblock *sb = &space->superblocks[superblock];
    sb->state = SUPERBLOCK_DRAINED;
    space->drained += sb->mode == NAND_NATIVE;
    if (sb->holds == 0)
        superblock_erase(space, superblock);
}

void superblock_free(struct space *space, uint32_t superblock)
{
    struct superblock *sb = &space->superblocks[superblock];
    sb->state = SUPERBLOCK_FREE;
    space->free_count++;
    space->slc.count -= sb->mode == NAND_SLC;
    sb->mode = NAND_NATIVE;
    sb->units = space->data_units;
    ranking_set(&space->wear, superblock, sb->pe_cycles);
}

// --- erasing ---

// What of it collection may count on.
static uint32_t *erasing(struct space *space, uint32_t superblock)
{
    return space->superblocks[superblock].mode == NAND_SLC ? &space->slc.erasing : &space->erasing;
}

static void erase_done(struct nand_op *op);

// Erased are superblocks that something was moved out of, or nothing was left in; or that are about to be programmed.
static struct nand_source erase_source(const struct superblock *sb)
{
    struct nand_source source = sb->mode == NAND_SLC ? NAND_FOLD : NAND_GC;
    if (sb->state != SUPERBLOCK_ERASING)
        source.purpose = NAND_TO_REUSE;
    return source;
}

static void erase_block(struct space *space, uint32_t superblock, uint32_t die)
{
    struct erase_op *erase = pool_take(&space->erases);
    struct nand_address at = {.block = layout_block(&space->layout, superblock, die), .die = die};
    erase->op.kind = NAND_ERASE;
    erase->op.source = erase_source(&space->superblocks[superblock]);
    erase->op.owner = space;
    erase->op.done = erase_done;
    erase->op.units = 0;
    erase->op.waits = NULL;
    erase->op.at = nand_unit_at(&space->base->geometry, at);
    erase->space = space;
    erase->superblock = superblock;
    erase->die = die;
    base_submit(space->base, &erase->op, die);
}

static void free_again(struct space *space, uint32_t superblock)
{
    *erasing(space, superblock) -= 1;
    superblock_free(space, superblock);
    space->base->stats.erased_superblocks++;
    agenda_raise(&space->base->agenda, AGENDA_DISPATCH | AGENDA_MOVE);
}

static void die_erased(struct space *space, uint32_t superblock)
{
    uint32_t left = --space->superblocks[superblock].erases;
    if (left == 0) {
        free_again(space, superblock);
    } else if (space->base->config.erase == FTL_ERASE_DIE_BY_DIE) {
        erase_block(space, superblock, space->base->geometry.dies - left);
    }
}

uint32_t superblock_of_erase(const struct nand_op *op)
{
    return container_of(op, const struct erase_op, op)->superblock;
}

static void erase_done(struct nand_op *op)
{
    struct erase_op *erase = container_of(op, struct erase_op, op);
    struct space *space = erase->space;
    uint32_t superblock = erase->superblock;
    FTL_CHECK(space->base, op->status == NAND_OK, "an erase failed, which no die reports");
    base_op_done(space->base, erase->die);
    pool_give(&space->erases, erase);
    if (space->superblocks[superblock].state == SUPERBLOCK_ERASING)
        die_erased(space, superblock);
}

static void free_unerased(void *context)
{
    struct erase_op *erase = context;
    free_again(erase->space, erase->superblock);
    pool_give(&erase->space->erases, erase);
}

// In an event of its own: who lets go of a superblock is not told of a free one meanwhile.
static void erase_later(struct space *space, uint32_t superblock)
{
    struct erase_op *later = pool_take(&space->erases);
    later->space = space;
    later->superblock = superblock;
    sim_after(space->base->sim, 0, free_unerased, later);
}

static void erase_dies(struct space *space, uint32_t superblock)
{
    struct superblock *sb = &space->superblocks[superblock];
    sb->erases = space->base->geometry.dies;
    uint32_t first = space->base->config.erase == FTL_ERASE_DIE_BY_DIE ? 1 : sb->erases;
    for (uint32_t die = 0; die < first; die++)
        erase_block(space, superblock, die);
}

void superblock_erase(struct space *space, uint32_t superblock)
{
    struct superblock *sb = &space->superblocks[superblock];
    FTL_CHECK(space->base, sb->valid == 0, "superblock %u is erased with %u valid units", superblock, sb->valid);
    space->erased(space->erased_context, superblock);
    sb->pe_cycles++;
    space->drained -= sb->mode == NAND_NATIVE;
    sb->state = SUPERBLOCK_ERASING;
    *erasing(space, superblock) += 1;
    sb->unerased = space->base->config.erase == FTL_ERASE_BEFORE_PROGRAM;
    if (sb->unerased)
        erase_later(space, superblock);
    else
        erase_dies(space, superblock);
}

void superblock_first_program(struct space *space, uint32_t superblock, uint32_t die)
{
    if (space->superblocks[superblock].unerased)
        erase_block(space, superblock, die);
}

// --- checks ---

static void check_one(const struct space *space, uint32_t s)
{
    const struct superblock *sb = &space->superblocks[s];
    bool may_be_held = sb->state == SUPERBLOCK_VICTIM || sb->state == SUPERBLOCK_DRAINED; // by copies gathered
    FTL_CHECK(space->base, sb->state != SUPERBLOCK_FREE || sb->valid == 0, "free superblock %u holds %u units", s,
              sb->valid);
    FTL_CHECK(space->base, sb->programs == 0 && sb->erases == 0 && (sb->holds == 0 || may_be_held),
              "superblock %u has operations outstanding", s);
    FTL_CHECK(space->base, sb->valid <= sb->units, "superblock %u holds %u units", s, sb->valid);
}

void superblocks_check(const struct space *space)
{
    uint32_t count = 0;
    for (uint32_t s = 0; s < space->count; s++) {
        check_one(space, s);
        count += space->superblocks[s].state == SUPERBLOCK_FREE;
    }
    FTL_CHECK(space->base, count == space->free_count, "%u superblocks free, %u counted", count, space->free_count);
}
