// Matching completions with what was issued or queued.
//
// A completion names device, direction and a range of sectors; it carries no tag. The parts under way are kept by
// (device, direction, first sector), the newest first. A completion walks its range: a part that starts at its first
// sector is done, the next starts where that one ends, and so on, since requests that the kernel merged are
// contiguous. One that ends within a part shortens it. A split makes two parts of one, so that they may complete in
// either order. A walk stops where nothing starts, which is what the loss of events leads to.
//
// Of several parts at one place the newest that fits is taken. When no event was lost the order does not matter to
// the sum of their latencies. When a completion was lost, oldest first would shift every later one at that place by
// one request, for good; newest first leaves the request that lost it behind, until it is forgotten.
//
// A completion may be stamped before its issue where the clocks of two CPUs differ. It then finds nothing under way
// and is remembered for a moment, so that the request that follows does not stay under way for ever.
// It may also be that of a request whose issue was lost. Then the request that it was taken to end has a completion of
// its own, for which nothing is under way: that request gets the latency, as one that cannot be trusted. A lost
// completion and a lost issue after it at one place look like one slow request, and nothing tells them from it.
#include "trace/build/pending.h"

#include <stdlib.h>

#include "util/alloc.h"
#include "util/macros.h"

#define NONE PAIR_MAP_ABSENT

void pending_init(struct pending *pending)
{
    *pending = (struct pending){.free = NONE};
    pair_map_init(&pending->newest);
}

void pending_destroy(struct pending *pending)
{
    pair_map_destroy(&pending->newest);
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
        pending->free = pending->nodes[node].older;
        return node;
    }
    if (pending->count == pending->capacity) {
        pending->capacity = pending->capacity == 0 ? 64 : 2 * pending->capacity;
        pending->nodes = xrealloc(pending->nodes, pending->capacity * sizeof *pending->nodes);
    }
    return pending->count++;
}

static void give_node(struct pending *pending, uint64_t node)
{
    pending->nodes[node].older = pending->free;
    pending->free = node;
}

// Parts at one key are in order of time: where one is too old, all below it are.
static void forget_chain(struct pending *pending, uint64_t node)
{
    while (node != NONE) {
        uint64_t older = pending->nodes[node].older;
        give_node(pending, node);
        node = older;
    }
}

static uint64_t find_newest(const struct pending *pending, struct pending_key key)
{
    const uint64_t *node = pair_map_find(&pending->newest, key.sector, second_key(key));
    return node == NULL ? NONE : *node;
}

void pending_add(struct pending *pending, struct pending_key key, uint64_t request, uint64_t sectors,
                 uint64_t time_ns)
{
    uint64_t older = find_newest(pending, key);
    if (older != NONE && time_ns > pending->nodes[older].time_ns + PENDING_FORGET_NS) {
        forget_chain(pending, older);
        older = NONE;
    }
    uint64_t node = take_node(pending);
    pending->nodes[node] = (struct pending_node){
        .request = request, .sectors = sectors, .time_ns = time_ns, .older = older, .shared = older != NONE};
    if (older != NONE)
        pending->nodes[older].shared = true;
    *pair_map_get(&pending->newest, key.sector, second_key(key), node) = node;
}

size_t pending_size(const struct pending *pending)
{
    return pending->newest.count;
}

// What of a chain is kept, the newest first.
static uint64_t filter_chain(struct pending *pending, uint64_t node, uint64_t request)
{
    uint64_t first = NONE, *link = &first;
    while (node != NONE) {
        uint64_t older = pending->nodes[node].older;
        if (pending->nodes[node].request < request)
            give_node(pending, node);
        else {
            *link = node;
            link = &pending->nodes[node].older;
        }
        node = older;
    }
    *link = NONE;
    return first;
}

void pending_forget_before(struct pending *pending, uint64_t request)
{
    struct pair_map old = pending->newest;
    pair_map_init(&pending->newest);
    for (size_t i = 0; i < old.capacity; i++) {
        const struct pair_entry *entry = &old.entries[i];
        uint64_t kept = entry->value == PAIR_MAP_ABSENT ? NONE : filter_chain(pending, entry->value, request);
        if (kept != NONE)
            pair_map_get(&pending->newest, entry->a, entry->b, kept);
    }
    pair_map_destroy(&old);
}

struct pending_node *pending_newest(const struct pending *pending, struct pending_key key)
{
    uint64_t node = find_newest(pending, key);
    return node == NONE ? NULL : &pending->nodes[node];
}

// Takes the node out of its chain; `newer` stands before it, NONE when it is the first.
static struct pending_node unlink_node(struct pending *pending, struct pending_key key, uint64_t newer, uint64_t node)
{
    struct pending_node taken = pending->nodes[node];
    if (newer != NONE)
        pending->nodes[newer].older = taken.older;
    else if (taken.older != NONE)
        *pair_map_find(&pending->newest, key.sector, second_key(key)) = taken.older;
    else
        pair_map_remove(&pending->newest, key.sector, second_key(key));
    give_node(pending, node);
    return taken;
}

uint64_t pending_take(struct pending *pending, struct pending_key key)
{
    uint64_t node = find_newest(pending, key);
    return node == NONE ? NONE : unlink_node(pending, key, NONE, node).request;
}

uint64_t pending_split(struct pending *pending, struct pending_key key, uint64_t where)
{
    struct pending_node *newest = pending_newest(pending, key);
    if (newest == NULL || where <= key.sector)
        return NONE;
    uint64_t before = where - key.sector, request = newest->request, time_ns = newest->time_ns;
    if (newest->sectors <= before)
        return NONE;
    uint64_t after = newest->sectors - before;
    newest->sectors = before;
    key.sector = where;
    pending_add(pending, key, request, after, time_ns);
    return request;
}

// Of the parts at one key the newest of exactly so many sectors, else the newest that is no longer, else the newest.
struct choice {
    uint64_t node, newer;
};

static struct choice choose_part(const struct pending *pending, uint64_t newest, uint64_t sectors)
{
    struct choice shorter = {NONE, NONE};
    for (uint64_t newer = NONE, node = newest; node != NONE; newer = node, node = pending->nodes[node].older) {
        if (pending->nodes[node].sectors == sectors)
            return (struct choice){node, newer};
        if (shorter.node == NONE && pending->nodes[node].sectors < sectors)
            shorter = (struct choice){node, newer};
    }
    return shorter.node != NONE ? shorter : (struct choice){newest, NONE};
}

bool pending_complete(struct pending *pending, struct pending_key key, uint64_t sectors, pending_done_fn *done,
                      void *context)
{
    bool any = false;
    do {
        uint64_t newest = find_newest(pending, key);
        if (newest == NONE)
            return any;
        struct choice choice = choose_part(pending, newest, sectors);
        struct pending_node part = unlink_node(pending, key, choice.newer, choice.node);
        any = true;
        if (part.sectors > sectors) {
            key.sector += sectors;
            pending_add(pending, key, part.request, part.sectors - sectors, part.time_ns);
            return true;
        }
        done(context, part.request, part.shared);
        key.sector += part.sectors;
        sectors -= part.sectors;
    } while (sectors > 0);
    return true;
}

void pending_note_early(struct pending *pending, struct pending_early early)
{
    early.served = NONE;
    pending->early[pending->early_count++ % PENDING_EARLY] = early;
}

static bool is_at(const struct pending_early *early, struct pending_key key, uint64_t sectors)
{
    return early->key.sector == key.sector && early->key.device == key.device && early->key.class == key.class &&
           early->sectors == sectors;
}

// The i-th before the next, from 1 on; NULL where it is no longer remembered or more than `age_ns` old.
static struct pending_early *recall(struct pending *pending, uint64_t i, uint64_t time_ns, uint64_t age_ns)
{
    if (i > MIN(pending->early_count, (uint64_t)PENDING_EARLY))
        return NULL;
    struct pending_early *early = &pending->early[(pending->early_count - i) % PENDING_EARLY];
    return time_ns - early->time_ns > age_ns ? NULL : early;
}

bool pending_was_early(struct pending *pending, struct pending_key key, uint64_t request, uint64_t sectors,
                       uint64_t time_ns, uint32_t cpu)
{
    struct pending_early *early;
    for (uint64_t i = 1; (early = recall(pending, i, time_ns, PENDING_SKEW_NS)) != NULL; i++)
        if (is_at(early, key, sectors) && early->cpu != cpu && early->served == NONE) {
            early->served = request;
            return true;
        }
    return false;
}

uint64_t pending_deny_early(struct pending *pending, struct pending_key key, uint64_t sectors, uint64_t time_ns)
{
    struct pending_early *early;
    for (uint64_t i = 1; (early = recall(pending, i, time_ns, PENDING_FORGET_NS)) != NULL; i++)
        if (is_at(early, key, sectors) && early->served != NONE && !early->denied) {
            early->denied = true;
            return early->served;
        }
    return NONE;
}
