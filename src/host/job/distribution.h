// Which blocks of its region a random job asks for: fio's random_distribution.
#ifndef SQTAIL_HOST_JOB_DISTRIBUTION_H
#define SQTAIL_HOST_JOB_DISTRIBUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "util/macros.h"
#include "util/permutation.h"
#include "util/rng.h"

// The last two, and those with a centre, are drawn as fio has them (host/job/fio_pattern.h), not here.
enum distribution_kind {
    DISTRIBUTION_RANDOM,
    DISTRIBUTION_ZIPF,
    DISTRIBUTION_PARETO,
    DISTRIBUTION_ZONED,
    DISTRIBUTION_NORMAL,
    DISTRIBUTION_ZONED_ABS,
};

enum { DISTRIBUTION_ZONES_MAX = 64 };

// As it is given: "zipf:1.2".
struct distribution_spec {
    enum distribution_kind kind;
    double parameter; // zipf: theta, 0 .. 10; pareto: h, above 0 and below 1; normal: deviation, %, below 100
    bool centred;
    double centre;    // where the hottest block is, as a share of the region
    uint32_t zone_count;
    struct distribution_zone {
        uint32_t accesses; // %
        uint64_t size;     // %; of DISTRIBUTION_ZONED_ABS: bytes
    } zones[DISTRIBUTION_ZONES_MAX];
};

// Returns NULL, or what is expected instead.
const char *distribution_parse(const char *text, struct distribution_spec *spec);

struct distribution {
    const struct distribution_spec *spec;
    uint64_t count; // blocks, 1 and up
    struct permutation spread;
    uint64_t salt; // of it: without one it would leave rank 0 where it is
    double exponent; // of zipf: theta; of pareto: of the power
    double head, span, squeeze; // of zipf
};

// `spread` decides which blocks are the hot ones. The spec must outlive it.
void distribution_init(struct distribution *distribution, const struct distribution_spec *spec, uint64_t count,
                       struct rng *spread);

uint64_t distribution_draw_uneven(const struct distribution *distribution, struct rng *rng);

// The next block, below count.
static inline uint64_t distribution_draw(const struct distribution *distribution, struct rng *rng)
{
    if (likely(distribution->spec->kind == DISTRIBUTION_RANDOM))
        return rng_below(rng, distribution->count);
    return distribution_draw_uneven(distribution, rng);
}

// Of zipf and pareto: the block's rank, 0 the hottest, before it is spread.
uint64_t distribution_draw_rank(const struct distribution *distribution, struct rng *rng);

#endif
