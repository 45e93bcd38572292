// The policies of moving: which superblock garbage collection takes next.
//
// To add one: a file gc_NAME.c that defines its ops, a line in the list in ftl_config.h, and a line in Makefile.am.
#ifndef SQTAIL_FTL_MOVE_POLICIES_H
#define SQTAIL_FTL_MOVE_POLICIES_H

#include "ftl/ftl_config.h"
#include "ftl/space/space.h"
#include "util/rng.h"

// What a policy that draws needs.
struct gc_draw {
    struct rng rng;
    uint32_t choices; // d of d_choices
};

struct gc_ops {
    const char *name;
    const char *help;
    // Chooses an eligible superblock (space->victims has them), or NONE when there is none. Called once a victim; may
    // not schedule.
    uint32_t (*pick)(const struct space *space, struct gc_draw *draw);
};

#define POLICY_EXTERN(id, name) extern const struct gc_ops gc_##name##_ops;
FTL_GC_LIST(POLICY_EXTERN)
#undef POLICY_EXTERN

extern const struct gc_ops *const gc_registry[FTL_GC_COUNT];

#endif
