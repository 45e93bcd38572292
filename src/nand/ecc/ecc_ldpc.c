// LDPC codes, by their decoding thresholds.
//
// A long code decodes almost surely while the share of wrong bits in the frame stays below its threshold; at finite
// length the waterfall comes from the fluctuation of that share. So a frame of n bits is taken as decodable up to
// threshold * n errors, which gives FER(p) = P(Bin(n, p) > threshold * n). Thresholds: `ldpc_efficiency` times what
// any code of the rate could reach. For hard decisions that bound is the capacity of the binary symmetric channel,
// 1 - H(p) = R; for unlimited soft information that of the binary-input Gaussian channel with p = Q(1 / sigma). Each
// soft level, two more sensing strobes, covers half of what separates the threshold from the soft bound (assumption).
//
// Iterations grow from the least to the most by the cube of errors / capability (assumption: slow at first, steep
// near the threshold). A frame occupies its decoder until it is done. Left out: error floors.
#include <math.h>

#include "nand/ecc/ecc.h"
#include "util/exact_math.h"

static double entropy(double p)
{
    return p <= 0 || p >= 1 ? 0 : -(p * exact_log2(p) + (1 - p) * exact_log2(1 - p));
}

double ecc_hard_bound(double rate)
{
    double low = 0, high = 0.5;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (1 - entropy(middle) > rate)
            low = middle;
        else
            high = middle;
    }
    return low;
}

// Capacity of +-1 in Gaussian noise: 1 - E[log2(1 + exp(-2 (1 + sigma z) / sigma^2))], trapezoids over |z| <= 8.
static double gaussian_capacity(double sigma)
{
    enum { POINTS = 1024 };
    double sum = 0, step = 16.0 / POINTS;
    for (int i = 0; i <= POINTS; i++) {
        double z = -8 + i * step;
        sum += exact_exp(-z * z / 2) * exact_log1p(exact_exp(-2 * (1 + sigma * z) / (sigma * sigma)));
    }
    return 1 - sum * step / sqrt(2 * M_PI) / M_LN2;
}

double ecc_soft_bound(double rate)
{
    double low = 0.05, high = 20;
    for (int i = 0; i < 50; i++) {
        double middle = (low + high) / 2;
        if (gaussian_capacity(middle) > rate)
            low = middle;
        else
            high = middle;
    }
    return exact_erfc(1 / low / M_SQRT2) / 2;
}

static void shape(const struct ecc_config *config, struct ecc_code *code)
{
    double hard = ecc_hard_bound(config->ldpc_rate), soft = ecc_soft_bound(config->ldpc_rate);
    uint32_t data_bits = (uint32_t)(8 * config->codeword_data);
    code->bits = (uint32_t)lround(data_bits / config->ldpc_rate);
    code->parity_bytes = (code->bits - data_bits + 7) / 8;
    code->soft_levels = config->soft_levels;
    for (unsigned level = 0; level <= config->soft_levels; level++) {
        double threshold = config->ldpc_efficiency * (hard + (soft - hard) * (1 - exact_exp2(-(double)level)));
        code->capability[level] = (uint32_t)(threshold * code->bits);
    }
}

static struct ecc_cycles cycles(const struct ecc_config *config, const struct ecc_code *code, unsigned level,
                                uint32_t errors)
{
    uint32_t capability = code->capability[level];
    double load = errors > capability ? 1 : (double)errors / MAX(capability, 1u);
    uint32_t least = config->ldpc_min_iterations, most = config->ldpc_max_iterations;
    uint64_t iterations = least + (uint64_t)ceil((most - least) * load * load * load);
    uint32_t width = config->ldpc_iteration_bits;
    uint64_t total = width == 0 ? 0 : iterations * ((code->bits + width - 1) / width);
    return (struct ecc_cycles){.latency = total, .occupancy = total};
}

const struct ecc_engine_ops ecc_ldpc = {
    .name = "ldpc",
    .help = "LDPC: thresholds from channel capacity, hard decision first, then soft levels",
    .shape = shape,
    .cycles = cycles,
};
