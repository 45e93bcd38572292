// Requests under way: which completion belongs to which issue. Internal to the trace room.
#ifndef SQTAIL_TRACE_BUILD_PENDING_H
#define SQTAIL_TRACE_BUILD_PENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/pair_map.h"

enum pending_class { PENDING_READ, PENDING_WRITE, PENDING_DISCARD, PENDING_FLUSH, PENDING_ZONE };

// A request at the same place as a newer one that is this much younger has lost its completion.
#define PENDING_FORGET_NS UINT64_C(1000000000)

// How far a completion may be stamped before its issue, by the clock of another CPU.
#define PENDING_SKEW_NS UINT64_C(1000000)

enum { PENDING_EARLY = 64 }; // completions without an issue that are remembered

struct pending_node {
    uint64_t request;
    uint64_t sectors; // not completed yet; 0 only for a flush
    uint64_t time_ns;
    uint64_t older;   // in the list of the same key, newest first
    bool shared;      // another one was under way at the same key
    bool queued_anew; // since then another request for this place was queued
};

// Where a request or a completion stands.
struct pending_key {
    uint64_t sector;
    uint32_t device;
    enum pending_class class;
};

struct pending_early {
    struct pending_key key;
    uint64_t sectors, time_ns;
    uint64_t served; // the request that it was taken to end, or PAIR_MAP_ABSENT
    uint32_t cpu;
    bool denied;     // that request had a completion of its own
};

struct pending {
    struct pair_map newest; // (sector, device and class) -> node
    struct pending_node *nodes;
    uint64_t count, capacity;
    uint64_t free;
    struct pending_early early[PENDING_EARLY]; // a ring
    uint64_t early_count;
};

void pending_init(struct pending *pending);
void pending_destroy(struct pending *pending);

// Forgets what can no longer be under way at `key`.
void pending_add(struct pending *pending, struct pending_key key, uint64_t request, uint64_t sectors,
                 uint64_t time_ns);

// How many keys have anything under way.
size_t pending_size(const struct pending *pending);

// Forgets all requests before that number.
void pending_forget_before(struct pending *pending, uint64_t request);

// The newest request at `key`, or NULL; valid until the next call that adds.
struct pending_node *pending_newest(const struct pending *pending, struct pending_key key);

// The newest request at `key` falls into two parts, the second from sector `where` on. Returns the request, or
// PAIR_MAP_ABSENT when there is none that reaches beyond `where`.
uint64_t pending_split(struct pending *pending, struct pending_key key, uint64_t where);

// Takes out the newest request at `key`, which was given back unserved; or PAIR_MAP_ABSENT.
uint64_t pending_take(struct pending *pending, struct pending_key key);

// A range completes: calls done(context, request, shared) for each part of a request that is now complete; `shared`
// when it may as well have been another request's. A zero range completes one flush. Returns whether anything was
// under way there.
typedef void pending_done_fn(void *context, uint64_t request, bool shared);
bool pending_complete(struct pending *pending, struct pending_key key, uint64_t sectors, pending_done_fn *done,
                      void *context);

// Remembers a completion for which nothing was under way; and whether there was one just before, by another CPU,
// that fits `request`, issued at `time_ns`: it then serves no other.
void pending_note_early(struct pending *pending, struct pending_early early);
bool pending_was_early(struct pending *pending, struct pending_key key, uint64_t request, uint64_t sectors,
                       uint64_t time_ns, uint32_t cpu);

// A completion at `time_ns` for which nothing is under way: the request there that an early one served, once, since
// the early one may as well have been that of a request whose issue was lost; or PAIR_MAP_ABSENT.
uint64_t pending_deny_early(struct pending *pending, struct pending_key key, uint64_t sectors, uint64_t time_ns);

#endif
