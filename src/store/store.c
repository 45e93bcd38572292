// Contents of a drive, kept apart from what is timed: pages of memory, of which there are those that were written. A copy
// in and a copy out are all that contents cost.
//
// What a volatile cache may lose is a log of what each write has overwritten, oldest first. A flush cuts it at its old
// end, and so does the cache's size: what lies further back than the cache holds must have left it. Losing power undoes
// the log from its young end. A write that is durable at once (FUA, or a trim) is in the log as well, with nothing to
// undo: what is older must not come back over it.
//
// Left out: which blocks of the cache happen to be programmed already; those count as lost, which a host that has not
// flushed must expect (NVM Express 1.4, section 5.21.1.6). A write is lost whole or not at all.
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/list.h"
#include "util/macros.h"
#include "util/sparse.h"

enum { SECTOR_SHIFT = 9, PAGE_SHIFT = 12, PAGE_BYTES = 1 << PAGE_SHIFT }; // a sector: the smallest logical block

struct record {
    struct list_link link;
    uint64_t number; // counts writes
    uint64_t offset, bytes;
    bool durable;
    uint8_t before[]; // unless it is durable
};

struct store {
    struct sparse pages;
    uint64_t volatile_max, volatile_bytes;
    uint64_t written; // number of the last record
    struct list log;
};

struct store *store_create(uint64_t capacity_bytes, uint64_t volatile_bytes)
{
    struct store *store = xcalloc(1, sizeof *store);
    store->volatile_max = volatile_bytes;
    sparse_init(&store->pages, (capacity_bytes + PAGE_BYTES - 1) >> PAGE_SHIFT, PAGE_BYTES);
    return store;
}

static struct record *oldest(const struct store *store)
{
    return list_empty(&store->log) ? NULL : container_of(store->log.head, struct record, link);
}

static void drop_oldest(struct store *store)
{
    struct record *record = container_of(list_pop(&store->log), struct record, link);
    store->volatile_bytes -= record->durable ? 0 : record->bytes;
    free(record);
}

// Where nothing is older there is nothing to keep from coming back.
static void drop_durable(struct store *store)
{
    while (oldest(store) != NULL && oldest(store)->durable)
        drop_oldest(store);
}

void store_destroy(struct store *store)
{
    if (store == NULL)
        return;
    while (oldest(store) != NULL)
        drop_oldest(store);
    sparse_destroy(&store->pages);
    free(store);
}

// --- contents ------------------------------------------------------------------------------------------------------

static uint64_t part_of_page(uint64_t offset, uint64_t bytes)
{
    return MIN(bytes, PAGE_BYTES - (offset & (PAGE_BYTES - 1)));
}

void store_read(const struct store *store, uint64_t offset, void *to, uint64_t bytes)
{
    uint8_t *at = to;
    for (uint64_t part; bytes > 0; offset += part, at += part, bytes -= part) {
        const uint8_t *page = sparse_find(&store->pages, offset >> PAGE_SHIFT);
        part = part_of_page(offset, bytes);
        if (page == NULL)
            memset(at, 0, part);
        else
            memcpy(at, page + (offset & (PAGE_BYTES - 1)), part);
    }
}

static void put(struct store *store, uint64_t offset, const uint8_t *from, uint64_t bytes)
{
    for (uint64_t part; bytes > 0; offset += part, from += part, bytes -= part) {
        uint8_t *page = sparse_touch(&store->pages, offset >> PAGE_SHIFT);
        part = part_of_page(offset, bytes);
        memcpy(page + (offset & (PAGE_BYTES - 1)), from, part);
    }
}

static void clear(struct store *store, uint64_t offset, uint64_t end)
{
    while (offset < end) {
        uint64_t page = sparse_next(&store->pages, offset >> PAGE_SHIFT, ((end - 1) >> PAGE_SHIFT) + 1);
        offset = MAX(offset, page << PAGE_SHIFT);
        if (offset >= end)
            return;
        uint64_t part = part_of_page(offset, end - offset);
        memset((uint8_t *)sparse_find(&store->pages, page) + (offset & (PAGE_BYTES - 1)), 0, part);
        offset += part;
    }
}

// --- what is volatile ----------------------------------------------------------------------------------------------

static void log_write(struct store *store, uint64_t offset, uint64_t bytes, bool durable)
{
    struct record *record = xmalloc(sizeof *record + (durable ? 0 : bytes));
    record->number = ++store->written;
    record->offset = offset;
    record->bytes = bytes;
    record->durable = durable;
    if (!durable)
        store_read(store, offset, record->before, bytes);
    store->volatile_bytes += durable ? 0 : bytes;
    list_push(&store->log, &record->link);
}

static void note_write(struct store *store, uint64_t offset, uint64_t bytes, bool durable)
{
    durable |= bytes > store->volatile_max;
    if (!durable || oldest(store) != NULL)
        log_write(store, offset, bytes, durable);
    while (store->volatile_bytes > store->volatile_max)
        drop_oldest(store);
    drop_durable(store);
}

void store_write(struct store *store, uint64_t offset, const void *from, uint64_t bytes, bool durable)
{
    note_write(store, offset, bytes, durable);
    put(store, offset, from, bytes);
}

void store_zero(struct store *store, uint64_t offset, uint64_t bytes)
{
    note_write(store, offset, bytes, true);
    clear(store, offset, offset + bytes);
}

uint64_t store_mark(const struct store *store)
{
    return store->written;
}

void store_settle(struct store *store, uint64_t mark)
{
    while (oldest(store) != NULL && oldest(store)->number <= mark)
        drop_oldest(store);
    drop_durable(store);
}

bool store_is_volatile(const struct store *store, uint64_t offset, uint64_t bytes)
{
    bool is_volatile = false;
    for (const struct list_link *link = store->log.head; link != NULL; link = link->next) {
        const struct record *record = container_of(link, struct record, link);
        bool overlaps = record->offset < offset + bytes && offset < record->offset + record->bytes;
        bool covers = record->offset <= offset && offset + bytes <= record->offset + record->bytes;
        is_volatile = record->durable ? is_volatile && !covers : is_volatile || overlaps;
    }
    return is_volatile;
}

uint64_t store_volatile_bytes(const struct store *store)
{
    return store->volatile_bytes;
}

// --- power loss ----------------------------------------------------------------------------------------------------

// A younger write that is durable has the sector: it stays.
static void undo(struct store *store, const struct record *record, bool *kept)
{
    uint64_t sector_bytes = UINT64_C(1) << SECTOR_SHIFT;
    for (uint64_t at = 0; at < record->bytes; at += sector_bytes) {
        bool *keep = &kept[(record->offset + at) >> SECTOR_SHIFT];
        if (record->durable)
            *keep = true;
        else if (!*keep)
            put(store, record->offset + at, record->before + at, sector_bytes);
    }
}

// The log from its young end.
static void reverse(struct list *log)
{
    struct list reversed = {0};
    for (struct list_link *link; (link = list_pop(log)) != NULL;)
        list_push_front(&reversed, link);
    *log = reversed;
}

void store_lose_power(struct store *store)
{
    size_t sectors = (size_t)(store->pages.count << (PAGE_SHIFT - SECTOR_SHIFT));
    bool *kept = lazy_alloc(sectors);
    reverse(&store->log);
    while (oldest(store) != NULL) {
        undo(store, oldest(store), kept);
        drop_oldest(store);
    }
    lazy_free(kept, sectors);
}
