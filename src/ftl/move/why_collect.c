// Reason to move: garbage collection. The victim policy chooses the superblock, the pace (pace.c) says how fast.
//
// Collection starts below gc_start free superblocks and, without host writes, does nothing: background collection in
// idle time is left out. At most two victims are read to their end and not yet being erased.
#include <stddef.h>
#include <stdlib.h>

#include "ftl/move/collect.h"
#include "util/alloc.h"

enum { DRAINED_MAX = 2 };

#define POLICY_OPS(id, name) &gc_##name##_ops,
const struct gc_ops *const gc_registry[FTL_GC_COUNT] = {FTL_GC_LIST(POLICY_OPS)};

void collect_seed(struct collect *collect)
{
    rng_seed(&collect->draw.rng, sim_seed(collect->space->base->sim), "ftl.gc");
}

static void *create(struct space *space, struct pace *pace)
{
    struct collect *collect = xcalloc(1, sizeof *collect);
    collect->space = space;
    collect->pace = pace;
    collect->ops = gc_registry[space->base->config.gc_policy];
    collect->draw.choices = space->base->config.gc_choices;
    collect_seed(collect);
    return collect;
}

static bool wanted(void *why)
{
    struct collect *collect = why;
    pace_update(collect->pace);
    return collect->pace->active;
}

static uint32_t pick(void *why)
{
    struct collect *collect = why;
    struct space *space = collect->space;
    if (space_reclaimed(space) >= space->base->config.gc_stop || space->drained >= DRAINED_MAX)
        return NONE;
    victims_update(space);
    return collect->ops->pick(space, &collect->draw);
}

static void begun(void *why, const struct superblock *source)
{
    struct collect *collect = why;
    FTL_CHECK(collect->space->base, source->valid < source->units, "policy %s chose a superblock that gives nothing",
              collect->ops->name);
    pace_set_ratio(collect->pace, source);
    collect->space->base->stats.gc_victims++;
}

static bool urgent(const void *why)
{
    const struct collect *collect = why;
    return pace_urgent(collect->pace);
}

static bool may_read(const void *why)
{
    const struct collect *collect = why;
    return urgent(why) || collect->pace->credit > 0;
}

static void reads(void *why, uint32_t units)
{
    struct collect *collect = why;
    pace_spend(collect->pace, units);
    collect->space->base->stats.gc_reads++;
}

// The host may have been waiting for copies.
static void advanced(void *why)
{
    struct collect *collect = why;
    if (collect->pace->hold == HOST_PACED)
        agenda_raise(&collect->space->base->agenda, AGENDA_DISPATCH);
}

const struct why_ops why_collect_ops = {
    .name = "collect",
    .copies = offsetof(struct ftl_stats, gc_copies),
    .create = create,
    .destroy = free,
    .wanted = wanted,
    .pick = pick,
    .begun = begun,
    .may_read = may_read,
    .reads = reads,
    .urgent = urgent,
    .advanced = advanced,
};
