// What a drive has in store before it gets slower.
//
// Retry: a mapping unit is read again when one of its codewords has more errors than the code corrects by hard
// decisions. Errors are taken as independent, as the back-end takes them, so that this is a binomial tail; it and the
// model of error rates grow with their argument, and are inverted by bisection. Left out: disturb by reads, which depends
// on the load.
#include "machine/margins.h"

#include "ftl/ftl_stats.h"
#include "nand/chip/rber.h"
#include "nand/ecc/ecc.h"
#include "util/macros.h"

#define RETRY_SHARE 1e-3

enum { PE_CYCLES_LIMIT = 1000000, AGE_LIMIT_DAYS = 200, HALVINGS = 60 };

// --- retry ---------------------------------------------------------------------------------------------------------

static double retry_share(const struct ecc *ecc, double rber)
{
    return ecc->codewords_per_unit * binomial_tail(ecc->code.bits, ecc->code.capability[0], rber);
}

static double rber_of_retry(const struct ecc *ecc)
{
    double lo = 0, hi = 0.5;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (lo + hi) / 2;
        *(retry_share(ecc, middle) < RETRY_SHARE ? &lo : &hi) = middle;
    }
    return hi;
}

static double rber_at(const struct reliability_config *reliability, bool aged, uint64_t pe_cycles, tick_t age)
{
    struct reliability_config at = *reliability;
    at.retention_age = age;
    return rber_of_block(&at, (uint32_t)pe_cycles, aged, 0, 1);
}

static uint64_t cycles_to(const struct reliability_config *reliability, bool aged, double rber)
{
    uint64_t lo = 0, hi = PE_CYCLES_LIMIT;
    if (rber_at(reliability, aged, hi, reliability->retention_age) < rber)
        return 0;
    while (hi - lo > 1) {
        uint64_t middle = (lo + hi) / 2;
        *(rber_at(reliability, aged, middle, reliability->retention_age) < rber ? &lo : &hi) = middle;
    }
    return hi;
}

static double age_to(const struct reliability_config *reliability, double rber)
{
    tick_t lo = 0, hi = (tick_t)AGE_LIMIT_DAYS * 86400 * TICKS_PER_S;
    if (rber_at(reliability, true, reliability->initial_pe_cycles, hi) < rber)
        return 0;
    while (hi - lo > TICKS_PER_S) {
        tick_t middle = lo + (hi - lo) / 2;
        *(rber_at(reliability, true, reliability->initial_pe_cycles, middle) < rber ? &lo : &hi) = middle;
    }
    return (double)hi / TICKS_PER_S;
}

struct retry_margin retry_margin_of(const struct machine_config *config)
{
    const struct nand_config *nand = &config->drive.nand;
    const struct reliability_config *reliability = &nand->reliability;
    bool aged = config->drive.ftl.precondition != FTL_PRECONDITION_EMPTY;
    struct retry_margin margin = {0};
    struct ecc ecc;
    margin.rber_now = rber_at(reliability, aged, reliability->initial_pe_cycles, reliability->retention_age);
    ecc_init(&ecc, &nand->ecc, (uint32_t)config->drive.ftl.mapping_unit, margin.rber_now);
    margin.applies = reliability->model != RBER_OFF && ecc.code.bits > 0;
    if (margin.applies) {
        margin.rber_retry = rber_of_retry(&ecc);
        margin.pe_cycles = cycles_to(reliability, aged, margin.rber_retry);
        margin.age_s = age_to(reliability, margin.rber_retry);
    }
    ecc_destroy(&ecc);
    return margin;
}

// --- collection ----------------------------------------------------------------------------------------------------

struct collection_margin collection_margin_of(const struct machine_config *config)
{
    struct stat_group groups[MACHINE_GROUPS_MAX];
    struct machine *machine = machine_create(config);
    machine_bind(machine);
    machine_prepare(machine);
    machine_stat_groups(machine, groups); // computes what is of the end
    const struct ftl_stats *stats = ftl_get_stats(ssd_core(machine_ssd(machine)));
    struct collection_margin margin = {
        .headroom_bytes = stats->gc_headroom_bytes,
        .superblocks = stats->superblocks,
        .free = stats->free_superblocks,
    };
    machine_destroy(machine);
    return margin;
}
