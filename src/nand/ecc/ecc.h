// Error correction: engines by registry, and the decoding of what was read.
#ifndef SQTAIL_NAND_ECC_H
#define SQTAIL_NAND_ECC_H

#include <stddef.h>
#include <stdint.h>

#include "nand/ecc/binomial.h"
#include "nand/nand_config.h"

// The engines, a line each: X(enumerator, name). The file ecc_NAME.c defines ecc_NAME.
#define ECC_ENGINE_LIST(X) \
    X(NONE, none)          \
    X(BCH, bch)            \
    X(LDPC, ldpc)

#define ECC_ENGINE_ENUM(id, name) ECC_##id,
enum { ECC_ENGINE_LIST(ECC_ENGINE_ENUM) ECC_ENGINE_COUNT }; // indices into ecc_engines
#undef ECC_ENGINE_ENUM

// A code, as an engine makes it from the configuration.
struct ecc_code {
    uint32_t bits;                            // of a codeword, parity included
    uint32_t parity_bytes;                    // of a codeword, rounded up
    uint32_t soft_levels;                     // sensing steps that help
    uint32_t capability[1 + SOFT_LEVELS_LIMIT]; // errors that are corrected: hard decision, then by soft level
};

struct ecc_cycles {
    uint64_t latency;   // from the codeword's arrival to its data
    uint64_t occupancy; // until the decoder takes the next codeword
};

struct ecc_engine_ops {
    const char *name;
    const char *help;
    // At set-up: the code's shape. NULL: there is no code, and nothing is decoded.
    void (*shape)(const struct ecc_config *config, struct ecc_code *code);
    // At set-up, for every number of errors up to capability[level] and one more, which stands for failure.
    struct ecc_cycles (*cycles)(const struct ecc_config *config, const struct ecc_code *code, unsigned level,
                                uint32_t errors);
};

extern const struct ecc_engine_ops *const ecc_engines[];
extern const char *const ecc_engine_names[]; // ends with NULL
extern const size_t ecc_engine_count;
#define ECC_ENGINE_EXTERN(id, name) extern const struct ecc_engine_ops ecc_##name;
ECC_ENGINE_LIST(ECC_ENGINE_EXTERN)
#undef ECC_ENGINE_EXTERN

// The largest raw bit error rate at which a code of `rate` can work at all: hard decisions, and unlimited soft ones.
double ecc_hard_bound(double rate);
double ecc_soft_bound(double rate);

// Error rates are kept as bins, 256 an octave, one of which is exactly the anchor given at creation.
enum { RBER_BINS_PER_OCTAVE = 256, RBER_BINS = 31 * RBER_BINS_PER_OCTAVE };

struct ecc_time {
    tick_t latency, occupancy;
};

struct ecc {
    bool active; // there is a code and there are errors or decoding times to speak of
    struct ecc_code code;
    uint32_t codewords_per_unit;
    uint32_t last_step; // of the read ladder: read-retry steps, then soft steps
    uint32_t retry_steps;
    int retry_bins; // by how many bins a read-retry step lowers the error rate
    double anchor;
    int anchor_bin;
    struct ecc_time *times[1 + SOFT_LEVELS_LIMIT]; // by level, by min(errors, capability + 1)
    struct binomial_table **tables;                 // by bin, made when first needed
};

void ecc_init(struct ecc *ecc, const struct ecc_config *config, uint32_t unit_bytes, double anchor);
void ecc_destroy(struct ecc *ecc);

// Bytes that one mapping unit takes on the channel.
uint32_t ecc_unit_bytes(const struct ecc_config *config, const struct ecc *ecc, uint32_t unit_bytes);

uint32_t ecc_bin(const struct ecc *ecc, double rber);
const struct binomial_table *ecc_make_table(struct ecc *ecc, uint32_t bin);

// The soft level of a step of the read ladder, 0 for hard decisions.
static inline uint32_t ecc_level(const struct ecc *ecc, uint32_t step)
{
    return step <= ecc->retry_steps ? 0 : step - ecc->retry_steps;
}

// The distribution of errors in a codeword of a block in `bin`, at a step of the read ladder.
static inline const struct binomial_table *ecc_table(struct ecc *ecc, uint32_t bin, uint32_t step)
{
    int at = (int)bin - (int)MIN(step, ecc->retry_steps) * ecc->retry_bins;
    at = MAX(at, 0);
    const struct binomial_table *table = ecc->tables[at];
    return likely(table != NULL) ? table : ecc_make_table(ecc, (uint32_t)at);
}

#endif
