// Read-modify-write: what of a partly written unit is not written must be kept.
//
// The read comes before the write is granted room. When the unit is overwritten by another command meanwhile the newer
// contents are taken without a further read. A WRITE ZEROES treats the units at its edges so. When the old contents
// cannot be read the command ends with FTL_WRITE_FAULT, though the unit is written.
#include "ftl/serve/extent.h"
#include "ftl/serve/serve.h"

static void old_contents_read(struct nand_op *op)
{
    struct page_read *read = container_of(op, struct page_read, op);
    struct ftl_request *request = read->owner;
    struct serve *serve = request->core.state;
    if (op->status == NAND_UNCORRECTABLE)
        serve_lost(request, read, op->units, FTL_WRITE_FAULT);
    bool last = --request->core.pending == 0;
    if (last)
        breakdown_insert(request->path, &op->path, STAGE_BUFFER_WAIT);
    page_read_finish(read);
    if (last)
        grant_wait(serve, request);
}

static void read_unit(struct serve *serve, struct ftl_request *request, uint64_t ppn)
{
    struct page_read *read = page_read_take(serve->space, ppn, NAND_HOST, request, old_contents_read);
    read->op.units = page_read_bits(read, ppn, 1);
    request->core.pending++;
    serve->base->stats.rmw_reads++;
    page_read_issue(read);
}

void old_contents_start(struct serve *serve, struct ftl_request *request)
{
    uint64_t edges[2];
    unsigned count = extent_edges(serve->base, request, edges);
    for (unsigned i = 0; i < count; i++) {
        uint64_t ppn = map_lookup(serve->map, edges[i]);
        if (ppn != MAP_NOWHERE && buffer_find(serve->buffer, edges[i]) == NONE)
            read_unit(serve, request, ppn);
    }
    if (request->core.pending > 0)
        return;
    breakdown_enter(request->path, STAGE_BUFFER_WAIT, sim_now(serve->base->sim));
    grant_wait(serve, request);
}
