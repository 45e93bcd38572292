// The pace of collection.
//
// Between `gc_stop` and `gc_reserve` free superblocks, copies are made in proportion to host writes. A victim
// with v valid units of n gives n - v units back for v copies, so v / (n - v) copies a host unit hold the level; that
// times a gain, 0 at gc_stop, 1 half-way and 2 at gc_reserve, pulls the level to the middle. The level counts the rest
// of open superblocks, and of the victim as much as has been read, so that it moves with each unit and not by whole
// superblocks, and with it the pace. Each host program earns credit by that rule and each unit read spends it: no
// bursts, and the work of the next superblock is spread over the time in which the host fills one. Copies that cannot
// keep up, because the dies are busy, hold host programs back: these may be ahead by about one program unit a die. When
// the host must wait for a superblock all the same (urgent), credit does not matter. Collection starts below gc_start
// and, without host writes, does nothing; what it does in idle time knows no pace (why_collect.c).
#include "ftl/move/pace.h"

#include "ftl/space/policies.h"

void pace_init(struct pace *pace, struct base *base, const struct space *space, const struct progress *progress)
{
    *pace = (struct pace){.base = base, .space = space, .progress = progress, .ratio = 1 << CREDIT_BITS};
}

// --- the level ---

// What the victim gives back, as far as it has been read.
static uint64_t victim_progress(const struct pace *pace)
{
    const struct progress *progress = pace->progress;
    uint64_t units = pace->base->geometry.units_per_superblock;
    if (progress->source == NONE)
        return 0;
    uint64_t passed = progress->cursor - superblock_first_unit(pace->space, progress->source);
    return passed * pace->space->superblocks[progress->source].units / units;
}

// Units read, or being read, that have no place yet.
static uint64_t copies_pending(const struct pace *pace)
{
    uint32_t source = pace->progress->source;
    return pace->space->committed - (source == NONE ? 0 : pace->space->superblocks[source].unread);
}

// Free space in units, as the pace goes by it.
static uint64_t level_of(const struct pace *pace)
{
    const struct space *space = pace->space;
    uint64_t level = (uint64_t)space_reclaimed(space) * space->data_units + victim_progress(pace);
    for (int i = 0; i < STREAM_SLC; i++)
        level += space->streams[i].units_left;
    uint64_t pending = copies_pending(pace);
    return level - MIN(level, pending);
}

// The level at which the pace is zero: gc_stop superblocks free, and half of each open one and of the victim.
static uint64_t level_full(const struct pace *pace)
{
    uint64_t halves = place_streams(pace->space->place) + 1;
    return (2 * pace->base->config.gc_stop + halves) * (uint64_t)pace->space->data_units / 2;
}

static uint64_t level_span(const struct pace *pace)
{
    const struct ftl_config *config = &pace->base->config;
    return (config->gc_stop - config->gc_reserve) * (uint64_t)pace->space->data_units;
}

// --- credit ---

uint64_t pace_worth(const struct pace *pace, uint32_t host_units, uint64_t ratio)
{
    uint64_t level = level_of(pace), full = level_full(pace);
    if (level >= full)
        return 0;
    return (uint64_t)((unsigned __int128)host_units * ratio * 2 * (full - level) / level_span(pace));
}

void pace_set_ratio(struct pace *pace, const struct superblock *victim)
{
    enum { RATIO_MAX = 1 << 20 };
    uint64_t ratio = ((uint64_t)victim->valid << CREDIT_BITS) / (victim->units - victim->valid);
    pace->ratio = MIN(MAX(ratio, 1u), (uint64_t)RATIO_MAX); // not 0: empty victims come one after the other
}

void pace_earn(struct pace *pace, uint32_t host_units)
{
    if (!pace->active)
        return;
    pace->credit += (int64_t)pace_worth(pace, host_units, pace->ratio);
    pace->credit = MIN(pace->credit, (int64_t)pace->space->data_units << CREDIT_BITS);
}

void pace_spend(struct pace *pace, uint32_t copies)
{
    pace->credit -= (int64_t)copies << CREDIT_BITS;
}

// What copies may lag behind, a program unit a die.
static int64_t slack(const struct pace *pace)
{
    const struct nand_geometry *g = &pace->base->geometry;
    return (int64_t)((uint64_t)g->dies * g->units_per_program << CREDIT_BITS);
}

bool pace_lags(const struct pace *pace)
{
    const struct progress *progress = pace->progress;
    return pace->credit > slack(pace) && progress->reads + progress->arriving + progress->programs > 0;
}

void pace_settle(struct pace *pace)
{
    pace->credit = pace->active ? slack(pace) : 0;
}

// --- on and off, and what the host waits for ---

void pace_count_time(struct pace *pace)
{
    struct ftl_stats *stats = &pace->base->stats;
    tick_t now = sim_now(pace->base->sim);
    if (now <= pace->counted)
        return;
    tick_t passed = now - pace->counted;
    stats->gc_active_time += pace->active ? passed : 0;
    stats->gc_paced_time += pace->hold == HOST_PACED ? passed : 0;
    stats->slc_wait_time += pace->hold == HOST_FOLDING ? passed : 0;
    stats->gc_urgent_time += pace->hold == HOST_BLOCKED ? passed : 0;
    pace->counted = now;
}

bool pace_folding_stuck(const struct pace *pace)
{
    return !room_for_folding(pace->space, ftl_config_slc_units(&pace->base->geometry, pace->base->raid));
}

void pace_update(struct pace *pace)
{
    const struct ftl_config *config = &pace->base->config;
    uint32_t level = pace->active ? config->gc_stop : config->gc_start;
    bool wanted = pace_urgent(pace) || space_reclaimed(pace->space) < level;
    if (wanted == pace->active)
        return;
    pace_count_time(pace);
    pace->active = wanted;
    pace->credit = 0;
}

void pace_set_hold(struct pace *pace, enum host_hold hold)
{
    struct ftl_stats *stats = &pace->base->stats;
    if (pace->hold == hold)
        return;
    pace_count_time(pace);
    stats->gc_paced_waits += hold == HOST_PACED;
    stats->slc_waits += hold == HOST_FOLDING;
    stats->gc_urgent_stalls += hold == HOST_BLOCKED;
    tick_t now = sim_now(pace->base->sim);
    pace->held[pace->hold] += now - pace->held_since;
    pace->held_since = now;
    pace->hold = hold;
}

void pace_wait_begins(const struct pace *pace, tick_t *times)
{
    for (int i = 0; i < HOST_HOLD_COUNT; i++)
        times[i] -= pace->held[i];
    times[pace->hold] -= sim_now(pace->base->sim) - pace->held_since;
}

void pace_wait_ends(const struct pace *pace, tick_t *times)
{
    for (int i = 0; i < HOST_HOLD_COUNT; i++)
        times[i] += pace->held[i];
    times[pace->hold] += sim_now(pace->base->sim) - pace->held_since;
}

uint64_t pace_headroom(const struct pace *pace)
{
    const struct space *space = pace->space;
    uint32_t level = space_reclaimed(space), start = pace->base->config.gc_start;
    if (pace->active || level < start)
        return 0;
    return space->streams[STREAM_HOST].units_left + (uint64_t)(level - start) * space->data_units;
}
