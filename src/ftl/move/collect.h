// Garbage collection, as a reason to move.
#ifndef SQTAIL_FTL_MOVE_COLLECT_H
#define SQTAIL_FTL_MOVE_COLLECT_H

#include "ftl/move/policies.h"
#include "ftl/move/why.h"

struct collect {
    struct space *space;
    struct pace *pace;
    const struct gc_ops *ops;
    struct gc_draw draw;
    struct idle_watch watch;
    uint32_t idle_level; // superblocks to be free in idle time
    bool at_leisure;     // the drive is idle, and for long enough
};

// The draws of policies begin anew.
void collect_seed(struct collect *collect);

#endif
