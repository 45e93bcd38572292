// The table of superblocks: who holds one, and how a drained one is erased.
//
// A superblock whose valid units were all read away is drained. It must not be erased while a read of it is under way,
// or a copy of its units has no place yet; each such reason is a hold, and the last one that goes erases it, on all
// dies at once. Who reads and who moves data so need not know each other.
#include <stdlib.h>

#include "ftl/ftl_internal.h"
#include "util/alloc.h"

struct erase_op {
    struct nand_op op;
    struct ftl *ftl;
    uint32_t superblock;
    uint32_t die;
};

void superblocks_init(struct ftl *ftl)
{
    uint32_t count = ftl->geometry.blocks;
    ftl->superblocks = xcalloc(count, sizeof *ftl->superblocks);
    ftl->free_count = count;
    for (uint32_t s = 0; s < count; s++)
        ftl->superblocks[s].pe_cycles = ftl->config.precondition_pe_cycles;
    pool_init(&ftl->erases, sizeof(struct erase_op));
}

void superblocks_destroy(struct ftl *ftl)
{
    pool_destroy(&ftl->erases);
    free(ftl->superblocks);
}

// For policies: fills gc->candidates with the eligible superblocks in order of number; returns how many.
uint32_t gc_collect_candidates(struct ftl *ftl)
{
    uint32_t count = 0;
    for (uint32_t s = 0; s < ftl->geometry.blocks; s++)
        if (gc_eligible(ftl, &ftl->superblocks[s]))
            ftl->gc.candidates[count++] = s;
    return count;
}

static void erase_done(struct nand_op *op)
{
    struct erase_op *erase = container_of(op, struct erase_op, op);
    struct ftl *ftl = erase->ftl;
    struct superblock *sb = &ftl->superblocks[erase->superblock];
    FTL_CHECK(ftl, op->status == NAND_OK, "an erase failed, which no die reports");
    ftl_op_done(ftl, erase->die);
    pool_give(&ftl->erases, erase);
    if (--sb->erases > 0)
        return;
    sb->state = SUPERBLOCK_FREE;
    ftl->free_count++;
    ftl->erasing--;
    ftl->stats.erased_superblocks++;
    agenda_raise(&ftl->agenda, AGENDA_DISPATCH | AGENDA_MOVE);
}

static void erase_on(struct ftl *ftl, uint32_t superblock, uint32_t die)
{
    struct erase_op *erase = pool_take(&ftl->erases);
    erase->op.kind = NAND_ERASE;
    erase->op.source = NAND_GC;
    erase->op.owner = ftl;
    erase->op.done = erase_done;
    erase->op.units = 0;
    erase->op.at = nand_unit_at(&ftl->geometry, (struct nand_address){superblock, 0, die, 0, 0, 0});
    erase->ftl = ftl;
    erase->superblock = superblock;
    erase->die = die;
    ftl_submit_op(ftl, &erase->op, die);
}

static void erase_if_free(struct ftl *ftl, uint32_t superblock)
{
    struct superblock *sb = &ftl->superblocks[superblock];
    if (sb->state != SUPERBLOCK_DRAINED || sb->holds > 0)
        return;
    FTL_CHECK(ftl, sb->valid == 0, "superblock %u is erased with %u valid units", superblock, sb->valid);
    map_erased(&ftl->map, superblock);
    sb->state = SUPERBLOCK_ERASING;
    sb->pe_cycles++;
    sb->erases = ftl->geometry.dies;
    ftl->drained--;
    ftl->erasing++;
    for (uint32_t die = 0; die < ftl->geometry.dies; die++)
        erase_on(ftl, superblock, die);
}

void superblock_hold(struct ftl *ftl, uint32_t superblock, uint32_t holds)
{
    ftl->superblocks[superblock].holds += holds;
}

void superblock_release(struct ftl *ftl, uint32_t superblock, uint32_t holds)
{
    struct superblock *sb = &ftl->superblocks[superblock];
    FTL_CHECK(ftl, sb->holds >= holds, "superblock %u is let go more often than held", superblock);
    sb->holds -= holds;
    erase_if_free(ftl, superblock);
}

// Nothing of the superblock is left to be read: it is erased as soon as nobody holds it.
void superblock_drain(struct ftl *ftl, uint32_t superblock)
{
    ftl->superblocks[superblock].state = SUPERBLOCK_DRAINED;
    ftl->drained++;
    erase_if_free(ftl, superblock);
}

static void check_one(const struct ftl *ftl, uint32_t s)
{
    const struct superblock *sb = &ftl->superblocks[s];
    bool may_be_held = sb->state == SUPERBLOCK_VICTIM || sb->state == SUPERBLOCK_DRAINED; // by copies gathered
    FTL_CHECK(ftl, sb->state != SUPERBLOCK_FREE || sb->valid == 0, "free superblock %u holds %u units", s, sb->valid);
    FTL_CHECK(ftl, sb->programs == 0 && sb->erases == 0 && (sb->holds == 0 || may_be_held),
              "superblock %u has operations outstanding", s);
    FTL_CHECK(ftl, sb->valid <= ftl->data_units, "superblock %u holds %u units", s, sb->valid);
}

void superblocks_check(struct ftl *ftl)
{
    uint32_t count = 0;
    for (uint32_t s = 0; s < ftl->geometry.blocks; s++) {
        check_one(ftl, s);
        count += ftl->superblocks[s].state == SUPERBLOCK_FREE;
    }
    FTL_CHECK(ftl, count == ftl->free_count, "%u superblocks free, %u counted", count, ftl->free_count);
}
