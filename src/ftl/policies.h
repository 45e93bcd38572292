// The policies of the core: what one looks like, and the registries of those there are.
//
// To add one: a file alloc_NAME.c or gc_NAME.c that defines its ops, a line in the list in ftl_config.h, and a line in
// Makefile.am.
#ifndef SQTAIL_FTL_POLICIES_H
#define SQTAIL_FTL_POLICIES_H

#include <stdbool.h>
#include <stdint.h>

#include "ftl/ftl_config.h"

struct ftl;
struct stream;

// In which order the program units of the open superblock are given data.
struct alloc_ops {
    const char *name;
    const char *help;
    bool needs_load; // looks at the outstanding operations of the dies
    // Chooses among the dies whose bit is set in stream->row_dies; at least one is. Called for each program unit; may
    // not schedule.
    uint32_t (*pick)(struct ftl *ftl, struct stream *stream);
};

// Which superblock garbage collection takes next.
struct gc_ops {
    const char *name;
    const char *help;
    // Chooses a superblock for which gc_eligible() holds, or NONE when there is none. Called once a victim; may not
    // schedule.
    uint32_t (*pick)(struct ftl *ftl);
};

#define POLICY_EXTERN(id, name) extern const struct alloc_ops alloc_##name##_ops;
FTL_ALLOC_LIST(POLICY_EXTERN)
#undef POLICY_EXTERN
#define POLICY_EXTERN(id, name) extern const struct gc_ops gc_##name##_ops;
FTL_GC_LIST(POLICY_EXTERN)
#undef POLICY_EXTERN

extern const struct alloc_ops *const alloc_registry[FTL_ALLOC_COUNT];
extern const struct gc_ops *const gc_registry[FTL_GC_COUNT];

#endif
