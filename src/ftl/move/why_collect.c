// Reason to move: garbage collection. The victim policy chooses the superblock, the pace (pace.c) says how fast.
//
// Collection starts below gc_start free superblocks and, without host writes, does nothing, unless the drive has been
// idle for gc_idle: then it goes on as fast as it can, until gc_idle_free of the spare is free, a command comes, or no
// victim gives a whole program unit back. At most two victims are read to their end and not yet being erased.
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

static void idle(void *context)
{
    struct collect *collect = context;
    collect->at_leisure = true;
    agenda_raise(&collect->space->base->agenda, AGENDA_MOVE);
}

// Superblocks that are to be free in idle time: of those that the user's data and the open ones leave, a share.
static uint32_t idle_level(const struct space *space)
{
    const struct base *base = space->base;
    uint64_t user = ftl_config_user_units(&base->config, &base->geometry, base->raid);
    uint64_t kept = (user + space->data_units - 1) / space->data_units + 2 + base->config.gc_stop + space->slc.fixed;
    uint64_t spare = space->count > kept ? space->count - kept : 0;
    return base->config.gc_stop + (uint32_t)(spare * (uint64_t)(base->config.gc_idle_free * 1024) >> 10);
}

static void *create(struct space *space, struct pace *pace)
{
    struct collect *collect = xcalloc(1, sizeof *collect);
    collect->space = space;
    collect->pace = pace;
    collect->ops = gc_registry[space->base->config.gc_policy];
    collect->draw.choices = space->base->config.gc_choices;
    collect->idle_level = idle_level(space);
    collect->watch = (struct idle_watch){.after = space->base->config.gc_idle, .begun = idle, .context = collect};
    idle_watch(&space->base->idle, &collect->watch);
    collect_seed(collect);
    return collect;
}

static bool wanted(void *why)
{
    struct collect *collect = why;
    const struct idle *idle = &collect->space->base->idle;
    collect->at_leisure = collect->at_leisure && idle->now && !idle->over;
    pace_update(collect->pace);
    return collect->pace->active || collect->at_leisure;
}

// Is the superblock worth it in idle time? A whole program unit comes back for certain: so there is an end to it.
static bool worth_leisure(const struct space *space, uint32_t superblock)
{
    const struct superblock *sb = &space->superblocks[superblock];
    return sb->valid + space->base->geometry.units_per_program <= sb->units;
}

static uint32_t pick(void *why)
{
    struct collect *collect = why;
    struct space *space = collect->space;
    uint32_t level = collect->at_leisure ? collect->idle_level : space->base->config.gc_stop;
    if (space_reclaimed(space) >= level || space->drained >= DRAINED_MAX)
        return NONE;
    victims_update(space);
    uint32_t victim = collect->ops->pick(space, &collect->draw);
    bool idle_only = collect->at_leisure && victim != NONE && !collect->pace->active;
    return idle_only && !worth_leisure(space, victim) ? NONE : victim;
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
    return collect->at_leisure || pace_urgent(collect->pace);
}

static bool may_read(const void *why)
{
    const struct collect *collect = why;
    return urgent(why) || collect->pace->credit > 0;
}

static void reads(void *why, uint32_t units)
{
    struct collect *collect = why;
    if (!collect->at_leisure)
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
    .source = NAND_GC,
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
