// The policies of space: in which order dies are given data, and which stream a write goes to.
//
// To add one: a file alloc_NAME.c or place_NAME.c that defines its ops, a line in the list in ftl_config.h, and a line
// in Makefile.am.
#ifndef SQTAIL_FTL_SPACE_POLICIES_H
#define SQTAIL_FTL_SPACE_POLICIES_H

#include <stdbool.h>
#include <stdint.h>

#include "ftl/ftl_config.h"
#include "ftl/space/space.h"

// In which order the program units of the open superblock are given data.
struct alloc_ops {
    const char *name;
    const char *help;
    bool needs_load; // looks at the outstanding operations of the dies
    // Chooses among the dies whose bit is set in stream->row_dies; at least one is. Called for each program unit; may
    // not schedule.
    uint32_t (*pick)(const struct space *space, struct stream *stream);
};

// What is known of data that are to be programmed.
struct placing {
    enum purpose purpose;
    uint64_t lpn; // of the first unit
};

// To which stream data go.
struct place_ops {
    const char *name;
    const char *help;
    unsigned streams[PURPOSE_COUNT]; // that choose() may give for each purpose, a bit each
    // Called for each program unit, before there is known to be room in the stream; may not schedule.
    enum stream_id (*choose)(const struct space *space, const struct placing *placing);
};

// How many native streams it uses.
static inline unsigned place_streams(const struct place_ops *place)
{
    unsigned streams = 0;
    for (int i = 0; i < PURPOSE_COUNT; i++)
        streams |= place->streams[i];
    return (unsigned)__builtin_popcount(streams & NATIVE_STREAMS);
}

#define POLICY_EXTERN(id, name) extern const struct alloc_ops alloc_##name##_ops;
FTL_ALLOC_LIST(POLICY_EXTERN)
#undef POLICY_EXTERN
#define POLICY_EXTERN(id, name) extern const struct place_ops place_##name##_ops;
FTL_PLACE_LIST(POLICY_EXTERN)
#undef POLICY_EXTERN

extern const struct alloc_ops *const alloc_registry[FTL_ALLOC_COUNT];
extern const struct place_ops *const place_registry[FTL_PLACE_COUNT];

#endif
