// Decoding: codewords reach the channel's decoders in the order in which their data come over the bus, which is fixed
// when the bus is granted, so that decoders are reserved at the same moment. A unit's codewords are decoded one after
// the other from the moment the whole unit has arrived.
#include "nand/control/decode.h"

#include "nand/control/control.h"
#include "nand/control/runs.h"

static struct timeline *next_decoder(struct nand *nand, struct nand_channel *channel)
{
    struct timeline *best = &channel->decoders[0];
    for (uint32_t i = 1; i < nand->config.ecc.decoders_per_channel; i++)
        if (channel->decoders[i].free_at < best->free_at)
            best = &channel->decoders[i];
    return best;
}

// One codeword arrives at `arrival`. Returns when it has been decoded, or given up, which *failed tells.
static inline tick_t decode_codeword(struct nand *nand, struct nand_channel *channel,
                                     const struct binomial_table *table, uint32_t level, tick_t arrival, bool *failed)
{
    uint32_t errors = binomial_draw(table, &nand->rng), capability = nand->ecc.code.capability[level];
    if (unlikely(errors > capability)) {
        *failed = true;
        nand->ecc_stats.failed_codewords++;
        errors = capability + 1;
    } else {
        nand->ecc_stats.corrected_bits += errors;
    }
    nand->ecc_stats.codewords++;
    struct ecc_time time = nand->ecc.times[level][errors];
    if (nand->config.ecc.decoders_per_channel == 0)
        return arrival + time.latency;
    return timeline_reserve(next_decoder(nand, channel), arrival, time.occupancy) + time.latency;
}

struct decoding {
    struct nand_channel *channel;
    const struct binomial_table *table;
    uint32_t level;
    tick_t end; // the latest so far
};

// The unit whose bit is `unit` arrives at `arrival`. Returns the bit when it could not be decoded, else 0.
static inline uint64_t decode_unit(struct nand *nand, struct decoding *decoding, uint64_t unit, tick_t arrival)
{
    bool failed = false;
    for (uint32_t i = 0; i < nand->ecc.codewords_per_unit; i++) {
        tick_t done = decode_codeword(nand, decoding->channel, decoding->table, decoding->level, arrival, &failed);
        decoding->end = MAX(decoding->end, done);
    }
    return failed ? unit : 0;
}

static uint64_t decode_runs(struct nand *nand, struct decoding *decoding, uint64_t units, tick_t granted)
{
    uint64_t failed = 0;
    for (struct run_walk walk = run_walk_begin(&nand->timing, units); walk.left != 0;) {
        run_walk_next(&walk);
        for (uint32_t i = 0; i < walk.length; i++)
            failed |= decode_unit(nand, decoding, UINT64_C(1) << (walk.first + i), granted + run_arrival(&walk, i));
    }
    return failed;
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
        .channel = op->backend.die->channel,
        .table = ecc_table(&nand->ecc, bin, op->backend.step),
        .level = ecc_level(&nand->ecc, op->backend.step),
        .end = arrived,
    };
    if (likely((units & (units - 1)) == 0))
        op->failed_units = decode_unit(nand, &decoding, units, arrived);
    else
        op->failed_units = decode_runs(nand, &decoding, units, arrived - op->backend.bus.duration);
    return decoding.end - arrived;
}
