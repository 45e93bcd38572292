// Decoding: codewords reach the channel's decoders in the order in which their data come over the bus, which is fixed
// when the bus is granted, so that decoders are reserved at the same moment.
//
// Errors have a memory: how bad a codeword is among all of its error rate, its quantile, is a hash of the place, the
// erases that the block has had, and the run's seed. So it has the same errors whenever it is read at the same rate, more
// when the rate has grown, fewer at a step of the read ladder that lowers it; and what cannot be read stays so until it
// is written anew. Left out: the small part that is drawn anew with each sensing (random telegraph noise).
#include "nand/control/decode.h"

#include "nand/control/control.h"
#include "nand/control/runs.h"
#include "util/rng.h"

static struct timeline *next_decoder(struct nand *nand, struct nand_channel *channel)
{
    struct timeline *best = &channel->decoders[0];
    for (uint32_t i = 1; i < nand->config.ecc.decoders_per_channel; i++)
        if (channel->decoders[i].free_at < best->free_at)
            best = &channel->decoders[i];
    return best;
}

struct decoding {
    struct nand *nand;
    struct nand_channel *channel;
    const struct binomial_table *table;
    uint32_t level;
    uint64_t key; // of the page's first codeword
    tick_t end;   // the latest so far
};

// The codeword `index` of the page arrives at `arrival`. Returns whether it was given up.
static inline bool decode_codeword(struct decoding *decoding, uint32_t index, tick_t arrival)
{
    struct nand *nand = decoding->nand;
    uint32_t errors = binomial_quantile(decoding->table, rng_mix(decoding->key + index));
    uint32_t capability = nand->ecc.code.capability[decoding->level];
    bool failed = errors > capability;
    if (unlikely(failed)) {
        nand->ecc_stats.failed_codewords++;
        errors = capability + 1;
    } else {
        nand->ecc_stats.corrected_bits += errors;
    }
    nand->ecc_stats.codewords++;
    struct ecc_time time = nand->ecc.times[decoding->level][errors];
    if (nand->config.ecc.decoders_per_channel > 0)
        arrival = timeline_reserve(next_decoder(nand, decoding->channel), arrival, time.occupancy);
    decoding->end = MAX(decoding->end, arrival + time.latency);
    return failed;
}

// The page's unit `unit` comes from `start` on. Returns its bit when it could not be decoded, else 0.
static inline __attribute__((always_inline)) uint64_t decode_unit(struct decoding *decoding, uint32_t unit, tick_t start)
{
    uint32_t codewords = decoding->nand->ecc.codewords_per_unit;
    tick_t takes = decoding->nand->timing.transfer[1];
    bool failed = false;
    for (uint32_t i = 0; i < codewords; i++) {
        tick_t arrival = start + (likely(codewords == 1) ? takes : takes * (i + 1) / codewords);
        failed |= decode_codeword(decoding, unit * codewords + i, arrival);
    }
    return failed ? UINT64_C(1) << unit : 0;
}

static uint64_t decode_runs(struct decoding *decoding, uint64_t units, tick_t granted)
{
    const struct chip_timing *timing = &decoding->nand->timing;
    uint64_t failed = 0;
    for (struct run_walk walk = run_walk_begin(timing, units); walk.left != 0;) {
        run_walk_next(&walk);
        for (uint32_t i = 0; i < walk.length; i++)
            failed |= decode_unit(decoding, walk.first + i, granted + run_arrival(&walk, i) - timing->transfer[1]);
    }
    return failed;
}

static uint64_t page_key(const struct nand *nand, const struct nand_op *op)
{
    uint64_t page = fastdiv_quotient(op->at.n, &nand->geometry.by_multi_page);
    uint64_t first = page * nand->geometry.units_per_multi_page * nand->ecc.codewords_per_unit;
    return first + rng_mix(nand->error_key + block_cycle(op->backend.block_state));
}

tick_t decode(struct nand_op *op)
{
    struct nand *nand = op_nand(op);
    if (!nand->ecc.active)
        return 0;
    uint64_t units = op->backend.units;
    tick_t arrived = op->backend.begun;
    uint32_t bin = block_read(&nand->blocks, op->backend.block_state, op->backend.plane_count);
    struct decoding decoding = {
        .nand = nand,
        .channel = op->backend.die->channel,
        .table = ecc_table(&nand->ecc, bin, op->backend.step),
        .level = ecc_level(&nand->ecc, op->backend.step),
        .key = page_key(nand, op),
        .end = arrived,
    };
    if (likely((units & (units - 1)) == 0))
        op->failed_units = decode_unit(&decoding, (uint32_t)__builtin_ctzll(units), arrived - nand->timing.transfer[1]);
    else
        op->failed_units = decode_runs(&decoding, units, arrived - op->backend.bus.duration);
    return decoding.end - arrived;
}
