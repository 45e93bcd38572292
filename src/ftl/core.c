// The core as a whole: its ports, its processors, the way of a request through it.
//
// Firmware runs on `processors` equal processors; a piece of work goes to the one that is free first (ties: the
// lowest number), starts on an edge of the processor clock and takes whole cycles. Work is charged when it arrives,
// so processors are timelines and cost no event of their own.
#include "ftl/core.h"

#include <stdlib.h>

#include "ftl/ftl_internal.h"
#include "util/alloc.h"

// The firmware is busy for `duration` from now on, or from when a processor is free; returns when it is through.
tick_t ftl_charge(struct ftl *ftl, tick_t duration)
{
    tick_t now = sim_now(ftl->sim);
    if (duration == 0)
        return now;
    struct timeline *first = &ftl->processors[0];
    for (uint32_t i = 1; i < ftl->config.processors; i++)
        if (ftl->processors[i].free_at < first->free_at)
            first = &ftl->processors[i];
    duration = clock_round_up(ftl->clock, duration);
    tick_t start = timeline_reserve(first, clock_edge(ftl->clock, now), duration);
    meter_add(&ftl->processor_meter, start, duration);
    return start + duration;
}

// The request is the caller's again.
void ftl_finish(struct ftl *ftl, struct ftl_request *request)
{
    ftl->requests--;
    ftl->stats.unrecovered_reads += request->status == FTL_UNRECOVERED_READ;
    request->done(request);
}

static void finish_event(void *context)
{
    struct ftl_request *request = context;
    ftl_finish(request->core.state, request);
}

void ftl_finish_later(struct ftl *ftl, struct ftl_request *request, tick_t when)
{
    sim_at(ftl->sim, when, finish_event, request);
}

void ftl_submit_op(struct ftl *ftl, struct nand_op *op, uint32_t die)
{
    ftl->ops++;
    ftl->die_load[die]++;
    nand_submit(&ftl->nand, op);
}

void ftl_op_done(struct ftl *ftl, uint32_t die)
{
    ftl->ops--;
    ftl->die_load[die]--;
}

static void submit(void *self, struct ftl_request *request)
{
    static void (*const by_kind[FTL_KIND_COUNT])(struct ftl *, struct ftl_request *) = {
        [FTL_READ] = read_submit,
        [FTL_WRITE] = write_submit,
        [FTL_FLUSH] = flush_submit,
        [FTL_TRIM] = trim_submit,
        [FTL_WRITE_ZEROES] = write_zeroes_submit,
    };
    struct ftl *ftl = self;
    FTL_CHECK(ftl, request->kind == FTL_FLUSH || request->bytes > 0, "a request of no bytes");
    FTL_CHECK(ftl, request->offset + request->bytes <= ftl_capacity_bytes(ftl), "a request beyond the capacity");
    ftl->requests++;
    request->status = FTL_OK;
    request->core.pending = 0;
    request->core.granted = 0;
    request->core.arrived = 0;
    request->core.state = ftl;
    by_kind[request->kind](ftl, request);
}

static void data_in(void *self, struct ftl_request *request, uint64_t bytes)
{
    write_data_in(self, request, bytes);
}

struct ftl *ftl_create(struct sim *sim, const struct ftl_config *config, const struct nand_geometry *geometry,
                       const struct raid_layout *raid)
{
    SIM_CHECK(sim, "ftl", ftl_config_superblocks_needed(config, geometry, raid) <= geometry->blocks,
              "the flash is too small for the drive");
    struct ftl *ftl = xcalloc(1, sizeof *ftl);
    ftl->sim = sim;
    ftl->config = *config;
    ftl->geometry = *geometry;
    ftl->raid = raid;
    ftl->unit_shift = (unsigned)__builtin_ctzll(config->mapping_unit);
    ftl->unit_mask = config->mapping_unit - 1;
    ftl->data_units = ftl_config_data_units(geometry, raid);
    ftl->clock = clock_from_hz(config->clock);
    ftl->superblocks = xcalloc(geometry->blocks, sizeof *ftl->superblocks);
    ftl->free_count = geometry->blocks;
    for (uint32_t s = 0; s < geometry->blocks; s++)
        ftl->superblocks[s].pe_cycles = config->precondition_pe_cycles;
    meter_init(&ftl->processor_meter, config->processors);
    pool_init(&ftl->reads, sizeof(struct read_op));
    mapping_init(ftl);
    buffer_init(ftl);
    stream_init(ftl);
    gc_init(ftl);
    return ftl;
}

void ftl_destroy(struct ftl *ftl)
{
    if (ftl == NULL)
        return;
    gc_destroy(ftl);
    stream_destroy(ftl);
    buffer_destroy(ftl);
    mapping_destroy(ftl);
    pool_destroy(&ftl->reads);
    free(ftl->superblocks);
    free(ftl);
}

void ftl_bind(struct ftl *ftl, struct nand_port nand)
{
    ftl->nand = nand;
}

struct ftl_port ftl_get_port(struct ftl *ftl)
{
    return (struct ftl_port){.self = ftl, .submit = submit, .data_in = data_in};
}

uint64_t ftl_capacity_bytes(const struct ftl *ftl)
{
    return ftl->mapping.lpns << ftl->unit_shift;
}

bool ftl_idle(const struct ftl *ftl)
{
    return ftl->requests == 0 && ftl->ops == 0;
}

static void check_superblocks(struct ftl *ftl)
{
    uint32_t count = 0;
    for (uint32_t s = 0; s < ftl->geometry.blocks; s++) {
        const struct superblock *sb = &ftl->superblocks[s];
        count += sb->state == SUPERBLOCK_FREE;
        FTL_CHECK(ftl, sb->state != SUPERBLOCK_FREE || sb->valid == 0, "free superblock %u holds %u units", s,
                  sb->valid);
        FTL_CHECK(ftl, sb->programs == 0 && sb->reads == 0 && sb->erases == 0,
                  "superblock %u has operations outstanding", s);
        FTL_CHECK(ftl, sb->valid <= ftl->data_units, "superblock %u holds %u units", s, sb->valid);
    }
    FTL_CHECK(ftl, count == ftl->free_count, "%u superblocks free, %u counted", count, ftl->free_count);
}

void ftl_check(struct ftl *ftl)
{
    FTL_CHECK(ftl, ftl_idle(ftl), "%llu requests and %llu operations are not done",
              (unsigned long long)ftl->requests, (unsigned long long)ftl->ops);
    FTL_CHECK(ftl, list_empty(&ftl->buffer.waiting) && list_empty(&ftl->buffer.flushes), "writers or flushes wait");
    FTL_CHECK(ftl, ftl->buffer.used == ftl->buffer.queued && ftl->buffer.arriving == 0,
              "%u units in the buffer, %u queued", ftl->buffer.used, ftl->buffer.queued);
    check_superblocks(ftl);
    mapping_check(ftl);
}

const struct meter *ftl_get_processor_meter(const struct ftl *ftl)
{
    return &ftl->processor_meter;
}
