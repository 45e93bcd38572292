// Reads of multi-plane pages, for the host and for copies.
//
// A superblock is held while one is under way, so that data cannot be replaced under a read; checked at its end by the
// count of erasures.
//
// With `join_reads` a read of a page for which another waits already, for its die, is not submitted: the other reads
// its units, too, and both end together, after one tR. (A controller knows its queues. What a page register holds once
// the array has been read is not kept for later reads.) Who has joined is charged what was left when it came.
#include "ftl/space/page_read.h"

#include <stdlib.h>

#include "util/alloc.h"

enum { BUCKET_BITS = 10 };

void page_reads_init(struct space *space)
{
    pool_init(&space->reads, sizeof(struct page_read));
    if (space->base->config.join_reads)
        space->joinable = xcalloc((size_t)1 << BUCKET_BITS, sizeof *space->joinable);
}

void page_reads_destroy(struct space *space)
{
    free(space->joinable);
    pool_destroy(&space->reads);
}

// --- joining ---

// Multiplicative hashing (Knuth, volume 3, section 6.4), by the golden ratio.
static struct page_read **bucket_of(const struct space *space, uint64_t page)
{
    return &space->joinable[(page * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - BUCKET_BITS)];
}

static void enter(struct page_read *read)
{
    struct page_read **bucket = bucket_of(read->space, read->page);
    read->joined = (struct list){NULL, NULL};
    read->next = *bucket;
    *bucket = read;
}

// The latest of a page: those before it do not wait any more when it does not.
static struct page_read *latest(const struct page_read *read)
{
    struct page_read *other = *bucket_of(read->space, read->page);
    while (other != NULL && other->page != read->page)
        other = other->next;
    return other;
}

// Joins another read if there is one that it can; else others may join this one.
static bool join(struct page_read *read)
{
    struct base *base = read->space->base;
    struct page_read *other = latest(read);
    read->units = read->op.units;
    read->since = sim_now(base->sim);
    if (other == NULL || other->op.source.urgency > read->op.source.urgency ||
        !nand_widen(&base->nand, &other->op, read->op.units)) {
        enter(read);
        return false;
    }
    list_push(&other->joined, &read->op.link);
    base->stats.joined_reads++;
    return true;
}

static void leave(struct page_read *read)
{
    struct page_read **at = bucket_of(read->space, read->page);
    while (*at != read)
        at = &(*at)->next;
    *at = read->next;
}

// What the operation has brought to the read: the one that it is, or one that has joined it.
static void take_share(struct page_read *read, const struct nand_op *op)
{
    enum nand_status status = op->status;
    read->op.units = read->units;
    read->op.failed_units = op->failed_units & read->units;
    read->op.status = read->op.failed_units == 0 ? NAND_OK : status;
    read->op.path = breakdown_since(&op->path, read->since, read->op.waits);
}

static void ended(struct nand_op *op)
{
    struct page_read *read = container_of(op, struct page_read, op);
    struct list joined = read->joined;
    leave(read);
    for (struct list_link *link = joined.head; link != NULL; link = link->next)
        take_share(container_of(link, struct page_read, op.link), op);
    if (!list_empty(&joined))
        take_share(read, op);
    read->done(op);
    for (struct list_link *link; (link = list_pop(&joined)) != NULL;) {
        struct page_read *other = container_of(link, struct page_read, op.link);
        other->done(&other->op);
    }
}

static inline void tell(struct page_read *read, const struct nand_arrivals *arrivals)
{
    if (read->coming != NULL)
        read->coming(read, arrivals);
}

static void coming(struct nand_op *op, const struct nand_arrivals *arrivals)
{
    struct page_read *read = container_of(op, struct page_read, op);
    tell(read, arrivals);
    if (read->space->joinable == NULL)
        return;
    for (struct list_link *link = read->joined.head; link != NULL; link = link->next)
        tell(container_of(link, struct page_read, op.link), arrivals);
}

// --- reads ---

struct page_read *page_read_take(struct space *space, uint64_t ppn, struct nand_source source, void *owner,
                                 void (*done)(struct nand_op *))
{
    struct page_read *read = pool_take(&space->reads);
    read->op.kind = NAND_READ;
    read->op.source = source;
    read->op.owner = space;
    read->op.done = space->joinable == NULL ? done : ended;
    read->done = done;
    read->coming = NULL;
    read->op.at = layout_place(&space->layout, (ppn_t){ppn});
    read->op.units = 0;
    read->op.waits = space->base->explained && source.urgency == NAND_URGENT ? read->waits : NULL;
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
    read->op.coming = read->coming == NULL && space->joinable == NULL ? NULL : coming;
    superblock_hold(space, read->superblock, 1);
    if (likely(space->joinable == NULL) || !join(read))
        base_submit(space->base, &read->op, read->die);
    else
        base_op_begun(space->base, read->die);
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
