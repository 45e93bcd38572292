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
};

// The draws of policies begin anew.
void collect_seed(struct collect *collect);

#endif
