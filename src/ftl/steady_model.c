// The steady state of a drive of many superblocks, from that of a smaller one.
//
// What superblocks hold in the long run does not depend on how many there are, but on the share of the flash that is
// spare, so a drive of more than MODEL_SUPERBLOCKS is played as one of so many, with the same superblocks, levels and
// policies. The spare that collection keeps free is the same number of superblocks on both,
//
//   F = (gc_stop + gc_reserve + 1 for each open superblock and for the victim) / 2
//
// at which pacing settles (move/pace.c), so the model maps as much of the rest: units (b' - F) / (b - F), b and b'
// superblocks. Its open superblocks, victim and free ones become those of the drive. Its closed ones, in order of age,
// are stretched to all others: each passes its validity on to as many neighbours in age as the drive has more of them.
#include <stdlib.h>

#include "ftl/ftl_internal.h"
#include "util/alloc.h"

enum { MODEL_SUPERBLOCKS = 512 };

typedef unsigned __int128 wide;

// Is the drive so large that a model is played instead?
bool steady_needs_model(const struct ftl *ftl)
{
    return ftl->space.count > 2 * (MODEL_SUPERBLOCKS + ftl->base.config.gc_stop);
}

static struct nand_geometry model_geometry(const struct ftl *ftl)
{
    struct nand_geometry geometry = ftl->base.geometry;
    geometry.blocks = MODEL_SUPERBLOCKS + ftl->base.config.gc_stop;
    nand_geometry_derive(&geometry);
    return geometry;
}

// The units that the model maps; no more than it can hold.
static uint64_t model_units(const struct ftl *ftl, const struct nand_geometry *model, uint64_t units)
{
    const struct ftl_config *config = &ftl->base.config;
    uint64_t spare = config->gc_stop + config->gc_reserve + place_streams(ftl->space.place) + 1;
    uint64_t scaled = (uint64_t)((wide)units * (2 * model->blocks - spare) /
                                 (2 * (ftl->space.count - ftl->space.slc.fixed) - spare));
    uint64_t most = ftl_config_usable_units(model, ftl->base.raid) * (model->blocks - config->gc_stop - 2);
    return MAX(MIN(scaled, most), 1u);
}

static struct ftl *model_create(const struct ftl *ftl, uint64_t units)
{
    struct nand_geometry geometry = model_geometry(ftl);
    struct ftl_config config = ftl->base.config;
    config.write_buffer = 0;
    config.memory = 0;
    config.gc_share = 0; // the levels are those of the drive
    config.verify = FTL_VERIFY_OFF;
    config.placement = config.placement == FTL_PLACE_SLC ? FTL_PLACE_SEPARATE : config.placement; // but for the cache
    config.capacity = model_units(ftl, &geometry, units) * config.mapping_unit;
    return ftl_create(ftl->base.sim, &config, &geometry, ftl->base.raid);
}

// --- the model's superblocks by age ---

struct aged {
    uint64_t closed;
    uint32_t superblock, valid;
};

struct ages {
    struct aged *closed; // the oldest first
    uint32_t count;
    uint64_t valid; // of all of them
};

static int by_age(const void *a, const void *b)
{
    const struct aged *x = a, *y = b;
    if (x->closed != y->closed)
        return x->closed < y->closed ? -1 : 1;
    return x->superblock < y->superblock ? -1 : 1;
}

static struct ages ages_of(const struct ftl *model)
{
    struct ages ages = {.closed = xcalloc(model->space.count, sizeof *ages.closed)};
    for (uint32_t s = 0; s < model->space.count; s++) {
        const struct superblock *sb = &model->space.superblocks[s];
        if (sb->state != SUPERBLOCK_CLOSED)
            continue;
        ages.closed[ages.count++] = (struct aged){.closed = sb->closed, .superblock = s, .valid = sb->valid};
        ages.valid += sb->valid;
    }
    qsort(ages.closed, ages.count, sizeof *ages.closed, by_age);
    return ages;
}

// --- and the drive's ---

// The last superblocks of the drive are those of the model that are not closed.
static uint32_t own_number(const struct ftl *ftl, const struct ftl *model, uint32_t s)
{
    return s == NONE ? NONE : ftl->space.count - model->space.count + s;
}

static void copy_superblocks(struct ftl *ftl, const struct ftl *model)
{
    for (uint32_t s = 0; s < model->space.count; s++)
        ftl->space.superblocks[own_number(ftl, model, s)] = model->space.superblocks[s];
}

// How old the k-th of `count` superblocks is, which lie between those of the model.
static uint64_t age_at(const struct ages *ages, uint64_t clock, uint32_t k, uint32_t count)
{
    uint64_t at = (uint64_t)k * ages->count;
    uint32_t model = (uint32_t)(at / count), next = MIN(model + 1, ages->count - 1);
    uint64_t age = clock - ages->closed[model].closed, less = age - (clock - ages->closed[next].closed);
    return (uint64_t)((wide)(age - (uint64_t)((wide)less * (at % count) / count)) * count / ages->count);
}

// Of the drive's last superblocks, some are the model's that are not closed; the first are set aside for an SLC cache.
static bool is_closed(const struct ftl *ftl, const struct ftl *model, uint32_t s)
{
    if (s < ftl->space.slc.fixed)
        return false;
    return s < own_number(ftl, model, 0) || ftl->space.superblocks[s].state == SUPERBLOCK_CLOSED;
}

static uint32_t valid_at(const struct ages *ages, uint32_t k, uint32_t count)
{
    return ages->closed[(uint64_t)k * ages->count / count].valid;
}

// Closed superblocks hold `units` in all, each in proportion to its neighbour in age in the model; the oldest first.
static uint64_t stretch(struct ftl *ftl, const struct ftl *model, const struct ages *ages, uint64_t units)
{
    uint32_t n = ftl->space.data_units, k = 0;
    uint32_t count = ages->count + own_number(ftl, model, 0) - ftl->space.slc.fixed;
    uint64_t sum = 0, total = 0, placed = 0;
    for (k = 0; k < count; k++)
        total += valid_at(ages, k, count);
    k = 0;
    for (uint32_t s = 0; s < ftl->space.count; s++) {
        struct superblock *sb = &ftl->space.superblocks[s];
        if (!is_closed(ftl, model, s))
            continue;
        sum += valid_at(ages, k, count);
        sb->state = SUPERBLOCK_CLOSED;
        sb->valid = (uint32_t)MIN((uint64_t)((wide)units * sum / MAX(total, 1u)) - placed, (uint64_t)n);
        sb->closed = ftl->space.write_clock - age_at(ages, model->space.write_clock, k++, count);
        placed += sb->valid;
    }
    return placed;
}

// What full superblocks have left over.
static void place_rest(struct ftl *ftl, uint64_t units)
{
    for (uint32_t s = 0; units > 0 && s < ftl->space.count; s++) {
        struct superblock *sb = &ftl->space.superblocks[s];
        if (sb->state != SUPERBLOCK_CLOSED)
            continue;
        uint32_t more = (uint32_t)MIN(units, (uint64_t)(ftl->space.data_units - sb->valid));
        sb->valid += more;
        units -= more;
    }
}

static void enlarge_superblocks(struct ftl *ftl, const struct ftl *model, uint64_t units)
{
    struct ages ages = ages_of(model);
    uint64_t open = model->map.lpns - ages.valid;
    copy_superblocks(ftl, model);
    ftl->space.free_count = model->space.free_count + ftl->space.slc.fixed;
    ftl->space.write_clock = (uint64_t)((wide)model->space.write_clock * ftl->space.count / ages.count);
    place_rest(ftl, units - open - stretch(ftl, model, &ages, units - open));
    free(ages.closed);
}

static void take_streams(struct space *space, const struct ftl *ftl, const struct ftl *model)
{
    for (int i = 0; i < STREAM_COUNT; i++) {
        const struct stream *stream = &model->space.streams[i];
        if (stream->superblock == NONE)
            continue;
        space->streams[i].superblock = own_number(ftl, model, stream->superblock);
        stream_resume(space, &space->streams[i], stream->row);
    }
}

static void take_collection(struct ftl *ftl, const struct ftl *model)
{
    struct progress *at = &ftl->movers[WHY_COLLECT].at;
    const struct progress *from = &model->movers[WHY_COLLECT].at;
    uint64_t moved = (uint64_t)own_number(ftl, model, 0) * ftl->base.geometry.units_per_superblock;
    ftl->pace.active = model->pace.active;
    ftl->pace.ratio = model->pace.ratio;
    ftl->pace.credit = model->pace.credit;
    ftl->space.committed = model->space.committed;
    at->source = own_number(ftl, model, from->source);
    at->cursor = from->cursor + moved;
    at->end = from->end + moved;
}

void steady_reach(struct ftl *ftl, uint64_t units)
{
    if (!steady_needs_model(ftl)) {
        steady_play(ftl, units);
        return;
    }
    struct ftl *model = model_create(ftl, units);
    steady_play(model, model->map.lpns);
    enlarge_superblocks(ftl, model, units);
    take_streams(&ftl->space, ftl, model);
    take_collection(ftl, model);
    ftl_destroy(model);
}

double ftl_steady_amplification(struct ftl *ftl)
{
    if (!steady_needs_model(ftl))
        return steady_play_amplification(ftl);
    struct ftl *model = model_create(ftl, ftl->map.lpns);
    double amplification = steady_play_amplification(model);
    ftl_destroy(model);
    return amplification;
}
