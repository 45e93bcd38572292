// The write buffer: units that the host has written and that are not yet in the flash.
#ifndef SQTAIL_FTL_BUFFER_BUFFER_H
#define SQTAIL_FTL_BUFFER_BUFFER_H

#include "ftl/base.h"
#include "ftl/ftl.h"
#include "util/list.h"

// One unit in the buffer.
struct buffer_entry {
    uint64_t sequence;          // order of arrival
    struct ftl_request *waiter; // FUA: done once programmed; NULL for none
    uint64_t lpn;
    tick_t since; // when it arrived
    uint32_t next, prev; // list of all entries in use, oldest first; next also of the free ones
    uint32_t version;
    bool stale;      // overwritten or trimmed since: not to be mapped
    bool dispatched; // in a program
};

struct buffer_slot {
    uint32_t low;   // 32 bits of the lpn
    uint32_t entry; // index + 1; 0 for an empty slot
};

struct buffer {
    struct base *base;
    struct buffer_entry *entries;
    uint32_t capacity; // units
    uint32_t used;     // entries in use and those granted to writers whose data have not arrived
    uint32_t arriving; // of these, granted only
    uint32_t free;     // list of entries
    uint32_t oldest, newest;
    uint32_t first_queued; // the oldest entry not dispatched: those from here on are queued
    uint32_t queued;
    uint64_t sequence; // of the last arrival
    uint64_t forced;   // dispatch entries up to this one even when they fill no program unit
    struct buffer_slot *table; // lpn -> its latest entry; open addressing, linear probing
    uint32_t table_mask;
    unsigned table_shift;
    uint32_t in_table;
    uint32_t high, low; // units queued between which the marks of destaging lie
    bool draining;      // towards the low one
    struct list waiting; // writers in order of arrival
    struct list flushes; // FLUSH requests in order of arrival
    bool write_through;
};

void buffer_init(struct buffer *buffer, struct base *base);
void buffer_destroy(struct buffer *buffer);
uint32_t buffer_find_slow(const struct buffer *buffer, uint64_t lpn);
bool buffer_insert(struct buffer *buffer, uint64_t lpn, uint32_t version, struct ftl_request *waiter);
uint32_t buffer_dispatch(struct buffer *buffer);
void buffer_release(struct buffer *buffer, uint32_t index);
void buffer_trim(struct buffer *buffer, uint64_t first, uint64_t end);

// The latest entry of the unit, or NONE.
static inline uint32_t buffer_find(const struct buffer *buffer, uint64_t lpn)
{
    return buffer->in_table == 0 ? NONE : buffer_find_slow(buffer, lpn);
}

static inline uint32_t buffer_room(const struct buffer *buffer)
{
    return buffer->capacity - buffer->used;
}

#endif
