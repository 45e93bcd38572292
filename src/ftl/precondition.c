// Instant preconditioning: the state that writes would have left, without simulating them.
//
// sequential: the first units of the drive in order, as one write from the start to the fill leaves them.
//
// random: what uniform random overwrites, as fast as the drive takes them, leave in the long run. steady.c finds how
// many valid units each superblock holds, and how far the open ones and the victim are. Which units of a superblock
// are valid is as good as drawn, and the units of the drive are spread by a pseudo-random permutation, so that any
// range of addresses scatters over dies and superblocks. The write buffer is full of units that wait to be programmed,
// which goes on at the first write or flush: a drive that is only read stays as it is.
//
// Where each unit lies is computed when it is asked for (map/prepared.c), so that this costs the same for a drive of
// any capacity but for its superblocks.
#include <stdlib.h>

#include "ftl/ftl_internal.h"
#include "util/alloc.h"

static void close_superblock(struct ftl *ftl, uint32_t s, uint32_t valid)
{
    struct superblock *sb = &ftl->space.superblocks[s];
    sb->valid = valid;
    sb->state = SUPERBLOCK_CLOSED;
    ftl->space.write_clock += ftl->space.data_units;
    sb->closed = ftl->space.write_clock;
    ftl->space.free_count--;
}

static void fill_in_order(struct ftl *ftl, uint64_t units)
{
    for (uint32_t s = 0; units > 0; s++) {
        uint32_t valid = (uint32_t)MIN(units, (uint64_t)ftl->space.data_units);
        close_superblock(ftl, s, valid);
        units -= valid;
    }
}

// The rows of a superblock that are written.
static uint32_t rows_written(const struct ftl *ftl, uint32_t s)
{
    for (int i = 0; i < STREAM_COUNT; i++)
        if (s == ftl->space.streams[i].superblock)
            return ftl->space.streams[i].row;
    return ftl->space.superblocks[s].state == SUPERBLOCK_FREE ? 0 : ftl->base.geometry.rows;
}

// Of the victim, what was read holds nothing any more.
static uint32_t rows_read(const struct ftl *ftl, uint32_t s)
{
    const struct nand_geometry *g = &ftl->base.geometry;
    if (s != ftl->movers[WHY_COLLECT].at.source)
        return 0;
    uint64_t units = ftl->movers[WHY_COLLECT].at.cursor - (uint64_t)s * g->units_per_superblock;
    return (uint32_t)(units / (g->dies * g->units_per_program));
}

static void place(struct ftl *ftl, uint64_t units, struct rng *rng)
{
    struct prepared_content *contents = xcalloc(ftl->base.geometry.blocks, sizeof *contents);
    for (uint32_t s = 0; s < ftl->base.geometry.blocks; s++)
        contents[s] = (struct prepared_content){
            .valid = ftl->space.superblocks[s].valid,
            .first_row = rows_read(ftl, s),
            .end_row = rows_written(ftl, s),
        };
    map_prepare(&ftl->map, ftl->base.raid, units, contents, rng);
    free(contents);
}

static void fill_buffer(struct ftl *ftl)
{
    struct buffer *buffer = &ftl->buffer;
    uint64_t mapped = ftl->map.mapped, units = buffer->write_through ? 0 : MIN(mapped, (uint64_t)buffer->capacity);
    for (uint64_t i = 0; i < units; i++) {
        buffer->used++;
        buffer->arriving++;
        uint64_t lpn = prepared_unit(&ftl->map.prepared, i * (mapped / units));
        buffer_insert(buffer, lpn, map_version_next(&ftl->map, lpn), NULL);
    }
}

static void fill_at_random(struct ftl *ftl, uint64_t units, const struct ftl *other)
{
    struct rng rng;
    rng_seed(&rng, sim_seed(ftl->base.sim), "ftl.precondition");
    if (other != NULL && steady_is_twin(ftl, other))
        steady_take(ftl, other);
    else
        steady_reach(ftl, units);
    place(ftl, units, &rng);
    fill_buffer(ftl);
}

// The back-end learns which blocks are written.
static void tell_nand(struct ftl *ftl)
{
    for (uint32_t s = 0; s < ftl->base.geometry.blocks; s++)
        nand_assume(&ftl->base.nand, s, rows_written(ftl, s));
}

void ftl_precondition(struct ftl *ftl)
{
    ftl_precondition_beside(ftl, NULL);
}

void ftl_precondition_beside(struct ftl *ftl, const struct ftl *other)
{
    uint64_t units = (uint64_t)((double)ftl->map.lpns * ftl->base.config.precondition_fill);
    FTL_CHECK(&ftl->base, ftl->map.mapped == 0 && ftl_idle(ftl), "only an unused drive can be preconditioned");
    if (units > 0 && ftl->base.config.precondition == FTL_PRECONDITION_SEQUENTIAL) {
        fill_in_order(ftl, units);
        place(ftl, units, NULL);
    }
    if (units > 0 && ftl->base.config.precondition == FTL_PRECONDITION_RANDOM)
        fill_at_random(ftl, units, other);
    space_reindex(&ftl->space);
    tell_nand(ftl);
}
