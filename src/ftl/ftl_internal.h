// The parts of the core put together: for core.c, what prepares a drive, and unit tests.
#ifndef SQTAIL_FTL_FTL_INTERNAL_H
#define SQTAIL_FTL_FTL_INTERNAL_H

#include "ftl/base.h"
#include "ftl/buffer/buffer.h"
#include "ftl/core.h"
#include "ftl/map/map.h"
#include "ftl/move/collect.h"
#include "ftl/move/mover.h"
#include "ftl/move/pace.h"
#include "ftl/serve/serve.h"
#include "ftl/space/policies.h"
#include "ftl/space/space.h"
#include "ftl/space/stream.h"

struct ftl {
    struct base base;
    struct space space;
    struct map map;
    struct buffer buffer;
    struct pace pace;
    struct mover movers[WHY_COUNT];
    struct serve serve;
};

// The state of collection, which decides what a victim policy draws.
static inline struct collect *ftl_collect(struct ftl *ftl)
{
    return ftl->movers[WHY_COLLECT].why;
}

// Leaves superblocks, streams and collector as overwriting the drive's first `units` units leaves them in the long
// run. Which units a superblock holds is for the caller to say. steady_play does it superblock by superblock,
// steady_reach (steady_model.c) by a model where there are too many.
void steady_reach(struct ftl *ftl, uint64_t units);
void steady_play(struct ftl *ftl, uint64_t units);
bool steady_needs_model(const struct ftl *ftl);

// Whether both come to the same state; and takes it from one that is prepared and not used (steady_twin.c).
bool steady_is_twin(const struct ftl *ftl, const struct ftl *other);
void steady_take(struct ftl *ftl, const struct ftl *twin);

// The write amplification of the same, played.
double steady_play_amplification(struct ftl *ftl);

#endif
