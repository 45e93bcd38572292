// The back-end as a whole: what is tabulated at creation, the port, statistics.
#include "nand/backend.h"

#include <stdlib.h>

#include "nand/chip/rber.h"
#include "nand/control/control.h"
#include "nand/control/ladder.h"
#include "nand/control/phase.h"
#include "nand/control/reconstruct.h"
#include "util/alloc.h"
#include "util/rng.h"

static const struct die_ops die_ops = {.start = phase_start, .queued = suspend_queued, .turn = suspend_turn};
static const struct die_ops watched_die_ops = {phase_start_watched, suspend_queued, suspend_turn};

static void init_ecc(struct nand *nand)
{
    const struct nand_config *config = &nand->config;
    double fresh = rber_of_block(&config->reliability, config->reliability.initial_pe_cycles, false, 0, 1);
    ecc_init(&nand->ecc, &config->ecc, config->unit_bytes, fresh);
}

static struct suspend_rules suspend_rules_make(const struct nand_config *config, const struct chip_timing *timing)
{
    return (struct suspend_rules){
        .command = timing->suspend_command,
        .bound = config->starvation_bound,
        .total = config->suspend_total,
        .min_run = config->suspend_min_run,
        .limit = config->suspend_limit,
    };
}

static void init_rules(struct nand *nand)
{
    nand->rules = (struct die_rules){
        .ops = &die_ops,
        .scheduler = schedulers[nand->config.scheduler],
        .starvation_bound = nand->config.starvation_bound,
        .suspend = suspend_rules_make(&nand->config, &nand->timing),
        .stats = &nand->stats,
    };
    meter_init(&nand->rules.meter, nand->geometry.dies);
}

static void create_channels(struct nand *nand)
{
    nand->channels = xcalloc(nand->geometry.channels, sizeof *nand->channels);
    meter_init(&nand->channel_meter, nand->geometry.channels);
    meter_keep_each(&nand->channel_meter);
    for (uint32_t i = 0; i < nand->geometry.channels; i++)
        nand->channels[i] = (struct nand_channel){
            .sim = nand->sim,
            .meter = &nand->channel_meter,
            .busy = meter_own(&nand->channel_meter, i),
            .starvation_bound = nand->config.starvation_bound,
        };
    meter_set_units(&nand->channel_meter, nand->channels, sizeof *nand->channels);
}

static void create_dies(struct nand *nand)
{
    const struct nand_geometry *g = &nand->geometry;
    nand->dies = xcalloc(g->dies, sizeof *nand->dies);
    meter_set_units(&nand->rules.meter, nand->dies, sizeof *nand->dies);
    meter_keep_each(&nand->rules.meter);
    for (uint32_t die = 0; die < g->dies; die++)
        nand->dies[die] = (struct nand_die){
            .nand = nand,
            .sim = nand->sim,
            .rules = &nand->rules,
            .channel = &nand->channels[nand_channel_of(g, die)],
            .busy = meter_own(&nand->rules.meter, die),
            .index = die,
        };
}

static void init_variations(struct nand *nand)
{
    const struct nand_config *config = &nand->config;
    uint64_t seed = sim_seed(nand->sim);
    nand->variations[NAND_READ] = variation_make(config->t_r_spread, seed, "nand.t_r");
    nand->variations[NAND_PROGRAM] = variation_make(config->t_prog_spread, seed, "nand.t_prog");
    nand->variations[NAND_FOLD_ON_DIE] = nand->variations[NAND_PROGRAM];
    nand->variations[NAND_ERASE] = variation_make(config->t_bers_spread, seed, "nand.t_bers");
}

struct nand *nand_create(struct sim *sim, const struct nand_config *config)
{
    struct nand *nand = xcalloc(1, sizeof *nand);
    nand->sim = sim;
    nand->config = *config;
    nand->geometry = nand_geometry_make(config);
    nand->raid = raid_layout_make(&config->raid, &nand->geometry);
    init_ecc(nand);
    nand->timing = chip_timing_make(config, &nand->geometry,
                                    ecc_unit_bytes(&config->ecc, &nand->ecc, config->unit_bytes));
    blocks_init(&nand->blocks, config, &nand->geometry, &nand->ecc);
    init_rules(nand);
    init_variations(nand);
    create_channels(nand);
    create_dies(nand);
    for (int i = 0; i < NAND_COUNTS_MAX; i++)
        strip_init(&nand->counts[i]);
    nand->error_key = rng_key(sim_seed(sim), "nand.errors");
    pool_init(&nand->members, sizeof(struct nand_op));
    return nand;
}

void nand_destroy(struct nand *nand)
{
    if (nand == NULL)
        return;
    ecc_destroy(&nand->ecc);
    pool_destroy(&nand->members);
    blocks_destroy(&nand->blocks);
    meter_destroy(&nand->rules.meter);
    meter_destroy(&nand->channel_meter);
    free(nand->holdings);
    free(nand->dies);
    free(nand->channels);
    free(nand);
}

static bool is_valid(const struct nand *nand, const struct nand_op *op)
{
    if (op->at.n >= nand->geometry.units || op->kind >= NAND_KIND_COUNT || op->source.urgency >= NAND_URGENCY_COUNT ||
        op->source.tag >= NAND_TAG_COUNT || op->source.purpose >= NAND_PURPOSE_COUNT)
        return false;
    if (op->kind == NAND_READ)
        return op->units != 0 && op->units >> (nand->geometry.units_per_multi_page - 1) <= 1;
    uint32_t unit;
    fastdiv_split(op->at.n, &nand->geometry.by_program, &unit);
    if (op->kind == NAND_FOLD_ON_DIE && op->mode != NAND_NATIVE)
        return false;
    return op->kind == NAND_ERASE || (unit == 0 && nand_has_mode(&nand->geometry, op->mode));
}

static void submit(void *self, struct nand_op *op)
{
    struct nand *nand = self;
    SIM_CHECK(nand->sim, "nand", is_valid(nand, op), "operation of kind %d at unit %llu, units %llx",
              (int)op->kind, (unsigned long long)op->at.n, (unsigned long long)op->units);
    if (op->kind == NAND_READ)
        ladder_submit(nand, op, nand->raid.enabled ? reconstruct_start : op_finish);
    else
        op_accept(nand, op, op_finish);
}

static bool widen(void *self, struct nand_op *op, uint64_t units)
{
    const struct nand *nand = self;
    SIM_CHECK(nand->sim, "nand", op->kind == NAND_READ, "operation of kind %d is to read more", (int)op->kind);
    if (op->path.stage != STAGE_DIE_WAIT)
        return false;
    op->units |= units;
    op->backend.units = op->units;
    op->backend.kind_of->set_planes(op);
    return true;
}

static void assume(void *self, uint32_t block, uint32_t rows_written)
{
    struct nand *nand = self;
    SIM_CHECK(nand->sim, "nand", nand->outstanding == 0, "the state of block %u is set during operations", block);
    SIM_CHECK(nand->sim, "nand", block < nand->geometry.blocks && rows_written <= nand->geometry.rows,
              "block %u of %u, row %u of %u", block, nand->geometry.blocks, rows_written, nand->geometry.rows);
    blocks_prepare(&nand->blocks, block, rows_written);
}

void nand_explain(struct nand *nand, wait_origin_fn *origin_of)
{
    const struct nand_geometry *g = &nand->geometry;
    nand->holdings = xcalloc(g->dies + g->channels, sizeof *nand->holdings);
    for (uint32_t i = 0; i < g->dies; i++)
        (nand->dies[i].holding = &nand->holdings[i])->origin_of = origin_of;
    for (uint32_t i = 0; i < g->channels; i++)
        nand->channels[i].holding = &nand->holdings[g->dies + i];
}

struct nand_port nand_get_port(struct nand *nand)
{
    return (struct nand_port){.self = nand, .submit = submit, .widen = widen, .assume = assume};
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
    return blocks_wear(&nand->blocks);
}

void nand_observe(struct nand *nand, const struct nand_observer *observer)
{
    nand->rules.ops = &watched_die_ops;
    nand->rules.observer = observer;
}

const char *nand_bus_use(const struct nand_op *op)
{
    if (op == NULL)
        return "suspend";
    const struct phase *phase = op->backend.phase;
    if (phase->place != AT_BUS)
        return op->backend.die->work.state == WORK_RESUMING ? "resume" : "suspend";
    if (phase->stage == STAGE_NAND_COMMAND)
        return "command";
    return op->kind == NAND_READ ? "data out" : "data in";
}

struct meter *nand_die_meter(struct nand *nand)
{
    return &nand->rules.meter;
}

struct meter *nand_channel_meter(struct nand *nand)
{
    return &nand->channel_meter;
}

size_t nand_counts(const struct nand *nand, struct named_strip counts[NAND_COUNTS_MAX])
{
    static const char *const names[NAND_COUNTS_MAX] = {
        [NAND_COUNT_HOST_PROGRAMS] = "host_programs",
        [NAND_COUNT_COPY_PROGRAMS] = "copy_programs",
        [NAND_COUNT_ERASES] = "erases",
        [NAND_COUNT_RETRIES] = "read_retries",
    };
    for (int i = 0; i < NAND_COUNTS_MAX; i++)
        counts[i] = (struct named_strip){names[i], &nand->counts[i]};
    return NAND_COUNTS_MAX;
}

void nand_stat_groups(struct nand *nand, struct stat_group groups[NAND_STAT_GROUPS])
{
    uint64_t steps = nand->ecc_stats.retry_steps + nand->ecc_stats.soft_steps, reads = nand->stats.done[NAND_READ];
    nand->ecc_stats.mean_steps = reads == 0 ? 0 : (double)steps / (double)reads;
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
    meter_restart(&nand->rules.meter, origin);
    meter_restart(&nand->channel_meter, origin);
    for (int i = 0; i < NAND_COUNTS_MAX; i++)
        strip_restart(&nand->counts[i], origin);
}
