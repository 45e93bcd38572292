// The registry of ECC engines, and what is tabulated from the chosen one at set-up.
//
// Each codeword's number of raw errors is a quantile of the binomial distribution of its length and error rate; it is
// decoded when the engine's capability at that step is not exceeded. A read-retry step multiplies the error rate by
// retry_gain and keeps the quantile (control/decode.c); soft steps keep the last retry step's rate and raise the
// capability. Left out: miscorrection, and errors that cluster (overdispersion).
#include "nand/ecc/ecc.h"

#include <math.h>
#include <stdlib.h>

#include "util/alloc.h"
#include "util/exact_math.h"
#include "util/macros.h"

#define ECC_ENGINE_OPS(id, name) &ecc_##name,
#define ECC_ENGINE_NAME(id, name) #name,
const struct ecc_engine_ops *const ecc_engines[] = {ECC_ENGINE_LIST(ECC_ENGINE_OPS)};
const char *const ecc_engine_names[] = {ECC_ENGINE_LIST(ECC_ENGINE_NAME) NULL};
const size_t ecc_engine_count = ARRAY_SIZE(ecc_engines);

static void fill_times(struct ecc *ecc, const struct ecc_config *config, unsigned level)
{
    struct clock clock = clock_from_hz(config->clock);
    uint32_t failure = ecc->code.capability[level] + 1;
    ecc->times[level] = xcalloc(failure + 1, sizeof *ecc->times[level]);
    for (uint32_t errors = 0; errors <= failure; errors++) {
        struct ecc_cycles cycles = ecc_engines[config->engine]->cycles(config, &ecc->code, level, errors);
        ecc->times[level][errors] = (struct ecc_time){
            .latency = clock_cycles(clock, cycles.latency),
            .occupancy = clock_cycles(clock, cycles.occupancy),
        };
    }
}

void ecc_init(struct ecc *ecc, const struct ecc_config *config, uint32_t unit_bytes, double anchor)
{
    *ecc = (struct ecc){0};
    if (ecc_engines[config->engine]->shape == NULL)
        return;
    ecc->active = true;
    ecc_engines[config->engine]->shape(config, &ecc->code);
    ecc->codewords_per_unit = (uint32_t)(unit_bytes / config->codeword_data);
    ecc->retry_steps = config->retry_steps;
    ecc->last_step = config->retry_steps + ecc->code.soft_levels;
    ecc->retry_bins = (int)lround(-exact_log2(config->retry_gain) * RBER_BINS_PER_OCTAVE);
    ecc->anchor = anchor > 0 ? anchor : 1e-3;
    ecc->anchor_bin = RBER_BINS - RBER_BINS_PER_OCTAVE + (int)lround(exact_log2(ecc->anchor) * RBER_BINS_PER_OCTAVE);
    for (unsigned level = 0; level <= ecc->code.soft_levels; level++)
        fill_times(ecc, config, level);
    ecc->tables = xcalloc(RBER_BINS, sizeof *ecc->tables);
}

void ecc_destroy(struct ecc *ecc)
{
    if (!ecc->active)
        return;
    for (unsigned level = 0; level <= ecc->code.soft_levels; level++)
        free(ecc->times[level]);
    for (uint32_t bin = 0; bin < RBER_BINS; bin++)
        free(ecc->tables[bin]);
    free(ecc->tables);
}

uint32_t ecc_unit_bytes(const struct ecc_config *config, const struct ecc *ecc, uint32_t unit_bytes)
{
    return unit_bytes + (config->transfer_parity ? ecc->codewords_per_unit * ecc->code.parity_bytes : 0);
}

// Bin 0 is no error at all.
uint32_t ecc_bin(const struct ecc *ecc, double rber)
{
    if (rber <= 0)
        return 0;
    long bin = ecc->anchor_bin + lround(exact_log2(rber / ecc->anchor) * RBER_BINS_PER_OCTAVE);
    return (uint32_t)MIN(MAX(bin, 0), RBER_BINS - 1);
}

const struct binomial_table *ecc_make_table(struct ecc *ecc, uint32_t bin)
{
    double octaves = ((int)bin - ecc->anchor_bin) / (double)RBER_BINS_PER_OCTAVE;
    double rber = bin == 0 ? 0 : MIN(ecc->anchor * exact_exp2(octaves), 0.5);
    ecc->tables[bin] = binomial_table_create(ecc->code.bits, rber);
    return ecc->tables[bin];
}
