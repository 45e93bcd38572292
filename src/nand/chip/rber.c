// RBER(PE, t, r) = e + a PE^k + b PE^m t^n + g PE^p r^q
//
// Sets: mlc_2ynm as in SimpleSSD (ftl/read_reclaim/abstract_read_reclaim.cc: t in days, r reads of the block since
// its erase); tlc_72l as in MQSim-JW (tools/examples/rber_model_example.py: 72-layer TLC, r reads of the page; its
// time is said to be hours, which would end a drive within weeks: nand reads it as days unless told otherwise). The
// form is that of Kim, Choi and Min, "Design Tradeoffs for SSD Reliability", FAST 2019.
//
// qlc_64l is derived, for no set of rates of QLC is published: tlc_72l with e, a, b and g 1.807 times as large. Makers
// rate both kinds of cell by one standard, JESD218: after the rated cycles an enterprise drive holds its data for three
// months without power. So the rate of QLC after its 1600 cycles (Intel D5-P4320; ComputerBase, August 2018) and 90 days
// is taken to be that of TLC after its 3000 and as many days, 8.9e-3. That both have one shape is an assumption.
//
// Reads of a page are taken as the block's reads over its pages, which holds for reads spread evenly (assumption). At no
// cycle at all the formula knows neither retention nor disturb; data lie in a block that is in its first cycle at
// least, so PE is 1 or more. Left out: differences among page types, layers and dies, temperature.
#include "nand/chip/rber.h"

#include "util/exact_math.h"
#include "util/macros.h"

struct coefficients {
    double e, a, k, b, m, n, g, p, q;
    bool by_page; // reads are of the page, not of the block
};

static const struct coefficients sets[] = {
    [RBER_MLC_2YNM] = {8.34e-5, 3.30e-11, 1.71, 5.56e-19, 2.49, 3.33, 6.26e-13, 1.76, 0.47},
    [RBER_TLC_72L] = {1.48e-3, 3.90e-10, 2.05, 6.28e-5, 0.14, 0.54, 3.73e-9, 0.33, 1.71, true},
    [RBER_QLC_64L] = {2.68e-3, 7.05e-10, 2.05, 1.14e-4, 0.14, 0.54, 6.74e-9, 0.33, 1.71, true},
};

double rber_formula(enum reliability_model model, double constant, double pe_cycles, double age, double reads)
{
    if (model == RBER_OFF)
        return 0;
    if (model == RBER_CONSTANT)
        return MIN(constant, 0.5);
    const struct coefficients *c = &sets[model];
    double wear = c->a * exact_pow(pe_cycles, c->k);
    double retention = c->b * exact_pow(pe_cycles, c->m) * exact_pow(age, c->n);
    double disturb = c->g * exact_pow(pe_cycles, c->p) * exact_pow(reads, c->q);
    return MIN(c->e + wear + retention + disturb, 0.5);
}

double rber_of_block(const struct reliability_config *config, uint32_t pe_cycles, bool aged, uint64_t reads,
                     uint32_t pages)
{
    tick_t unit = config->age_unit == AGE_HOURS ? 3600 * TICKS_PER_S : 86400 * TICKS_PER_S;
    double age = aged ? (double)config->retention_age / (double)unit : 0;
    double counted = sets[config->model].by_page ? (double)reads / pages : (double)reads;
    return rber_formula(config->model, config->rber, MAX(pe_cycles, 1u), age, counted);
}
