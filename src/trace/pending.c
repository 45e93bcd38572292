// Matching completions with what was issued or queued.
//
// A completion names device, direction and a range of sectors; it carries no tag. The parts under way are kept by
// (device, direction, first sector), a FIFO each. A completion walks its range: the oldest part that starts at its
// first sector is done, the next starts where that one ends, and so on, since requests that the kernel merged are
// contiguous. One that ends within a part shortens it. A split makes two parts of one, so that they may complete in
// either order. A walk stops where nothing starts, which is what the loss of events leads to.
#include "trace/pending.h"

#include <stdlib.h>

#include "util/alloc.h"

#define NONE PAIR_MAP_ABSENT

void pending_init(struct pending *pending)
{
    *pending = (struct pending){.free = NONE};
    pair_map_init(&pending->first);
}

void pending_destroy(struct pending *pending)
{
    pair_map_destroy(&pending->first);
    free(pending->nodes);
}

static uint64_t second_key(struct pending_key key)
{
    return (uint64_t)key.device << 8 | key.class;
}

static uint64_t take_node(struct pending *pending)
{
    if (pending->free != NONE) {
        uint64_t node = pending->free;
        pending->free = pending->nodes[node].next;
        return node;
    }
    if (pending->count == pending->capacity) {
        pending->capacity = pending->capacity == 0 ? 64 : 2 * pending->capacity;
        pending->nodes = xrealloc(pending->nodes, pending->capacity * sizeof *pending->nodes);
    }
    return pending->count++;
}

void pending_add(struct pending *pending, struct pending_key key, uint64_t request, uint64_t sectors)
{
    uint64_t node = take_node(pending);
    struct pending_node *nodes = pending->nodes;
    nodes[node] = (struct pending_node){.request = request, .sectors = sectors, .next = NONE, .tail = node};
    uint64_t first = *pair_map_get(&pending->first, key.sector, second_key(key), node);
    if (first == node)
        return;
    nodes[nodes[first].tail].next = node;
    nodes[first].tail = node;
}

static uint64_t find_first(const struct pending *pending, struct pending_key key)
{
    const uint64_t *first = pair_map_find(&pending->first, key.sector, second_key(key));
    return first == NULL ? NONE : *first;
}

uint64_t pending_take(struct pending *pending, struct pending_key key)
{
    uint64_t *first = pair_map_find(&pending->first, key.sector, second_key(key));
    if (first == NULL)
        return NONE;
    struct pending_node *nodes = pending->nodes;
    uint64_t node = *first, next = nodes[node].next;
    if (next == NONE)
        pair_map_remove(&pending->first, key.sector, second_key(key));
    else {
        nodes[next].tail = nodes[node].tail;
        *first = next;
    }
    nodes[node].next = pending->free;
    pending->free = node;
    return nodes[node].request;
}

uint64_t pending_split(struct pending *pending, struct pending_key key, uint64_t where)
{
    uint64_t first = find_first(pending, key);
    if (first == NONE || where <= key.sector)
        return NONE;
    struct pending_node *newest = &pending->nodes[pending->nodes[first].tail];
    uint64_t before = where - key.sector, request = newest->request;
    if (newest->sectors <= before)
        return NONE;
    uint64_t after = newest->sectors - before;
    newest->sectors = before;
    key.sector = where;
    pending_add(pending, key, request, after);
    return request;
}

void pending_complete(struct pending *pending, struct pending_key key, uint64_t sectors, pending_done_fn *done,
                      void *context)
{
    do {
        uint64_t first = find_first(pending, key);
        if (first == NONE)
            return;
        uint64_t part = pending->nodes[first].sectors;
        uint64_t request = pending_take(pending, key);
        if (part > sectors) {
            key.sector += sectors;
            pending_add(pending, key, request, part - sectors);
            return;
        }
        done(context, request);
        key.sector += part;
        sectors -= part;
    } while (sectors > 0);
}
