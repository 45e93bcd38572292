// Host reads.
//
// After its firmware time a read is looked up unit by unit: in the write buffer, else in the map. Units that lie in
// one multi-plane page are read by one NAND operation; what the buffer holds, or was never written, needs none and
// comes after `t_buffer_hit`. A piece is reported as each part is there; the last part's own stages become the
// request's.
//
// The unit found is the one to return: its superblock is held while the read is under way (page_read.c).
//
// FUA: what the buffer holds of the range is programmed before the look-up (NVMe 1.4, 6.9), and the buffer is not asked
// again for what comes after it. A buffer with power loss protection counts as flash.
//
// A unit that neither ECC nor RAID recovers makes the request end with FTL_UNRECOVERED_READ; its pieces are reported
// all the same, since the controller moves the data before it knows of the status.
#include "ftl/ftl_internal.h"

enum { RECENT = 8 }; // a unit joins one of the request's last few operations when it lies in the same page

static void part_done(struct ftl *ftl, struct ftl_request *request, uint64_t bytes)
{
    request->piece(request, bytes);
    if (request->core.pending == 0)
        ftl_finish(ftl, request);
}

static void read_done(struct nand_op *op)
{
    struct read_op *read = container_of(op, struct read_op, op);
    struct ftl *ftl = read->ftl;
    struct ftl_request *request = read->request;
    uint64_t bytes = read->bytes;
    if (unlikely(op->status == NAND_UNCORRECTABLE))
        read_lost(ftl, read, FTL_UNRECOVERED_READ);
    if (--request->core.pending == 0)
        breakdown_insert(request->path, &op->path, STAGE_DATA_OUT);
    read_op_finish(ftl, read);
    part_done(ftl, request, bytes);
}

static void hits_done(void *context)
{
    struct ftl_request *request = context;
    struct ftl *ftl = request->core.state;
    if (--request->core.pending == 0)
        breakdown_enter(request->path, STAGE_DATA_OUT, sim_now(ftl->sim));
    part_done(ftl, request, request->core.granted);
}

// The parts of one read while it is looked up.
struct lookup {
    struct list ops;
    struct read_op *recent[RECENT];
    uint32_t op_count;
    uint64_t hit_bytes;
};

static struct read_op *op_of_page(const struct lookup *lookup, uint64_t page)
{
    uint32_t count = MIN(lookup->op_count, (uint32_t)RECENT);
    for (uint32_t i = 0; i < count; i++)
        if (lookup->recent[i]->page == page)
            return lookup->recent[i];
    return NULL;
}

static void look_up_flash(struct ftl *ftl, struct ftl_request *request, struct lookup *lookup, uint64_t ppn,
                          uint64_t bytes)
{
    struct read_op *read = op_of_page(lookup, fastdiv_quotient(ppn, &ftl->geometry.by_multi_page));
    if (read == NULL) {
        read = read_op_take(ftl, ppn, NAND_HOST, read_done);
        read->request = request;
        lookup->recent[lookup->op_count++ % RECENT] = read;
        list_push(&lookup->ops, &read->op.link);
    }
    read->op.units |= read_unit_bit(ftl, ppn);
    read->bytes += bytes;
}

static void look_up_unit(struct ftl *ftl, struct ftl_request *request, struct lookup *lookup, uint64_t lpn,
                         uint64_t bytes)
{
    uint32_t entry = buffer_find(&ftl->buffer, lpn);
    if (entry != NONE) {
        map_check_buffered(&ftl->map, lpn, ftl->buffer.entries[entry].version);
        ftl->stats.buffer_hits++;
        lookup->hit_bytes += bytes;
        return;
    }
    uint64_t ppn = map_lookup(&ftl->map, lpn);
    if (ppn == MAP_NOWHERE) {
        map_check_zero(&ftl->map, lpn);
        ftl->stats.unmapped_reads++;
        lookup->hit_bytes += bytes;
        return;
    }
    map_check_read(&ftl->map, lpn, ppn);
    look_up_flash(ftl, request, lookup, ppn, bytes);
}

static void issue(struct ftl *ftl, struct ftl_request *request, struct lookup *lookup)
{
    request->core.pending = lookup->op_count;
    if (lookup->hit_bytes > 0) {
        request->core.pending++;
        request->core.granted = lookup->hit_bytes;
        sim_after(ftl->sim, ftl->config.t_buffer_hit, hits_done, request);
    }
    for (struct list_link *link; (link = list_pop(&lookup->ops)) != NULL;)
        read_op_issue(ftl, container_of(link, struct read_op, op.link));
}

// The newest of what the buffer holds of the range; 0 for nothing.
static uint64_t newest_buffered(const struct ftl *ftl, const struct ftl_request *request)
{
    uint64_t newest = 0, last = (request->offset + request->bytes - 1) >> ftl->unit_shift;
    for (uint64_t lpn = request->offset >> ftl->unit_shift; lpn <= last; lpn++) {
        uint32_t entry = buffer_find(&ftl->buffer, lpn);
        if (entry != NONE)
            newest = MAX(newest, ftl->buffer.entries[entry].sequence);
    }
    return newest;
}

static void charged(void *context);

// The data that a FUA read waited for are programmed.
static void committed(struct ftl_request *request)
{
    struct ftl *ftl = request->core.state;
    breakdown_enter(request->path, STAGE_CONTROLLER, sim_now(ftl->sim));
    sim_after(ftl->sim, 0, charged, request);
}

// Whether the read has to wait until what it asks for is in the flash: committed() goes on with it.
static bool commit(struct ftl *ftl, struct ftl_request *request)
{
    request->core.sequence = newest_buffered(ftl, request);
    if (request->core.sequence == 0 || ftl->config.power_loss_protection)
        return false;
    flush_wait(ftl, request, committed);
    return true;
}

static void start(struct ftl *ftl, struct ftl_request *request)
{
    struct lookup lookup;
    lookup.ops = (struct list){NULL, NULL};
    lookup.op_count = 0;
    lookup.hit_bytes = 0;
    uint64_t at = request->offset, end = at + request->bytes;
    while (at < end) {
        uint64_t unit_end = MIN((at | ftl->unit_mask) + 1, end);
        look_up_unit(ftl, request, &lookup, at >> ftl->unit_shift, unit_end - at);
        at = unit_end;
    }
    issue(ftl, request, &lookup);
}

static void charged(void *context)
{
    struct ftl_request *request = context;
    start(request->core.state, request);
}

static void charged_fua(void *context)
{
    struct ftl_request *request = context;
    if (!commit(request->core.state, request))
        charged(request);
}

void read_submit(struct ftl *ftl, struct ftl_request *request)
{
    uint64_t first = request->offset >> ftl->unit_shift;
    uint64_t units = ((request->offset + request->bytes - 1) >> ftl->unit_shift) - first + 1;
    ftl->stats.host_units_read += units;
    tick_t now = sim_now(ftl->sim);
    tick_t ready = ftl_charge(ftl, ftl->config.t_read + units * ftl->config.t_read_unit);
    if (ready == now && !request->fua) {
        start(ftl, request);
        return;
    }
    map_prefetch(&ftl->map, first);
    sim_at(ftl->sim, ready, unlikely(request->fua) ? charged_fua : charged, request);
}
