// Requests under way: which completion belongs to which issue. Internal to the trace room.
#ifndef SQTAIL_TRACE_PENDING_H
#define SQTAIL_TRACE_PENDING_H

#include <stdint.h>

#include "trace/pair_map.h"

enum pending_class { PENDING_READ, PENDING_WRITE, PENDING_DISCARD, PENDING_FLUSH, PENDING_ZONE };

struct pending_node {
    uint64_t request;
    uint64_t sectors; // not completed yet; 0 only for a flush
    uint64_t next;    // in the list of the same key, oldest first
    uint64_t tail;    // in the list's first node: its last node
};

struct pending {
    struct pair_map first; // (sector, device and class) -> node
    struct pending_node *nodes;
    uint64_t count, capacity;
    uint64_t free;
};

// Where a request or a completion stands.
struct pending_key {
    uint64_t sector;
    uint32_t device;
    enum pending_class class;
};

void pending_init(struct pending *pending);
void pending_destroy(struct pending *pending);

void pending_add(struct pending *pending, struct pending_key key, uint64_t request, uint64_t sectors);

// The newest request at `key` falls into two parts, the second from sector `where` on. Returns the request, or
// PAIR_MAP_ABSENT when there is none that reaches beyond `where`.
uint64_t pending_split(struct pending *pending, struct pending_key key, uint64_t where);

// Takes out the oldest request at `key`, which was given back unserved; or PAIR_MAP_ABSENT.
uint64_t pending_take(struct pending *pending, struct pending_key key);

// A range completes: calls done(context, request) for each part of a request that is now complete. A zero range
// completes one flush.
typedef void pending_done_fn(void *context, uint64_t request);
void pending_complete(struct pending *pending, struct pending_key key, uint64_t sectors, pending_done_fn *done,
                      void *context);

#endif
