// The back-end as a whole: what is tabulated at creation, the port, statistics.
#include "nand/backend.h"

#include <stdlib.h>

#include "nand/control/internal.h"
#include "nand/chip/rber.h"
#include "util/alloc.h"

static tick_t by_type(const struct config_times *times, uint32_t type)
{
    return times->at[times->count == 1 ? 0 : type];
}

static void tabulate_times(struct nand *nand)
{
    const struct nand_config *config = &nand->config;
    const struct nand_geometry *g = &nand->geometry;
    for (uint32_t planes = 1; planes <= g->planes; planes++)
        nand->read_command[planes] = nand_sequence_time(config, SEQUENCE_READ, planes);
    nand->read_data = nand_sequence_time(config, SEQUENCE_READ_DATA, 1).bus;
    nand->next_column = nand_sequence_time(config, SEQUENCE_NEXT_COLUMN, 1).bus;
    nand->next_plane = nand_sequence_time(config, SEQUENCE_NEXT_PLANE, 1).bus;
    nand->program_first = nand_sequence_time(config, SEQUENCE_PROGRAM, 1);
    nand->program_next = nand_sequence_time(config, SEQUENCE_PROGRAM_NEXT, 1);
    nand->erase_command = nand_sequence_time(config, SEQUENCE_ERASE, g->planes);
    nand->suspend_command = nand_sequence_time(config, SEQUENCE_SUSPEND, 1);
    for (uint32_t type = 0; type < g->bits_per_cell; type++) {
        nand->array_read[type] = by_type(&config->t_r, type);
        nand->array_program[type] = by_type(&config->t_prog, type);
    }
    for (uint32_t units = 0; units <= g->units_per_page; units++)
        nand->transfer[units] = nand_transfer_time(config, (uint64_t)units * nand->transfer_bytes);
}

static void init_ecc(struct nand *nand)
{
    const struct nand_config *config = &nand->config;
    double fresh = rber_of_block(&config->reliability, config->reliability.initial_pe_cycles, false, 0, 1);
    ecc_init(&nand->ecc, &config->ecc, config->unit_bytes, fresh);
    nand->transfer_bytes = ecc_unit_bytes(&config->ecc, &nand->ecc, config->unit_bytes);
}

static void create_dies(struct nand *nand)
{
    const struct nand_geometry *g = &nand->geometry;
    nand->channels = xcalloc(g->channels, sizeof *nand->channels);
    nand->dies = xcalloc(g->dies, sizeof *nand->dies);
    for (uint32_t die = 0; die < g->dies; die++) {
        nand->dies[die].nand = nand;
        nand->dies[die].index = die;
        nand->dies[die].channel = &nand->channels[nand_channel_of(g, die)];
    }
    nand->blocks_bytes = (size_t)g->dies * g->blocks * sizeof *nand->blocks;
    nand->blocks = lazy_alloc(nand->blocks_bytes);
}

struct nand *nand_create(struct sim *sim, const struct nand_config *config)
{
    struct nand *nand = xcalloc(1, sizeof *nand);
    nand->sim = sim;
    nand->config = *config;
    nand->geometry = nand_geometry_make(config);
    nand->raid = raid_layout_make(&config->raid, &nand->geometry);
    nand->scheduler = schedulers[config->scheduler];
    nand->page_mask = UINT64_MAX >> (64 - nand->geometry.units_per_page);
    init_ecc(nand);
    tabulate_times(nand);
    create_dies(nand);
    rng_seed(&nand->rng, sim_seed(sim), "nand.errors");
    pool_init(&nand->members, sizeof(struct nand_op));
    meter_init(&nand->die_meter, nand->geometry.dies);
    meter_init(&nand->channel_meter, nand->geometry.channels);
    return nand;
}

void nand_destroy(struct nand *nand)
{
    if (nand == NULL)
        return;
    ecc_destroy(&nand->ecc);
    pool_destroy(&nand->members);
    lazy_free(nand->blocks, nand->blocks_bytes);
    free(nand->dies);
    free(nand->channels);
    free(nand);
}

void nand_accept(struct nand *nand, struct nand_op *op, struct nand_op *parent)
{
    struct nand_address at = nand_locate(&nand->geometry, op->at);
    op->backend.die = &nand->dies[at.die];
    op->backend.block_state = block_of(nand, at.die, at.block);
    op->backend.block = at.block;
    op->backend.row = at.row;
    op->backend.page = at.page;
    op->backend.step = 0;
    op->backend.parent = parent;
    op->backend.queued = sim_now(nand->sim);
    op->backend.units = op->units;
    op->status = NAND_OK;
    op->failed_units = 0;
    nand->outstanding++;
    breakdown_start(&op->path, STAGE_DIE_WAIT, sim_now(nand->sim));
    die_submit(&nand->dies[at.die], op, false);
}

static bool is_valid(const struct nand *nand, const struct nand_op *op)
{
    if (op->at.n >= nand->geometry.units || op->kind >= NAND_KIND_COUNT || op->source >= NAND_SOURCE_COUNT)
        return false;
    if (op->kind == NAND_READ)
        return op->units != 0 && op->units >> (nand->geometry.units_per_multi_page - 1) <= 1;
    uint32_t unit;
    fastdiv_split(op->at.n, &nand->geometry.by_program, &unit);
    return op->kind == NAND_ERASE || unit == 0;
}

static void submit(void *self, struct nand_op *op)
{
    struct nand *nand = self;
    SIM_CHECK(nand->sim, "nand", is_valid(nand, op), "operation of kind %d at unit %llu, units %llx",
              (int)op->kind, (unsigned long long)op->at.n, (unsigned long long)op->units);
    nand_accept(nand, op, NULL);
}

static void count_done(struct nand *nand, const struct nand_op *op)
{
    struct nand_stats *s = &nand->stats;
    switch (op->kind) {
    case NAND_READ:
        s->reads++;
        if (unlikely(op->backend.parent != NULL))
            s->member_reads++;
        else
            *(op->source == NAND_HOST ? &s->host_reads : &s->gc_reads) += 1;
        break;
    case NAND_PROGRAM:
        s->programs++;
        *(op->source == NAND_HOST ? &s->host_programs : &s->gc_programs) += 1;
        break;
    default:
        s->erases++;
    }
}

void nand_finish(struct nand *nand, struct nand_op *op)
{
    breakdown_enter(&op->path, op->path.stage, sim_now(nand->sim));
    count_done(nand, op);
    nand->outstanding--;
    op->done(op);
}

static void assume(void *self, uint32_t block, uint32_t rows_written, uint32_t pe_cycles)
{
    struct nand *nand = self;
    SIM_CHECK(nand->sim, "nand", nand->outstanding == 0, "the state of block %u is set during operations", block);
    SIM_CHECK(nand->sim, "nand", block < nand->geometry.blocks && rows_written <= nand->geometry.rows,
              "block %u of %u, row %u of %u", block, nand->geometry.blocks, rows_written, nand->geometry.rows);
    for (uint32_t die = 0; die < nand->geometry.dies; die++)
        *block_of(nand, die, block) = (struct block_state){
            .erases = pe_cycles,
            .next_row = rows_written,
            .aged = rows_written > 0,
        };
}

struct nand_port nand_get_port(struct nand *nand)
{
    return (struct nand_port){.self = nand, .submit = submit, .assume = assume};
}

const struct nand_geometry *nand_get_geometry(const struct nand *nand)
{
    return &nand->geometry;
}

const struct raid_layout *nand_get_raid_layout(const struct nand *nand)
{
    return &nand->raid;
}

bool nand_idle(const struct nand *nand)
{
    return nand->outstanding == 0;
}

const struct nand_stats *nand_get_stats(const struct nand *nand)
{
    return &nand->stats;
}

const struct ecc_stats *nand_get_ecc_stats(const struct nand *nand)
{
    return &nand->ecc_stats;
}

const struct raid_stats *nand_get_raid_stats(const struct nand *nand)
{
    return &nand->raid_stats;
}

struct wear_stats nand_get_wear_stats(const struct nand *nand)
{
    uint64_t blocks = (uint64_t)nand->geometry.dies * nand->geometry.blocks, sum = 0;
    uint32_t least = UINT32_MAX, most = 0;
    for (uint64_t i = 0; i < blocks; i++) {
        uint32_t erases = nand->blocks[i].erases;
        least = MIN(least, erases);
        most = MAX(most, erases);
        sum += erases;
    }
    uint32_t initial = nand->config.reliability.initial_pe_cycles;
    return (struct wear_stats){
        .pe_min = (uint64_t)initial + least,
        .pe_max = (uint64_t)initial + most,
        .pe_mean = initial + (double)sum / (double)blocks,
    };
}

const struct meter *nand_die_meter(const struct nand *nand)
{
    return &nand->die_meter;
}

const struct meter *nand_channel_meter(const struct nand *nand)
{
    return &nand->channel_meter;
}

void nand_stat_groups(struct nand *nand, struct stat_group groups[NAND_STAT_GROUPS])
{
    uint64_t steps = nand->ecc_stats.retry_steps + nand->ecc_stats.soft_steps;
    nand->ecc_stats.mean_steps = nand->stats.reads == 0 ? 0 : (double)steps / (double)nand->stats.reads;
    nand->wear_stats = nand_get_wear_stats(nand);
    groups[0] = (struct stat_group){"nand", nand_stat_fields, nand_stat_field_count, &nand->stats};
    groups[1] = (struct stat_group){"ecc", ecc_stat_fields, ecc_stat_field_count, &nand->ecc_stats};
    groups[2] = (struct stat_group){"raid", raid_stat_fields, raid_stat_field_count, &nand->raid_stats};
    groups[3] = (struct stat_group){"wear", wear_stat_fields, wear_stat_field_count, &nand->wear_stats};
}

void nand_stats_restart(struct nand *nand, tick_t origin)
{
    nand->stats = (struct nand_stats){0};
    nand->ecc_stats = (struct ecc_stats){0};
    nand->raid_stats = (struct raid_stats){0};
    meter_restart(&nand->die_meter, origin);
    meter_restart(&nand->channel_meter, origin);
}
