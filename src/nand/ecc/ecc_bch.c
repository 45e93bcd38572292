// BCH codes: t errors of a codeword are corrected, one more is not.
//
// Over GF(2^m): k = 8 * data bytes, m the least with 2^m - 1 >= k + m t, and m t parity bits. Decoding in three
// stages: syndromes, which are computed while the data arrive and so bound the rate but add no latency;
// Berlekamp-Massey, two iterations more than there are errors (early stop), t when it fails; Chien search over all
// bits (Lee, Lim and Kim, ISCAS 2012). Without errors the syndromes are zero and the other stages are skipped.
#include "nand/ecc/ecc.h"

static uint32_t field_degree(uint64_t data_bits, uint32_t t)
{
    uint32_t m = 2;
    while ((UINT64_C(1) << m) - 1 < data_bits + (uint64_t)m * t)
        m++;
    return m;
}

static void shape(const struct ecc_config *config, struct ecc_code *code)
{
    uint64_t data_bits = 8 * config->codeword_data;
    uint32_t parity = field_degree(data_bits, config->bch_t) * config->bch_t;
    code->bits = (uint32_t)data_bits + parity;
    code->parity_bytes = (parity + 7) / 8;
    code->capability[0] = config->bch_t;
}

static uint64_t passes(uint32_t bits, uint32_t bits_per_cycle)
{
    return bits_per_cycle == 0 ? 0 : (bits + bits_per_cycle - 1) / bits_per_cycle;
}

static struct ecc_cycles cycles(const struct ecc_config *config, const struct ecc_code *code, unsigned level,
                                uint32_t errors)
{
    (void)level;
    uint64_t syndromes = passes(code->bits, config->bch_syndrome_bits);
    if (errors == 0)
        return (struct ecc_cycles){.latency = 0, .occupancy = syndromes};
    uint64_t solve = MIN(errors + 2, config->bch_t);
    uint64_t search = passes(code->bits, config->bch_chien_bits);
    return (struct ecc_cycles){
        .latency = solve + search,
        .occupancy = MAX(syndromes, MAX(solve, search)), // the stages work on different codewords
    };
}

const struct ecc_engine_ops ecc_bch = {
    .name = "bch",
    .help = "BCH: ecc.bch_t errors a codeword, pipelined decoder",
    .shape = shape,
    .cycles = cycles,
};
