// I/O queues: tags, commands with their PRPs, doorbells.
//
// Sources: NVM Express Base 1.4 sections 4.1 (queues), 4.3 (PRPs), 6 (NVM commands); Linux 6.1 block/blk-mq.c,
// block/blk-merge.c (splitting), drivers/nvme/host/pci.c.
//
// A request goes to the queue of its CPU, takes a tag for every command it needs and waits, first in first out,
// while there is none. A queue has one entry more than tags, so that it can never be full. Every tag owns a data
// buffer, PRP list pages and DSM ranges at addresses that never change; a list stands in memory until a transfer of
// another length needs another one. A request's stopwatch is that of the command that completes last; all waiting since
// the request's arrival and before the command is STAGE_HOST_SUBMIT's.
//
// Doorbells are collected: whoever has written entries calls queue_ring_doorbells once it is done with the tick's
// work, as blk-mq's commit_rqs does, which costs no event.
//
// A request with a preflush is done in steps, as block/blk-flush.c does it: first a flush command, and only once that
// is complete the data; after a failed flush, not. Without a volatile write cache there is nothing to flush. NVMe has
// FUA wherever it has a cache, so that the third step, a flush after the data, never comes. The first step counts as
// waiting before the command.
//
// With host.block_layer all of this but the commands is the block layer's (layer.c).
//
// Left out: shared tags, retry of failed commands, metadata.
#include <stdlib.h>

#include "host/driver/contents.h"
#include "host/driver/host_internal.h"
#include "util/alloc.h"

#define DSM_BYTES ((uint64_t)NVME_DSM_RANGES_MAX * sizeof(struct nvme_dsm_range))

void host_ring_init(struct host *host, struct host_ring *ring, uint32_t entries)
{
    uint64_t sq_bytes = (uint64_t)entries * NVME_SQE_BYTES, cq_bytes = (uint64_t)entries * NVME_CQE_BYTES;
    ring->entries = entries;
    ring->sq_address = memory_allocate(&host->memory, sq_bytes);
    ring->cq_address = memory_allocate(&host->memory, cq_bytes);
    ring->sq = memory_at(&host->memory, ring->sq_address, sq_bytes);
    ring->cq = memory_at(&host->memory, ring->cq_address, cq_bytes);
    ring->phase = NVME_CQE_PHASE;
}

// --- limits --------------------------------------------------------------------------------------------------------

static uint64_t round_to_pages(uint64_t bytes)
{
    return (bytes + MEMORY_PAGE_BYTES - 1) >> MEMORY_PAGE_SHIFT << MEMORY_PAGE_SHIFT;
}

// PRP list pages for a transfer of `bytes`: PRP1 covers the first page; a list page that is not the last one gives up
// its last entry for the address of the next one.
static uint32_t list_pages(uint64_t bytes)
{
    uint64_t entries = round_to_pages(bytes) / MEMORY_PAGE_BYTES - 1;
    if (entries <= 1)
        return 0;
    uint32_t pages = 1;
    for (; entries > PRP_LIST_ENTRIES; entries -= PRP_LIST_ENTRIES - 1)
        pages++;
    return pages;
}

static uint64_t transfer_limit(const struct host *host)
{
    uint64_t limit = host->config->max_transfer;
    unsigned mdts = host->controller->mdts;
    if (mdts != 0 && mdts < 32)
        limit = MIN(limit, (uint64_t)MEMORY_PAGE_BYTES << mdts);
    return limit & ~(uint64_t)(MEMORY_PAGE_BYTES - 1);
}

uint64_t queue_memory_bytes(const struct host_config *config)
{
    uint64_t entries = config->queue_depth + 1;
    uint64_t lists = (uint64_t)list_pages(config->max_transfer) * MEMORY_PAGE_BYTES * config->queue_depth;
    uint64_t queue = round_to_pages(entries * NVME_SQE_BYTES) + round_to_pages(entries * NVME_CQE_BYTES) +
                     round_to_pages(entries * DSM_BYTES) + lists;
    return queue * host_config_queues(config);
}

// The logical block is known only once the namespace is; 32-bit block counts of DSM are limited when it is.
void queue_set_limits(struct host *host)
{
    uint64_t transfer = host->buffer_bytes;
    host->part_limit[IO_READ] = transfer;
    host->part_limit[IO_WRITE] = transfer;
    host->part_limit[IO_WRITE_FUA] = transfer;
    host->part_limit[IO_WRITE_ZEROES] = transfer;
    host->part_limit[IO_TRIM] = (uint64_t)UINT32_MAX << host->block_shift;
    host->part_limit[IO_FLUSH] = 0;
}

// --- creation ------------------------------------------------------------------------------------------------------

static size_t waits_bytes(const struct host *host)
{
    return (size_t)host->depth * WAIT_COUNT * sizeof(tick_t);
}

static void create_queue(struct host *host, struct host_queue *queue, uint32_t id)
{
    unsigned stride = 4u << NVME_FIELD(host->cap, NVME_CAP_DSTRD);
    *queue = (struct host_queue){.host = host, .id = id, .polled = map_set_of(&host->map, id - 1) == SET_POLL};
    host_ring_init(host, &queue->ring, host->depth + 1);
    queue->ring.sq_doorbell = NVME_REG_DOORBELLS + 2ull * id * stride;
    queue->ring.cq_doorbell = queue->ring.sq_doorbell + stride;
    queue->data = memory_allocate_data(&host->memory, host->buffer_bytes * host->depth);
    queue->lists = memory_allocate(&host->memory, (uint64_t)host->list_bytes * host->depth);
    queue->ranges = memory_allocate(&host->memory, DSM_BYTES * host->depth);
    queue->tags = xcalloc(host->depth, sizeof *queue->tags);
    if (host->functional)
        queue->sent = xcalloc(host->depth, sizeof *queue->sent);
    if (host->waits != NULL)
        host->waits[id] = lazy_alloc(waits_bytes(host));
    queue->free_tags = xcalloc(host->depth, sizeof *queue->free_tags);
    for (uint32_t tag = host->depth; tag-- > 0;)
        queue->free_tags[queue->free_count++] = (uint16_t)tag;
}

void queue_create_all(struct host *host)
{
    host->buffer_bytes = transfer_limit(host);
    host->list_bytes = list_pages(host->buffer_bytes) * MEMORY_PAGE_BYTES;
    host->by_queues = fastdiv_make(host->queue_count);
    host->stats.queues = host->queue_count;
    host->queues = xcalloc(host->queue_count, sizeof *host->queues);
    host->dirty = xcalloc(host->queue_count, sizeof *host->dirty);
    if (host->functional)
        memory_keep_data(&host->memory, host->queue_count * round_to_pages(host->buffer_bytes * host->depth));
    for (uint32_t q = 0; q < host->queue_count; q++)
        create_queue(host, &host->queues[q], q + 1);
}

void queue_destroy_all(struct host *host)
{
    for (uint32_t q = 0; host->queues != NULL && q < host->queue_count; q++) {
        if (host->waits != NULL)
            lazy_free(host->waits[q + 1], waits_bytes(host));
        free(host->queues[q].tags);
        free(host->queues[q].sent);
        free(host->queues[q].free_tags);
    }
    free(host->queues);
    free(host->dirty);
}

// --- commands ------------------------------------------------------------------------------------------------------

// Writes the list of `entries` page addresses from `page` on.
static void write_list(struct host *host, uint64_t list, uint64_t page, uint32_t entries)
{
    uint64_t *at = memory_at(&host->memory, list, host->list_bytes);
    uint32_t room = PRP_LIST_ENTRIES;
    while (entries > 0) {
        if (room == 1 && entries > 1) {
            list += MEMORY_PAGE_BYTES;
            *at++ = list; // the next list page follows this one in memory
            room = PRP_LIST_ENTRIES;
            continue;
        }
        *at++ = page;
        page += MEMORY_PAGE_BYTES;
        room--;
        entries--;
    }
}

static inline void set_prps(struct host_queue *queue, uint32_t tag, uint64_t bytes, struct nvme_sqe *sqe)
{
    struct host *host = queue->host;
    sqe->prp1 = queue->data + tag * host->buffer_bytes;
    if (bytes <= MEMORY_PAGE_BYTES)
        return;
    if (bytes <= 2 * MEMORY_PAGE_BYTES) {
        sqe->prp2 = sqe->prp1 + MEMORY_PAGE_BYTES;
        return;
    }
    uint32_t entries = (uint32_t)((bytes - 1) >> MEMORY_PAGE_SHIFT);
    sqe->prp2 = queue->lists + (uint64_t)tag * host->list_bytes;
    if (queue->tags[tag].list_entries == entries)
        return;
    queue->tags[tag].list_entries = entries;
    write_list(host, sqe->prp2, sqe->prp1 + MEMORY_PAGE_BYTES, entries);
}

// What a command does.
struct command {
    enum io_kind kind;
    bool fua;
    uint64_t offset, bytes;
};

static struct nvme_dsm_range *begin_ranges(struct host_queue *queue, uint32_t tag, uint32_t count,
                                           struct nvme_sqe *sqe)
{
    sqe->prp1 = queue->ranges + tag * DSM_BYTES;
    sqe->cdw10 = count - 1;
    sqe->cdw11 = NVME_DSM_AD;
    return memory_at(&queue->host->memory, sqe->prp1, count * sizeof(struct nvme_dsm_range));
}

static struct nvme_dsm_range dsm_range(const struct host *host, struct io_range range)
{
    unsigned shift = host->block_shift;
    return (struct nvme_dsm_range){.nlb = (uint32_t)(range.bytes >> shift), .slba = range.offset >> shift};
}

static void build_ranges(struct host_queue *queue, uint32_t tag, const struct host_request *request, uint64_t bytes,
                         struct nvme_sqe *sqe)
{
    uint32_t count = MAX(request->io.range_count, 1u);
    struct io_range one = {request->position, bytes};
    const struct io_range *ranges = request->io.range_count == 0 ? &one : request->io.ranges;
    struct nvme_dsm_range *to = begin_ranges(queue, tag, count, sqe);
    for (uint32_t i = 0; i < count; i++)
        to[i] = dsm_range(queue->host, ranges[i]);
}

static const uint8_t opcodes[IO_KIND_COUNT] = {
    [IO_READ] = NVME_IO_READ,
    [IO_WRITE] = NVME_IO_WRITE,
    [IO_WRITE_FUA] = NVME_IO_WRITE,
    [IO_FLUSH] = NVME_IO_FLUSH,
    [IO_TRIM] = NVME_IO_DATASET_MANAGEMENT,
    [IO_WRITE_ZEROES] = NVME_IO_WRITE_ZEROES,
};

static struct nvme_sqe *begin_command(struct host_queue *queue, uint32_t tag, enum io_kind kind)
{
    struct nvme_sqe *sqe = host_ring_push(&queue->ring);
    *sqe = (struct nvme_sqe){.opcode = opcodes[kind], .cid = (uint16_t)tag, .nsid = queue->host->nsid};
    return sqe;
}

static inline void build_transfer(struct host_queue *queue, uint32_t tag, struct command command, struct nvme_sqe *sqe)
{
    struct host *host = queue->host;
    uint64_t slba = command.offset >> host->block_shift, blocks = command.bytes >> host->block_shift;
    sqe->cdw10 = (uint32_t)slba;
    sqe->cdw11 = (uint32_t)(slba >> 32);
    sqe->cdw12 = (uint32_t)(blocks - 1) | (command.fua ? (uint32_t)NVME_RW_FUA : 0);
    if (command.kind != IO_WRITE_ZEROES)
        set_prps(queue, tag, command.bytes, sqe);
    else if (host->deallocates)
        sqe->cdw12 |= NVME_RW_DEAC; // Linux 6.1, nvme_setup_write_zeroes: what reads as zeroes may be deallocated
}

static void build_command(struct host_queue *queue, uint32_t tag, const struct host_request *request, uint64_t bytes)
{
    enum io_kind kind = request->preflush ? IO_FLUSH : request->io.kind;
    struct nvme_sqe *sqe = begin_command(queue, tag, kind);
    bool fua = request->io.fua || kind == IO_WRITE_FUA;
    if (kind == IO_TRIM)
        build_ranges(queue, tag, request, bytes, sqe);
    else if (kind != IO_FLUSH)
        build_transfer(queue, tag, (struct command){kind, fua, request->position, bytes}, sqe);
    if (unlikely(queue->sent != NULL))
        contents_sent(queue, sqe);
}

static void mark_dirty(struct host_queue *queue)
{
    if (queue->dirty)
        return;
    queue->dirty = true;
    queue->host->dirty[queue->host->dirty_count++] = queue;
}

// What the next command covers: ranges are not taken apart.
static uint64_t next_part(const struct host *host, const struct host_request *request)
{
    if (request->preflush)
        return 0;
    return request->io.range_count != 0 ? request->left : MIN(request->left, host->part_limit[request->io.kind]);
}

static void send_command(struct host_queue *queue, struct host_request *request)
{
    struct host *host = queue->host;
    uint32_t tag = queue->free_tags[--queue->free_count];
    uint64_t bytes = next_part(host, request);
    queue->tags[tag].request = request;
    queue->tags[tag].rung = sim_now(host->sim);
    queue->tags[tag].told = false;
    build_command(queue, tag, request, bytes);
    request->position += bytes;
    request->left -= bytes;
    request->open++;
    host->stats.commands++;
    mark_dirty(queue);
}

static void build_merged_ranges(struct host_queue *queue, const struct block_request *request, struct nvme_sqe *sqe)
{
    struct nvme_dsm_range *to = begin_ranges(queue, request->tag, request->segments, sqe);
    for (const struct block_part *part = request->first; part != NULL; part = part->next)
        *to++ = dsm_range(queue->host, part->range);
}

void queue_send_block_request(struct host_queue *queue, struct block_request *request)
{
    struct nvme_sqe *sqe = begin_command(queue, request->tag, request->kind);
    struct host_tag *tag = &queue->tags[request->tag];
    struct command command = {request->kind, request->fua, request->offset, request->bytes};
    tag->block = request;
    tag->rung = sim_now(queue->host->sim);
    tag->told = false;
    if (request->kind == IO_TRIM)
        build_merged_ranges(queue, request, sqe);
    else if (request->kind != IO_FLUSH)
        build_transfer(queue, request->tag, command, sqe);
    if (unlikely(queue->sent != NULL))
        contents_sent(queue, sqe);
    queue->host->stats.commands++;
    mark_dirty(queue);
}

// Sends the request's commands while there are tags; true when all of this step have been sent.
static bool send_request(struct host_queue *queue, struct host_request *request)
{
    do {
        if (queue->free_count == 0)
            return false;
        send_command(queue, request);
    } while (request->left > 0 && !request->preflush);
    request->sent = !request->preflush;
    return true;
}

static void send_or_wait(struct host *host, struct host_request *request)
{
    struct host_queue *queue = request->queue;
    if (list_empty(&queue->waiting) && send_request(queue, request))
        return;
    host->stats.queue_full++;
    list_push(&queue->waiting, &request->link);
}

void queue_add_request(struct host *host, struct host_request *request)
{
    host->stats.split += request->left > host->part_limit[request->io.kind];
    send_or_wait(host, request);
}

void queue_end_preflush(struct host *host, struct host_request *request)
{
    request->preflush = false;
    send_or_wait(host, request);
}

void queue_send_waiting(struct host_queue *queue)
{
    while (!list_empty(&queue->waiting) && queue->free_count > 0) {
        struct host_request *first = container_of(queue->waiting.head, struct host_request, link);
        if (!send_request(queue, first))
            return;
        list_pop(&queue->waiting);
    }
}

void queue_ring_doorbells(struct host *host)
{
    for (uint32_t i = 0; i < host->dirty_count; i++) {
        struct host_queue *queue = host->dirty[i];
        queue->dirty = false;
        host->stats.sq_doorbells++;
        host->device.mmio_write(host->device.self, queue->ring.sq_doorbell, 4, queue->ring.sq_tail);
    }
    host->dirty_count = 0;
}
