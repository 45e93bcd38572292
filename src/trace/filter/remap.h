// Requests moved to other places.
#ifndef SQTAIL_TRACE_FILTER_REMAP_H
#define SQTAIL_TRACE_FILTER_REMAP_H

#include "trace/source.h"

// How places beyond a size come to lie within it.
#define REMAP_WAY_LIST(X)                                                                                              \
    X(WRAP, "wrap", "offset modulo BYTES; what would reach beyond the end is moved back, as run --wrap does.")         \
    X(MODULO, "modulo", "each byte modulo BYTES; what reaches beyond the end goes on at 0, as a request of its own.")  \
    X(SCALE, "scale", "what lies between the places that are touched shrinks, by chunks of 4 KiB, so that neighbours " \
                      "stay neighbours, as run --scale does.")

enum remap_way {
#define REMAP_ENUM(id, name, help) REMAP_##id,
    REMAP_WAY_LIST(REMAP_ENUM)
#undef REMAP_ENUM
    REMAP_WAY_COUNT
};

// All requests of one device, or of all where `every`, moved by `bytes`.
struct remap_shift {
    uint32_t device;
    bool every;
    int64_t bytes;
};

// Moves requests by the first shift that is theirs; one that would begin before 0 is an error. The shifts are copied.
struct request_source *remap_shift_create(struct request_source *inner, const struct remap_shift *shifts,
                                          uint32_t count, struct diag *diag);

// Lays devices one behind the other, in order of their numbers, each from a whole MiB on, as one device, 0,0. Reads
// `inner` once, for where each ends. What would come to lie beyond what a drive can be is an error.
struct request_source *remap_apart_create(struct request_source *inner, struct diag *diag);

// Fits all requests into `size` bytes, a multiple of 4 KiB and not 0. Scaling reads `inner` once or twice.
struct request_source *remap_fit_create(struct request_source *inner, enum remap_way way, uint64_t size);

#endif
