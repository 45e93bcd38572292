// Reads of multi-plane pages, for the host and for copies.
//
// A superblock is held while one is under way, so that data cannot be replaced under a read; checked at its end by the
// count of erasures.
#include "ftl/ftl_internal.h"

struct read_op *read_op_take(struct ftl *ftl, uint64_t ppn, enum nand_source source, void (*done)(struct nand_op *))
{
    struct read_op *read = pool_take(&ftl->reads);
    read->op.kind = NAND_READ;
    read->op.source = source;
    read->op.owner = ftl;
    read->op.done = done;
    read->op.at.n = ppn;
    read->op.units = 0;
    read->op.failed_units = 0;
    read->ftl = ftl;
    read->request = NULL;
    read->bytes = 0;
    read->superblock = superblock_of(ftl, ppn);
    read->page = fastdiv_quotient(ppn, &ftl->geometry.by_multi_page);
    return read;
}

void read_op_issue(struct ftl *ftl, struct read_op *read)
{
    read->die = ftl->alloc->needs_load ? die_of(ftl, read->op.at.n) : 0;
    read->pe_cycles = ftl->superblocks[read->superblock].pe_cycles;
    superblock_hold(ftl, read->superblock, 1);
    ftl_submit_op(ftl, &read->op, read->die);
}

// The operation has ended and its data are in the controller; gives it back.
void read_op_finish(struct ftl *ftl, struct read_op *read)
{
    uint32_t superblock = read->superblock;
    FTL_CHECK(ftl, read->pe_cycles == ftl->superblocks[superblock].pe_cycles,
              "superblock %u was erased under a read", superblock);
    ftl_op_done(ftl, read->die);
    pool_give(&ftl->reads, read);
    superblock_release(ftl, superblock, 1);
}

// The first of the operation's logical units that are lost.
static uint64_t first_lost(const struct ftl *ftl, const struct read_op *read)
{
    uint32_t unit;
    uint64_t first = UINT64_MAX;
    fastdiv_split(read->op.at.n, &ftl->geometry.by_multi_page, &unit);
    for (uint64_t left = read->op.failed_units; left != 0; left &= left - 1)
        first = MIN(first, map_owner(&ftl->map, read->op.at.n - unit + (unsigned)__builtin_ctzll(left)));
    return first;
}

void read_lost(const struct ftl *ftl, const struct read_op *read, enum ftl_status status)
{
    struct ftl_request *request = read->request;
    uint64_t at = MAX(first_lost(ftl, read) << ftl->unit_shift, request->offset);
    if (request->status == FTL_OK || at < request->error_offset)
        request->error_offset = at;
    request->status = status;
}
