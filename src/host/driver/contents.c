// What the drive must give back, where it keeps contents.
//
// Every write has a number, and fills each of its logical blocks with a pattern of block and number. What a read brings
// must be the pattern of its block with the number of the write acknowledged last, or of one that was under way while
// the read was; or zeroes, where nothing was written or that was deallocated.
//
// Writes of one block that are under way together may end in either order: until none is, only those before the first
// of them are known to be gone. After a write that failed, the block has what it had or what was written (NVM Express
// 1.4, section 6.4).
#include "host/driver/contents.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/driver/host_internal.h"
#include "util/alloc.h"
#include "util/rng.h"
#include "util/sparse.h"

struct block_history {
    uint64_t oldest; // write that the block may still have; 0: what it had at first
    uint64_t known;  // when that became so
    uint64_t first;  // of those that are under way together,
    uint64_t open;   // so many
    uint64_t zeroed; // the last that made it zeroes
};

enum { PAGE_BLOCKS = 8 };

struct host_contents {
    struct sparse pages; // of the histories of PAGE_BLOCKS blocks; what was never written has none
    struct host_sent **zeroing; // commands under way that make blocks zeroes
    uint32_t zeroing_count;
    uint64_t begun; // the page whose history begins
    uint64_t now;   // counts commands and completions
    char wrong[HOST_FAILURE_BYTES];
};

void contents_create(struct host *host)
{
    struct host_contents *contents = host->contents = xcalloc(1, sizeof *contents);
    uint64_t blocks = host->capacity_bytes >> host->block_shift;
    sparse_init(&contents->pages, blocks / PAGE_BLOCKS + 1, PAGE_BLOCKS * sizeof(struct block_history));
    contents->zeroing = xcalloc((size_t)host->queue_count * host->depth, sizeof(struct host_sent *));
}

void contents_destroy(struct host *host)
{
    if (host->contents == NULL)
        return;
    sparse_destroy(&host->contents->pages);
    free(host->contents->zeroing);
    free(host->contents);
}

// --- patterns ------------------------------------------------------------------------------------------------------

enum { WORD_BLOCK, WORD_WRITE, WORD_FILL };

static uint32_t words_of_block(const struct host *host)
{
    return (UINT32_C(1) << host->block_shift) / (uint32_t)sizeof(uint64_t);
}

static void fill(uint64_t *to, uint32_t words, uint64_t block, uint64_t write)
{
    uint64_t seed = rng_mix(block ^ rng_mix(write));
    to[WORD_BLOCK] = block;
    to[WORD_WRITE] = write;
    for (uint32_t i = WORD_FILL; i < words; i++)
        to[i] = seed + i;
}

static bool is_pattern(const uint64_t *from, uint32_t words, uint64_t block)
{
    uint64_t seed = rng_mix(block ^ rng_mix(from[WORD_WRITE])), wrong = from[WORD_BLOCK] ^ block;
    for (uint32_t i = WORD_FILL; i < words; i++)
        wrong |= from[i] ^ (seed + i);
    return wrong == 0;
}

static bool is_zero(const uint64_t *from, uint32_t words)
{
    uint64_t bits = 0;
    for (uint32_t i = 0; i < words; i++)
        bits |= from[i];
    return bits == 0;
}

// --- commands, as what they do to ranges of blocks -----------------------------------------------------------------

struct block_range {
    uint64_t begin, end;
};

typedef void range_fn(struct host *host, const struct host_sent *sent, struct block_range range);

static void each_range(struct host *host, const struct host_sent *sent, range_fn *act)
{
    const struct nvme_sqe *sqe = &sent->sqe;
    if (sqe->opcode != NVME_IO_DATASET_MANAGEMENT) {
        uint64_t slba = sqe->cdw10 | (uint64_t)sqe->cdw11 << 32;
        act(host, sent, (struct block_range){slba, slba + (sqe->cdw12 & NVME_RW_NLB_MASK) + 1});
        return;
    }
    uint32_t count = (sqe->cdw10 & NVME_DSM_NR_MASK) + 1;
    const struct nvme_dsm_range *ranges = memory_at(&host->memory, sqe->prp1, count * sizeof *ranges);
    for (uint32_t i = 0; i < count; i++)
        act(host, sent, (struct block_range){ranges[i].slba, ranges[i].slba + ranges[i].nlb});
}

// The first block from *block on, below `end`, that has a history; NULL: none has.
static struct block_history *next_history(const struct host_contents *contents, uint64_t *block, uint64_t end)
{
    uint64_t page = *block / PAGE_BLOCKS, found = sparse_next(&contents->pages, page, (end + PAGE_BLOCKS - 1) / PAGE_BLOCKS);
    *block = MAX(*block, found * PAGE_BLOCKS);
    if (*block >= end)
        return NULL;
    struct block_history *histories = sparse_find(&contents->pages, found);
    return &histories[*block % PAGE_BLOCKS];
}

static void begin_range(struct host *host, const struct host_sent *sent, struct block_range range)
{
    struct block_history *history;
    for (uint64_t block = range.begin; (history = next_history(host->contents, &block, range.end)) != NULL; block++) {
        if (history->open++ == 0)
            history->first = sent->number;
        if (sent->sqe.opcode != NVME_IO_WRITE)
            history->zeroed = sent->number;
    }
}

static void end_range(struct host *host, const struct host_sent *sent, struct block_range range)
{
    struct block_history *history;
    (void)sent;
    for (uint64_t block = range.begin; (history = next_history(host->contents, &block, range.end)) != NULL; block++)
        if (--history->open == 0) {
            history->oldest = history->first;
            history->known = host->contents->now;
        }
}

// A write that has failed may have happened or not: what was there before stays possible.
static void end_failed_range(struct host *host, const struct host_sent *sent, struct block_range range)
{
    struct block_history *history;
    for (uint64_t block = range.begin; (history = next_history(host->contents, &block, range.end)) != NULL; block++)
        history->first = history->oldest;
    end_range(host, sent, range);
}

// --- histories that begin ------------------------------------------------------------------------------------------

static void join_page(struct host *host, const struct host_sent *sent, struct block_range range)
{
    uint64_t begin = host->contents->begun * PAGE_BLOCKS, end = begin + PAGE_BLOCKS;
    begin_range(host, sent, (struct block_range){MAX(range.begin, begin), MIN(range.end, end)});
}

// Commands under way that make the page's blocks zeroes belong to its history.
static void begin_page(struct host *host, uint64_t page)
{
    struct host_contents *contents = host->contents;
    if (sparse_find(&contents->pages, page) != NULL)
        return;
    sparse_touch(&contents->pages, page);
    contents->begun = page;
    for (uint32_t i = 0; i < contents->zeroing_count; i++)
        each_range(host, contents->zeroing[i], join_page);
}

static void begin_write(struct host *host, const struct host_sent *sent, struct block_range range)
{
    uint64_t *data = memory_data_at(&host->memory, sent->sqe.prp1);
    uint32_t words = words_of_block(host);
    for (uint64_t page = range.begin / PAGE_BLOCKS; page <= (range.end - 1) / PAGE_BLOCKS; page++)
        begin_page(host, page);
    begin_range(host, sent, range);
    for (uint64_t block = range.begin; block < range.end; block++, data += words)
        fill(data, words, block, sent->number);
}

static void begin_zeroing(struct host *host, struct host_sent *sent)
{
    struct host_contents *contents = host->contents;
    each_range(host, sent, begin_range);
    sent->place = contents->zeroing_count;
    contents->zeroing[contents->zeroing_count++] = sent;
}

static void end_zeroing(struct host *host, const struct host_sent *sent)
{
    struct host_contents *contents = host->contents;
    struct host_sent *last = contents->zeroing[--contents->zeroing_count];
    last->place = sent->place;
    contents->zeroing[sent->place] = last;
}

// --- reads ---------------------------------------------------------------------------------------------------------

// The first one is told. Without a number (0) of a write it is not.
static void note_wrong(struct host *host, uint64_t block, const char *brought, uint64_t write, uint64_t last)
{
    struct host_contents *contents = host->contents;
    if (contents->wrong[0] == '\0')
        snprintf(contents->wrong, sizeof contents->wrong,
                 "a read of logical block %llu brought %s%.0llu, but the last write to it was number %llu",
                 (unsigned long long)block, brought, (unsigned long long)write, (unsigned long long)last);
}

static void check_block(struct host *host, const struct host_sent *sent, uint64_t block, const uint64_t *data)
{
    static const struct block_history never;
    const struct block_history *page = sparse_find(&host->contents->pages, block / PAGE_BLOCKS);
    const struct block_history *history = page == NULL ? &never : &page[block % PAGE_BLOCKS];
    bool changed = history->known > sent->number; // while the read was under way
    uint64_t oldest = changed ? 0 : history->oldest;
    uint32_t words = words_of_block(host);
    if (is_zero(data, words)) {
        if (oldest > history->zeroed)
            note_wrong(host, block, "zeroes", 0, oldest);
    } else if (!is_pattern(data, words, block)) {
        note_wrong(host, block, "what was never written to it", 0, history->oldest);
    } else if (data[WORD_WRITE] < oldest) {
        note_wrong(host, block, "those of write number ", data[WORD_WRITE], oldest);
    }
}

static void check_read(struct host *host, const struct host_sent *sent, struct block_range range)
{
    const uint64_t *data = memory_data_at(&host->memory, sent->sqe.prp1);
    for (uint64_t block = range.begin; block < range.end; block++, data += words_of_block(host))
        check_block(host, sent, block, data);
}

// --- commands ------------------------------------------------------------------------------------------------------

enum action { READS, WRITES, ZEROES, NOTHING };

static enum action action_of(const struct host_sent *sent)
{
    switch (sent->sqe.opcode) {
    case NVME_IO_READ: return READS;
    case NVME_IO_WRITE: return WRITES;
    case NVME_IO_WRITE_ZEROES:
    case NVME_IO_DATASET_MANAGEMENT: return ZEROES;
    default: return NOTHING;
    }
}

void contents_sent(struct host_queue *queue, const struct nvme_sqe *sqe)
{
    struct host *host = queue->host;
    struct host_sent *sent = &queue->sent[sqe->cid];
    *sent = (struct host_sent){.sqe = *sqe, .number = ++host->contents->now};
    if (action_of(sent) == WRITES)
        each_range(host, sent, begin_write);
    else if (action_of(sent) == ZEROES)
        begin_zeroing(host, sent);
}

const char *contents_completed(struct host_queue *queue, uint32_t tag, bool failed)
{
    struct host *host = queue->host;
    const struct host_sent *sent = &queue->sent[tag];
    enum action action = action_of(sent);
    host->contents->now++;
    if (action == READS && !failed)
        each_range(host, sent, check_read);
    if (action == WRITES || action == ZEROES)
        each_range(host, sent, failed ? end_failed_range : end_range);
    if (action == ZEROES)
        end_zeroing(host, sent);
    return host->contents->wrong[0] == '\0' ? NULL : host->contents->wrong;
}
