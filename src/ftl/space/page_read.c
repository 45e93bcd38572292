// Reads of multi-plane pages, for the host and for copies.
//
// A superblock is held while one is under way, so that data cannot be replaced under a read; checked at its end by the
// count of erasures.
#include "ftl/space/page_read.h"

struct page_read *page_read_take(struct space *space, uint64_t ppn, struct nand_source source, void *owner,
                                 void (*done)(struct nand_op *))
{
    struct page_read *read = pool_take(&space->reads);
    read->op.kind = NAND_READ;
    read->op.source = source;
    read->op.owner = space;
    read->op.done = done;
    read->op.at = layout_place(&space->layout, (ppn_t){ppn});
    read->op.units = 0;
    read->op.failed_units = 0;
    read->space = space;
    read->owner = owner;
    read->bytes = 0;
    read->superblock = superblock_of(space, ppn);
    read->page = fastdiv_quotient(ppn, &space->base->geometry.by_multi_page);
    return read;
}

void page_read_issue(struct page_read *read)
{
    struct space *space = read->space;
    read->die = space->reads_loaded ? die_of(space, read->op.at.n) : 0;
    read->pe_cycles = space->superblocks[read->superblock].pe_cycles;
    superblock_hold(space, read->superblock, 1);
    base_submit(space->base, &read->op, read->die);
}

void page_read_finish(struct page_read *read)
{
    struct space *space = read->space;
    uint32_t superblock = read->superblock;
    FTL_CHECK(space->base, read->pe_cycles == space->superblocks[superblock].pe_cycles,
              "superblock %u was erased under a read", superblock);
    base_op_done(space->base, read->die);
    pool_give(&space->reads, read);
    superblock_release(space, superblock, 1);
}
