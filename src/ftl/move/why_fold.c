// Reason to move: folding of the SLC cache. Its superblocks are read out, the oldest first, and what is still valid
// goes to native ones.
//
// That is done when the drive has been idle for slc_fold_idle, until the cache is empty or a command comes; and beside
// host writes when slc_fold_from of the cache is in use, or more than it may have, or the host waits for it, or for a
// superblock that it could give back. Folded data fill native superblocks as host writes do, so folding earns
// collection its credit and waits for it as the host does.
#include <stddef.h>
#include <stdlib.h>

#include "ftl/move/why.h"
#include "util/alloc.h"

struct fold {
    struct space *space;
    struct pace *pace;
    struct idle_watch watch;
    bool at_leisure; // the drive is idle, and for long enough
};

static void idle(void *context)
{
    struct fold *fold = context;
    fold->at_leisure = true;
    agenda_raise(&fold->space->base->agenda, AGENDA_MOVE);
}

static void *create(struct space *space, struct pace *pace)
{
    struct fold *fold = xcalloc(1, sizeof *fold);
    fold->space = space;
    fold->pace = pace;
    fold->watch = (struct idle_watch){.after = space->base->config.slc_fold_idle, .begun = idle, .context = fold};
    idle_watch(&space->base->idle, &fold->watch);
    return fold;
}

static bool applies(const struct ftl_config *config)
{
    return config->placement == FTL_PLACE_SLC;
}

static bool on_die(const struct ftl_config *config)
{
    return config->slc_fold == FTL_SLC_FOLD_ON_DIE;
}

static bool host_waits(const struct fold *fold)
{
    const struct slc_cache *slc = &fold->space->slc;
    enum host_hold hold = fold->pace->hold;
    return hold == HOST_FOLDING || (hold == HOST_BLOCKED && slc->count > slc->fixed);
}

static bool wanted(void *why)
{
    struct fold *fold = why;
    const struct idle *idle = &fold->space->base->idle;
    fold->at_leisure = fold->at_leisure && idle->now;
    if (idle->over || fold->space->slc.count == 0)
        return false;
    return fold->at_leisure || host_waits(fold) || slc_overfull(fold->space);
}

static uint32_t pick(void *why)
{
    const struct fold *fold = why;
    uint32_t superblock = slc_oldest(fold->space);
    if (superblock == NONE || !room_for_folding(fold->space, fold->space->superblocks[superblock].valid))
        return NONE;
    return superblock;
}

static void begun(void *why, const struct superblock *source)
{
    struct fold *fold = why;
    (void)source;
    slc_begun(fold->space);
}

static bool may_read(const void *why)
{
    const struct fold *fold = why;
    return !pace_lags(fold->pace);
}

static void reads(void *why, uint32_t units)
{
    struct fold *fold = why;
    pace_earn(fold->pace, units);
}

// What fills no program goes out when nothing else is left, nor a superblock on its way to be free.
static bool urgent(const void *why)
{
    const struct fold *fold = why;
    return fold->space->slc.erasing == 0;
}

const struct why_ops why_fold_ops = {
    .name = "fold",
    .source = NAND_FOLD,
    .copies = offsetof(struct ftl_stats, slc_folded),
    .applies = applies,
    .on_die = on_die,
    .create = create,
    .destroy = free,
    .wanted = wanted,
    .pick = pick,
    .begun = begun,
    .may_read = may_read,
    .reads = reads,
    .urgent = urgent,
};
