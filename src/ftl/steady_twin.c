// The steady state of one drive as that of another.
//
// What steady.c plays follows from the core's configuration, the geometry and the seed. Drives that differ in nothing
// else, but in times, the link or error rates, come to the same state, so that one of many may take it from the first.
#include <string.h>

#include "ftl/ftl_internal.h"

// Firmware times, reading ahead and wear are not looked at by what is played; all else is taken to matter. Bytes between
// the members come along with a copy; where they differ the drive is played.
static struct ftl_config played_config(const struct ftl *ftl)
{
    struct ftl_config config = ftl->base.config;
    config.t_read = config.t_read_unit = config.t_write = config.t_write_unit = config.t_trim = config.t_trim_unit = 0;
    config.t_flush = config.t_gc_unit = config.t_buffer_hit = 0;
    config.read_ahead = config.read_ahead_buffer = config.read_ahead_streams = config.read_ahead_after = 0;
    config.processors = config.initial_pe_cycles = 0;
    config.clock = 0;
    return config;
}

static bool same_raid(const struct raid_layout *a, const struct raid_layout *b)
{
    return a == b || (a != NULL && b != NULL && a->enabled == b->enabled && a->stripe_dies == b->stripe_dies);
}

bool steady_is_twin(const struct ftl *ftl, const struct ftl *other)
{
    struct ftl_config config = played_config(ftl), its = played_config(other);
    return memcmp(&config, &its, sizeof config) == 0 &&
           memcmp(&ftl->base.geometry, &other->base.geometry, sizeof ftl->base.geometry) == 0 &&
           same_raid(ftl->base.raid, other->base.raid) &&
           sim_seed(ftl->base.sim) == sim_seed(other->base.sim);
}

static void take_superblocks(struct space *space, const struct space *its)
{
    for (uint32_t s = 0; s < space->count; s++) {
        space->superblocks[s] = its->superblocks[s];
        space->superblocks[s].pe_cycles = space->base->config.initial_pe_cycles;
    }
    space->free_count = its->free_count;
    space->drained = its->drained;
    space->erasing = its->erasing;
    space->write_clock = its->write_clock;
    space->committed = its->committed;
    space->outdated = its->outdated;
}

static void take_cache(struct space *space, const struct space *its)
{
    struct slc_cache *slc = &space->slc;
    memcpy(slc->closed, its->slc.closed, space->count * sizeof *slc->closed);
    slc->first = its->slc.first;
    slc->closed_count = its->slc.closed_count;
    slc->count = its->slc.count;
    slc->erasing = its->slc.erasing;
    slc->off = its->slc.off;
}

static void take_stream(const struct space *space, struct stream *stream, const struct stream *its)
{
    uint64_t *row_dies = stream->row_dies;
    memcpy(row_dies, its->row_dies, bitmap_words(space->base->geometry.dies) * sizeof *row_dies);
    *stream = *its;
    stream->row_dies = row_dies;
}

static void take_pace(struct pace *pace, const struct pace *its)
{
    pace->active = its->active;
    pace->hold = its->hold;
    pace->credit = its->credit;
    pace->ratio = its->ratio;
}

void steady_take(struct ftl *ftl, const struct ftl *twin)
{
    take_superblocks(&ftl->space, &twin->space);
    take_cache(&ftl->space, &twin->space);
    for (int i = 0; i < STREAM_COUNT; i++)
        take_stream(&ftl->space, &ftl->space.streams[i], &twin->space.streams[i]);
    take_pace(&ftl->pace, &twin->pace);
    ftl->movers[WHY_COLLECT].at = twin->movers[WHY_COLLECT].at;
    space_reindex(&ftl->space);
    collect_seed(ftl_collect(ftl));
}
