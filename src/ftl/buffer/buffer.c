// The write buffer: units that the host has written and that are not yet in the flash.
//
// Entries live in one list, oldest first. Data are dispatched to programs in order of arrival, so the entries not yet
// dispatched, the queue, are the list's tail from `first_queued` on; those before it are in programs, which may end
// in any order. An entry stays, and can be read, until its program is done. A table gives the latest entry of each
// lpn.
//
//   used = entries in the list + units granted to writers whose data have not arrived
//
// A unit overwritten while queued is replaced in place (`merge`), unless a FUA write waits for it. Otherwise the
// older entry becomes stale: it is programmed and not mapped, as in a drive that cannot recall what it has handed
// out.
#include "ftl/buffer/buffer.h"

#include <stdlib.h>

#include "util/alloc.h"

// Units held where there is no buffer, and data are only on their way to the flash: two program units a die.
static uint32_t transit_units(const struct nand_geometry *geometry)
{
    return 2 * geometry->dies * geometry->units_per_program;
}

static void init_table(struct buffer *buffer)
{
    unsigned bits = 4;
    while ((UINT64_C(1) << bits) < UINT64_C(2) * buffer->capacity)
        bits++;
    buffer->table = xcalloc(UINT64_C(1) << bits, sizeof *buffer->table);
    buffer->table_mask = (uint32_t)((UINT64_C(1) << bits) - 1);
    buffer->table_shift = 32 - bits;
}

// The high mark leaves at least one program unit to go, and the low one as much between them.
static void init_marks(struct buffer *buffer)
{
    const struct ftl_config *config = &buffer->base->config;
    uint32_t program = buffer->base->geometry.units_per_program;
    buffer->high = MAX((uint32_t)(buffer->capacity * config->destage_high), program);
    buffer->low = MIN((uint32_t)(buffer->capacity * config->destage_low), buffer->high - program);
}

void buffer_init(struct buffer *buffer, struct base *base)
{
    uint64_t units = base->config.write_buffer >> base->unit_shift;
    buffer->base = base;
    buffer->write_through = units == 0 || base->config.write_through;
    buffer->capacity = units == 0 ? transit_units(&base->geometry) : (uint32_t)units;
    buffer->entries = xcalloc(buffer->capacity, sizeof *buffer->entries);
    for (uint32_t i = 0; i < buffer->capacity; i++)
        buffer->entries[i].next = i + 1 < buffer->capacity ? i + 1 : NONE;
    buffer->oldest = buffer->newest = buffer->first_queued = NONE;
    init_table(buffer);
    init_marks(buffer);
}

void buffer_destroy(struct buffer *buffer)
{
    free(buffer->entries);
    free(buffer->table);
}

// Multiplicative hashing (Knuth, volume 3, section 6.4), by the golden ratio.
static uint32_t home_of(const struct buffer *buffer, uint32_t low)
{
    return (low * UINT32_C(2654435769)) >> buffer->table_shift;
}

static bool slot_holds(const struct buffer *buffer, const struct buffer_slot *slot, uint64_t lpn)
{
    return slot->low == (uint32_t)lpn && buffer->entries[slot->entry - 1].lpn == lpn;
}

// The slot that holds the lpn, or the empty one where it would go.
static uint32_t probe(const struct buffer *buffer, uint64_t lpn)
{
    uint32_t at = home_of(buffer, (uint32_t)lpn);
    while (buffer->table[at].entry != 0 && !slot_holds(buffer, &buffer->table[at], lpn))
        at = (at + 1) & buffer->table_mask;
    return at;
}

uint32_t buffer_find_slow(const struct buffer *buffer, uint64_t lpn)
{
    return buffer->table[probe(buffer, lpn)].entry - 1; // an empty slot gives NONE
}

// Removes an lpn and closes the gap: what follows moves up when its home does not lie behind the gap (Knuth, volume
// 3, section 6.4, algorithm R).
static void table_remove(struct buffer *buffer, uint64_t lpn)
{
    uint32_t mask = buffer->table_mask, gap = probe(buffer, lpn);
    for (uint32_t at = (gap + 1) & mask; buffer->table[at].entry != 0; at = (at + 1) & mask) {
        uint32_t home = home_of(buffer, buffer->table[at].low);
        if (((at - home) & mask) < ((at - gap) & mask))
            continue;
        buffer->table[gap] = buffer->table[at];
        gap = at;
    }
    buffer->table[gap].entry = 0;
    buffer->in_table--;
}

static void append(struct buffer *buffer, uint32_t index)
{
    struct buffer_entry *entry = &buffer->entries[index];
    entry->prev = buffer->newest;
    entry->next = NONE;
    if (buffer->newest != NONE)
        buffer->entries[buffer->newest].next = index;
    else
        buffer->oldest = index;
    buffer->newest = index;
    if (buffer->first_queued == NONE)
        buffer->first_queued = index;
    buffer->queued++;
}

static void take_off(struct buffer *buffer, uint32_t index)
{
    const struct buffer_entry *entry = &buffer->entries[index];
    if (entry->prev != NONE)
        buffer->entries[entry->prev].next = entry->next;
    else
        buffer->oldest = entry->next;
    if (entry->next != NONE)
        buffer->entries[entry->next].prev = entry->prev;
    else
        buffer->newest = entry->prev;
}

static bool may_merge(const struct buffer *buffer, const struct buffer_entry *old, const struct ftl_request *waiter)
{
    return buffer->base->config.merge && !old->dispatched && old->waiter == NULL && waiter == NULL;
}

// The unit becomes the youngest, unless what it was is already asked for.
static void renew(struct buffer *buffer, uint32_t index)
{
    struct buffer_entry *entry = &buffer->entries[index];
    if (!buffer->base->config.merge_renews || entry->sequence <= buffer->forced || buffer->newest == index)
        return;
    if (buffer->first_queued == index)
        buffer->first_queued = entry->next;
    take_off(buffer, index);
    buffer->queued--;
    entry->sequence = ++buffer->sequence;
    entry->since = sim_now(buffer->base->sim);
    append(buffer, index);
}

// Takes in one unit of data, for which room was granted. `waiter` is counted down when it is programmed. Returns true
// when it took the place of an older entry, so that there is room for one more.
bool buffer_insert(struct buffer *buffer, uint64_t lpn, uint32_t version, struct ftl_request *waiter)
{
    struct buffer_slot *slot = &buffer->table[probe(buffer, lpn)];
    uint32_t old = slot->entry - 1; // NONE for an empty slot
    buffer->arriving--;
    if (old != NONE && may_merge(buffer, &buffer->entries[old], waiter)) {
        buffer->entries[old].version = version;
        buffer->used--;
        buffer->base->stats.buffer_merges++;
        renew(buffer, old);
        return true;
    }
    if (old != NONE)
        buffer->entries[old].stale = true;
    uint32_t index = buffer->free;
    struct buffer_entry *entry = &buffer->entries[index];
    buffer->free = entry->next;
    *entry = (struct buffer_entry){.lpn = lpn, .sequence = ++buffer->sequence, .waiter = waiter, .version = version,
                                   .since = sim_now(buffer->base->sim)};
    append(buffer, index);
    *slot = (struct buffer_slot){.low = (uint32_t)lpn, .entry = index + 1};
    buffer->in_table += old == NONE;
    return false;
}

// Hands out the oldest queued entry for programming.
uint32_t buffer_dispatch(struct buffer *buffer)
{
    uint32_t index = buffer->first_queued;
    buffer->entries[index].dispatched = true;
    buffer->first_queued = buffer->entries[index].next;
    buffer->queued--;
    return index;
}

// The entry is programmed, or dropped while queued: its room is free again.
void buffer_release(struct buffer *buffer, uint32_t index)
{
    struct buffer_entry *entry = &buffer->entries[index];
    if (!entry->stale)
        table_remove(buffer, entry->lpn);
    if (!entry->dispatched) {
        buffer->queued--;
        if (buffer->first_queued == index)
            buffer->first_queued = entry->next;
    }
    take_off(buffer, index);
    entry->next = buffer->free;
    buffer->free = index;
    buffer->used--;
}

// The unit's buffered data must not come back: dropped when nobody waits for them, else programmed and not mapped.
static void trim_entry(struct buffer *buffer, uint32_t index)
{
    struct buffer_entry *entry = &buffer->entries[index];
    if (!entry->dispatched && entry->waiter == NULL) {
        buffer_release(buffer, index);
        return;
    }
    table_remove(buffer, entry->lpn);
    entry->stale = true;
}

// Forgets what is buffered of the units [first, end); looks at the shorter of the range and the buffer.
void buffer_trim(struct buffer *buffer, uint64_t first, uint64_t end)
{
    if (end - first <= buffer->in_table) {
        for (uint64_t lpn = first; lpn < end; lpn++) {
            uint32_t index = buffer_find(buffer, lpn);
            if (index != NONE)
                trim_entry(buffer, index);
        }
        return;
    }
    for (uint32_t index = buffer->oldest, next; index != NONE; index = next) {
        const struct buffer_entry *entry = &buffer->entries[index];
        next = entry->next;
        if (!entry->stale && entry->lpn >= first && entry->lpn < end)
            trim_entry(buffer, index);
    }
}
