// Host reads.
//
// After its firmware time a read is looked up unit by unit: in the write buffer, else in the map. Units that lie in
// one multi-plane page are read by one NAND operation; what the buffer holds, or was never written, needs none and
// comes after `t_buffer_hit`. A piece is reported as each part is there, and of whole units as each comes over the
// channel; the last part's own stages become the request's.
//
// A read that belongs to a stream of sequential reads may find its units read ahead, or on their way (ahead.c).
//
// The unit found is the one to return: its superblock is held while the read is under way (page_read.c).
//
// FUA: what the buffer holds of the range is programmed before the look-up (NVMe 1.4, 6.9), and the buffer is not asked
// again for what comes after it. A buffer with power loss protection counts as flash.
//
// A unit that neither ECC nor RAID recovers makes the request end with FTL_UNRECOVERED_READ; its pieces are reported
// all the same, since the controller moves the data before it knows of the status.
#include "ftl/serve/extent.h"
#include "ftl/serve/serve.h"

enum { RECENT = 8 }; // a unit joins one of the request's last few operations when it lies in the same page

static void part_done(struct serve *serve, struct ftl_request *request, uint64_t bytes)
{
    if (bytes > 0)
        request->piece(request, bytes);
    if (request->core.pending == 0)
        serve_finish(serve, request);
}

// One that begins or ends inside a unit gets its data when an operation is over.
static bool takes_units(const struct serve *serve, const struct ftl_request *request)
{
    return request->pieces != NULL && ((request->offset | request->bytes) & serve->base->unit_mask) == 0;
}

static void send_as_they_come(struct page_read *read, const tick_t *when, uint32_t count)
{
    struct ftl_request *request = read->owner;
    uint64_t unit_bytes = read->space->base->geometry.unit_bytes;
    read->bytes -= count * unit_bytes;
    request->pieces(request, unit_bytes, when, count);
}

// Others have joined the operation, or have been joined.
static __attribute__((noinline)) void send_own(struct page_read *read, const struct nand_arrivals *arrivals)
{
    tick_t when[MULTI_PAGE_UNITS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < arrivals->count; i++)
        if ((read->units >> arrivals->unit[i] & 1) != 0)
            when[count++] = arrivals->when[i];
    if (count > 0)
        send_as_they_come(read, when, count);
}

// Units leave as they come. What the operation has not told of, such as those that are read again or reconstructed,
// leaves when it is done.
static void coming(struct page_read *read, const struct nand_arrivals *arrivals)
{
    if (likely(!page_read_is_shared(read)))
        send_as_they_come(read, arrivals->when, arrivals->count);
    else
        send_own(read, arrivals);
}

static void read_done(struct nand_op *op)
{
    struct page_read *read = container_of(op, struct page_read, op);
    struct ftl_request *request = read->owner;
    struct serve *serve = request->core.state;
    uint64_t bytes = read->bytes;
    if (unlikely(op->status == NAND_UNCORRECTABLE))
        serve_lost(request, read, op->units, FTL_UNRECOVERED_READ);
    if (--request->core.pending == 0)
        breakdown_insert(request->path, &op->path, STAGE_DATA_OUT);
    page_read_finish(read);
    part_done(serve, request, bytes);
}

static void hits_done(void *context)
{
    struct ftl_request *request = context;
    struct serve *serve = request->core.state;
    if (--request->core.pending == 0)
        breakdown_enter(request->path, STAGE_DATA_OUT, sim_now(serve->base->sim));
    part_done(serve, request, request->core.hit_bytes);
}

void read_part_arrived(const struct ahead_part *part, const struct page_read *read)
{
    struct ftl_request *request = part->request;
    if (unlikely(read->op.status == NAND_UNCORRECTABLE))
        serve_lost(request, read, page_read_bits(read, part->ppn, part->count), FTL_UNRECOVERED_READ);
    if (--request->core.pending == 0) {
        tick_t waits[WAIT_NAND_COUNT];
        struct breakdown rest = breakdown_since(&read->op.path, part->since, waits);
        breakdown_insert(request->path, &rest, STAGE_DATA_OUT);
    }
    part_done(request->core.state, request, part->bytes);
}

// The parts of one read while it is looked up.
struct lookup {
    struct list ops;
    struct page_read *recent[RECENT];
    uint32_t op_count;
    uint32_t waits; // for what is being read ahead
    uint64_t hit_bytes;
    struct ahead_stream *stream; // that it belongs to, or NULL
};

static struct page_read *op_of_page(const struct serve *serve, const struct lookup *lookup, uint64_t ppn)
{
    uint64_t page = fastdiv_quotient(ppn, &serve->base->geometry.by_multi_page);
    uint32_t count = MIN(lookup->op_count, (uint32_t)RECENT);
    for (uint32_t i = 0; i < count; i++)
        if (lookup->recent[i]->page == page)
            return lookup->recent[i];
    return NULL;
}

static void look_up_flash(struct serve *serve, struct ftl_request *request, struct lookup *lookup,
                          const struct map_run *run)
{
    struct page_read *read = lookup->op_count == 0 ? NULL : op_of_page(serve, lookup, run->ppn);
    if (read == NULL) {
        read = page_read_take(serve->space, run->ppn, NAND_HOST, request, read_done);
        lookup->recent[lookup->op_count++ % RECENT] = read;
        list_push(&lookup->ops, &read->op.link);
    }
    read->op.units |= page_read_bits(read, run->ppn, run->count);
    read->bytes += extent_bytes_of(serve->base, request, run->lpn, run->count);
}

// Was the run's first unit, and those after it that lie in the same segment, read ahead?
static bool look_up_ahead(struct serve *serve, struct ftl_request *request, struct lookup *lookup, struct map_run *run)
{
    struct ahead_segment *segment = ahead_find(&serve->ahead, lookup->stream, run);
    if (segment == NULL)
        return false;
    uint64_t bytes = extent_bytes_of(serve->base, request, run->lpn, run->count);
    if (ahead_take(&serve->ahead, segment, run, request, bytes))
        lookup->hit_bytes += bytes;
    else
        lookup->waits++;
    return true;
}

static void look_up_buffered(struct serve *serve, struct ftl_request *request, struct lookup *lookup, uint64_t lpn)
{
    uint32_t entry = buffer_find_slow(serve->buffer, lpn);
    map_check_buffered(serve->map, lpn, serve->buffer->entries[entry].version);
    serve->base->stats.buffer_hits++;
    lookup->hit_bytes += extent_bytes_of(serve->base, request, lpn, 1);
}

// Units from lpn on, of `most` that the buffer does not hold: those that lie side by side. Returns how many.
static uint32_t look_up_run(struct serve *serve, struct ftl_request *request, struct lookup *lookup, uint64_t lpn,
                            uint64_t most)
{
    struct map_run run = map_find(serve->map, lpn, most);
    if (run.ppn == MAP_NOWHERE) {
        map_check_zero(serve->map, lpn);
        serve->base->stats.unmapped_reads++;
        lookup->hit_bytes += extent_bytes_of(serve->base, request, lpn, 1);
        return 1;
    }
    if (likely(lookup->stream == NULL) || !look_up_ahead(serve, request, lookup, &run))
        look_up_flash(serve, request, lookup, &run);
    map_check_read(serve->map, &run);
    return run.count;
}

static void issue(struct serve *serve, struct ftl_request *request, struct lookup *lookup)
{
    request->core.pending = lookup->op_count + lookup->waits;
    if (lookup->hit_bytes > 0) {
        request->core.pending++;
        request->core.hit_bytes = lookup->hit_bytes;
        sim_after(serve->base->sim, serve->base->config.t_buffer_hit, hits_done, request);
    }
    if (unlikely(request->path->waits != NULL) && request->core.pending == 1 && lookup->op_count == 1)
        lookup->recent[0]->op.waits = request->path->waits; // so that nothing need be copied
    for (struct list_link *link; (link = list_pop(&lookup->ops)) != NULL;) {
        struct page_read *read = container_of(link, struct page_read, op.link);
        if ((read->op.units & (read->op.units - 1)) != 0 && takes_units(serve, request))
            read->coming = coming;
        page_read_issue(read);
    }
}

// The newest of what the buffer holds of the range; 0 for nothing.
static uint64_t newest_buffered(const struct serve *serve, const struct ftl_request *request)
{
    uint64_t newest = 0, last = extent_last(serve->base, request);
    for (uint64_t lpn = extent_first(serve->base, request); lpn <= last; lpn++) {
        uint32_t entry = buffer_find(serve->buffer, lpn);
        if (entry != NONE)
            newest = MAX(newest, serve->buffer->entries[entry].sequence);
    }
    return newest;
}

static void charged(void *context);

// The data that a FUA read waited for are programmed.
static void committed(struct ftl_request *request)
{
    struct serve *serve = request->core.state;
    breakdown_enter(request->path, STAGE_CONTROLLER, sim_now(serve->base->sim));
    sim_after(serve->base->sim, 0, charged, request);
}

// Whether the read has to wait until what it asks for is in the flash: committed() goes on with it.
static bool commit(struct serve *serve, struct ftl_request *request)
{
    request->core.until = newest_buffered(serve, request);
    if (request->core.until == 0 || serve->base->config.power_loss_protection)
        return false;
    flush_wait(serve, request, committed);
    return true;
}

// The first unit from lpn on that the buffer holds, or `end`.
static uint64_t next_buffered(const struct buffer *buffer, uint64_t lpn, uint64_t end)
{
    if (buffer->in_table == 0)
        return end;
    while (lpn < end && buffer_find_slow(buffer, lpn) == NONE)
        lpn++;
    return lpn;
}

static inline struct ahead_stream *stream_of(struct serve *serve, const struct ftl_request *request)
{
    return likely(serve->ahead.streams == NULL) || request->fua ? NULL : ahead_stream_of(&serve->ahead, request);
}

static void start(struct serve *serve, struct ftl_request *request)
{
    struct lookup lookup;
    lookup.ops = (struct list){NULL, NULL};
    lookup.op_count = lookup.waits = 0;
    lookup.hit_bytes = 0;
    lookup.stream = stream_of(serve, request);
    uint64_t lpn = extent_first(serve->base, request), end = extent_last(serve->base, request) + 1, buffered;
    while (lpn < end) {
        buffered = next_buffered(serve->buffer, lpn, end);
        while (lpn < buffered)
            lpn += look_up_run(serve, request, &lookup, lpn, buffered - lpn);
        if (lpn < end)
            look_up_buffered(serve, request, &lookup, lpn++);
    }
    issue(serve, request, &lookup);
    if (unlikely(lookup.stream != NULL))
        ahead_advance(&serve->ahead, lookup.stream, request);
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

void read_submit(struct serve *serve, struct ftl_request *request)
{
    struct base *base = serve->base;
    uint64_t units = extent_units(base, request);
    base->stats.host_units_read += units;
    tick_t cost = base->config.t_read + units * base->config.t_read_unit;
    if (cost == 0 && !request->fua) {
        start(serve, request);
        return;
    }
    map_prefetch(serve->map, extent_first(base, request));
    serve_work(serve, request, cost, unlikely(request->fua) ? charged_fua : charged);
}
