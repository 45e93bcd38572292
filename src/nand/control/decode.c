// Decoding: codewords reach the channel's decoders in the order in which their data come over the bus, which is fixed
// when the bus is granted, so that decoders are reserved, and who reads several units is told of each, at the same moment.
//
// Errors have a memory: how bad a codeword is among all of its error rate, its quantile, is a hash of the place, the
// erases that the block has had, and the run's seed. So it has the same errors whenever it is read at the same rate,
// more when the rate has grown, fewer at a step of the read ladder that lowers it; and what cannot be read stays so
// until it is written anew. Left out: the small part that is drawn anew with each sensing (random telegraph noise).
#include "nand/control/decode.h"

#include "nand/control/control.h"
#include "nand/control/runs.h"
#include "util/rng.h"

// What decoding one page goes by.
struct decoding {
    struct timeline *decoders;
    uint32_t decoder_count; // 0: there is always one
    const struct binomial_table *table;
    const struct ecc_time *times;
    uint32_t capability;
    uint32_t codewords; // of a unit
    tick_t takes;       // of a unit on the bus
    uint64_t key;       // of the page's first codeword
    tick_t end;         // the latest so far
    struct ecc_stats *stats;
};

static inline struct timeline *next_decoder(const struct decoding *decoding)
{
    struct timeline *best = decoding->decoders;
    for (uint32_t i = 1; i < decoding->decoder_count; i++)
        if (decoding->decoders[i].free_at < best->free_at)
            best = &decoding->decoders[i];
    return best;
}

// The codeword `index` of the page arrives at `arrival`. Returns whether it was given up.
static inline bool decode_codeword(struct decoding *decoding, uint32_t index, tick_t arrival)
{
    uint32_t errors = binomial_quantile(decoding->table, rng_mix(decoding->key + index));
    bool failed = errors > decoding->capability;
    if (unlikely(failed)) {
        decoding->stats->failed_codewords++;
        errors = decoding->capability + 1;
    } else {
        decoding->stats->corrected_bits += errors;
    }
    decoding->stats->codewords++;
    const struct ecc_time *time = &decoding->times[errors];
    if (decoding->decoder_count > 0)
        arrival = timeline_reserve(next_decoder(decoding), arrival, time->occupancy);
    decoding->end = MAX(decoding->end, arrival + time->latency);
    return failed;
}

// The page's unit `unit` has come at `arrived`. Returns its bit when it could not be decoded, else 0.
static inline __attribute__((always_inline)) uint64_t decode_unit(struct decoding *decoding, uint32_t unit,
                                                                  tick_t arrived)
{
    uint32_t codewords = decoding->codewords;
    if (likely(codewords == 1))
        return unlikely(decode_codeword(decoding, unit, arrived)) ? UINT64_C(1) << unit : 0;
    bool failed = false;
    for (uint32_t i = 0; i < codewords; i++) {
        tick_t since = decoding->takes - decoding->takes * (i + 1) / codewords;
        failed |= decode_codeword(decoding, unit * codewords + i, arrived - since);
    }
    return failed ? UINT64_C(1) << unit : 0;
}

// Units that are decoded, in order of time.
struct arrivals {
    struct nand_arrival at[MULTI_PAGE_UNITS_MAX];
    uint32_t count;
};

// Decoders overtake each other, by a little.
static inline void note_arrival(struct arrivals *arrivals, tick_t when, uint32_t unit)
{
    uint32_t place = arrivals->count++;
    for (; place > 0 && arrivals->at[place - 1].when > when; place--)
        arrivals->at[place] = arrivals->at[place - 1];
    arrivals->at[place] = (struct nand_arrival){when, unit};
}

static inline void tell(struct nand_op *op, const struct arrivals *arrivals)
{
    if (arrivals->count > 0)
        op->coming(op, arrivals->at, arrivals->count);
}

// The page's units come from `granted` on; without a code they are there then.
static __attribute__((noinline)) uint64_t decode_runs(struct decoding *decoding, struct nand_op *op, tick_t granted)
{
    struct arrivals arrivals;
    bool told = op->coming != NULL;
    uint64_t failed = 0;
    tick_t end = decoding->end;
    arrivals.count = 0;
    for (struct run_walk walk = run_walk_begin(&op_nand(op)->timing, op); walk.left != 0;) {
        run_walk_next(&walk);
        for (uint32_t i = 0; i < walk.length; i++) {
            tick_t arrival = decoding->end = granted + run_arrival(&walk, i);
            uint64_t lost = decoding->table == NULL ? 0 : decode_unit(decoding, walk.first + i, arrival);
            failed |= lost;
            end = MAX(end, decoding->end);
            if (told && lost == 0)
                note_arrival(&arrivals, decoding->end, walk.first + i);
        }
    }
    decoding->end = end;
    tell(op, &arrivals);
    return failed;
}

// Of a page of one unit.
static __attribute__((noinline)) void tell_one(struct nand_op *op, tick_t when)
{
    struct nand_arrival arrival = {when, (uint32_t)__builtin_ctzll(op->backend.coming)};
    op->coming(op, &arrival, 1);
}

static uint64_t page_key(const struct nand *nand, const struct nand_op *op)
{
    uint64_t page = fastdiv_quotient(op->at.n, &nand->geometry.by_multi_page);
    uint64_t first = page * nand->geometry.units_per_multi_page * nand->ecc.codewords_per_unit;
    return first + rng_mix(nand->error_key + block_cycle(op->backend.block_state));
}

static struct decoding decoding_of(struct nand *nand, const struct nand_op *op)
{
    uint32_t bin = block_read(&nand->blocks, op->backend.block_state), level = ecc_level(&nand->ecc, op->backend.step);
    return (struct decoding){
        .decoders = op->backend.die->channel->decoders,
        .decoder_count = nand->config.ecc.decoders_per_channel,
        .table = ecc_table(&nand->ecc, bin, op->backend.step),
        .times = nand->ecc.times[level],
        .capability = nand->ecc.code.capability[level],
        .codewords = nand->ecc.codewords_per_unit,
        .takes = nand->timing.transfer[1],
        .key = page_key(nand, op),
        .stats = &nand->ecc_stats,
    };
}

static uint64_t decode_page(struct decoding *decoding, struct nand_op *op, tick_t arrived)
{
    uint64_t units = op->backend.coming;
    if (unlikely((units & (units - 1)) != 0))
        return decode_runs(decoding, op, arrived - op->backend.bus.duration);
    uint64_t failed = decode_unit(decoding, (uint32_t)__builtin_ctzll(units), arrived);
    if (unlikely(op->coming != NULL) && failed == 0)
        tell_one(op, decoding->end);
    return failed;
}

tick_t decode(struct nand_op *op, tick_t arrived)
{
    struct nand *nand = op_nand(op);
    struct decoding decoding = {.end = arrived};
    if (nand->ecc.active) {
        decoding = decoding_of(nand, op);
        decoding.end = arrived;
        op->failed_units |= decode_page(&decoding, op, arrived);
    } else if (op->coming != NULL) {
        decode_runs(&decoding, op, arrived - op->backend.bus.duration);
    }
    return MAX(op->backend.decoded, decoding.end);
}
