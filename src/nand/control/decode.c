// Decoding: codewords reach the channel's decoders in the order in which their data come over the bus, which is fixed
// when the bus is granted, so that decoders are reserved, and who reads several units is told of each, at the same
// moment.
//
// Errors have a memory: how bad a codeword is among all of its error rate, its quantile, is a hash of the place, the
// erases that the block has had, and the run's seed. So it has the same errors whenever it is read at the same rate,
// more when the rate has grown, fewer at a step of the read ladder that lowers it; and what cannot be read stays so
// until it is written anew. Left out: the small part that is drawn anew with each sensing (random telegraph noise).
#include "nand/control/decode.h"

#include "nand/control/control.h"
#include "nand/control/runs.h"
#include "util/rng.h"

// What decoding a page goes by, and what has come of it.
struct decoding {
    struct timeline *decoders;
    uint32_t decoder_count; // 0: there is always one
    const struct binomial_table *table;
    const struct ecc_time *times;
    uint32_t capability;
    uint32_t codewords; // of a unit
    tick_t takes;       // of a unit on the bus
    uint64_t key;       // of the page's first codeword
    uint64_t corrected; // bits
    uint64_t given_up;  // codewords
    uint64_t failed;    // units, a bit each
    tick_t end;         // of the latest
};

static inline struct timeline *next_decoder(const struct decoding *decoding)
{
    struct timeline *best = decoding->decoders;
    for (uint32_t i = 1; i < decoding->decoder_count; i++)
        if (decoding->decoders[i].free_at < best->free_at)
            best = &decoding->decoders[i];
    return best;
}

// The codeword `index` of the page arrives at `arrival`. Returns when it is decoded, or given up.
static inline __attribute__((always_inline)) tick_t decode_codeword(struct decoding *decoding, uint32_t index,
                                                                    tick_t arrival)
{
    uint32_t errors = binomial_quantile(decoding->table, rng_mix(decoding->key + index));
    if (unlikely(errors > decoding->capability)) {
        decoding->given_up++;
        errors = decoding->capability + 1;
    } else {
        decoding->corrected += errors;
    }
    const struct ecc_time *time = &decoding->times[errors];
    if (decoding->decoder_count > 0)
        arrival = timeline_reserve(next_decoder(decoding), arrival, time->occupancy);
    return arrival + time->latency;
}

// The page's unit `unit` has come at `arrived`. Returns when the last of its codewords is done.
static inline __attribute__((always_inline)) tick_t decode_unit(struct decoding *decoding, uint32_t unit,
                                                                tick_t arrived)
{
    uint32_t codewords = decoding->codewords;
    if (likely(codewords == 1))
        return decode_codeword(decoding, unit, arrived);
    tick_t end = arrived;
    for (uint32_t i = 0; i < codewords; i++) {
        tick_t since = decoding->takes - decoding->takes * (i + 1) / codewords;
        tick_t done = decode_codeword(decoding, unit * codewords + i, arrived - since);
        end = MAX(end, done);
    }
    return end;
}

static uint64_t page_key(const struct nand *nand, const struct nand_op *op)
{
    uint64_t page = fastdiv_quotient(op->at.n, &nand->geometry.by_multi_page);
    uint64_t first = page * nand->geometry.units_per_multi_page * nand->ecc.codewords_per_unit;
    return first + rng_mix(nand->error_key + block_cycle(op->backend.block_state));
}

static inline struct decoding begin(struct nand *nand, const struct nand_op *op)
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
    };
}

static inline void count(struct ecc_stats *stats, const struct decoding *decoding, uint32_t units)
{
    stats->codewords += (uint64_t)units * decoding->codewords;
    stats->corrected_bits += decoding->corrected;
    stats->failed_codewords += decoding->given_up;
}

// --- a page of several units ---

// Decoders overtake each other, by a little: the last unit goes before those that are later.
static __attribute__((noinline)) void put_in_order(struct nand_arrivals *arrivals, uint32_t last)
{
    tick_t when = arrivals->when[last];
    uint8_t unit = arrivals->unit[last];
    for (; last > 0 && arrivals->when[last - 1] > when; last--) {
        arrivals->when[last] = arrivals->when[last - 1];
        arrivals->unit[last] = arrivals->unit[last - 1];
    }
    arrivals->when[last] = when;
    arrivals->unit[last] = unit;
}

static inline void tell(struct nand_op *op, struct nand_arrivals *arrivals)
{
    for (uint32_t i = 1; i < arrivals->count; i++)
        if (unlikely(arrivals->when[i] < arrivals->when[i - 1]))
            put_in_order(arrivals, i);
    if (arrivals->count > 0)
        op->coming(op, arrivals);
}

// The units of a run. What of them cannot be decoded is not among the arrivals.
static inline __attribute__((always_inline)) void decode_run(struct decoding *decoding, const struct run_walk *walk,
                                                             tick_t granted, struct nand_arrivals *arrivals)
{
    uint32_t unit = walk->first, end = unit + walk->length, count = arrivals->count;
    const tick_t *transfer = walk->timing->transfer + 1;
    for (tick_t start = granted + walk->start; unit < end; unit++) {
        uint64_t given_up = decoding->given_up;
        tick_t done = decode_unit(decoding, unit, start + *transfer++);
        arrivals->when[count] = done;
        arrivals->unit[count++] = (uint8_t)unit;
        decoding->end = MAX(decoding->end, done);
        if (unlikely(decoding->given_up != given_up)) {
            decoding->failed |= UINT64_C(1) << unit;
            count--;
        }
    }
    arrivals->count = count;
}

// The page's units come from `granted` on.
static inline __attribute__((always_inline)) tick_t decode_runs(struct nand_op *op, tick_t granted,
                                                                struct decoding decoding)
{
    struct nand *nand = op_nand(op);
    struct nand_arrivals arrivals;
    uint32_t units = 0;
    arrivals.count = 0;
    for (struct run_walk walk = run_walk_begin(&nand->timing, op); walk.left != 0; units += walk.length) {
        run_walk_next(&walk);
        decode_run(&decoding, &walk, granted, &arrivals);
    }
    op->failed_units |= decoding.failed;
    count(&nand->ecc_stats, &decoding, units);
    if (op->coming != NULL)
        tell(op, &arrivals);
    return decoding.end;
}

static __attribute__((noinline)) tick_t decode_usual_page(struct nand_op *op, tick_t granted)
{
    struct decoding decoding = begin(op_nand(op), op);
    decoding.codewords = decoding.decoder_count = 1;
    return decode_runs(op, granted, decoding);
}

static __attribute__((noinline)) tick_t decode_any_page(struct nand_op *op, tick_t granted)
{
    return decode_runs(op, granted, begin(op_nand(op), op));
}

// --- a page of one unit ---

static __attribute__((noinline)) void tell_one(struct nand_op *op, tick_t when)
{
    struct nand_arrivals arrivals;
    arrivals.count = 1;
    arrivals.when[0] = when;
    arrivals.unit[0] = (uint8_t)__builtin_ctzll(op->backend.coming);
    op->coming(op, &arrivals);
}

static tick_t decode_one(struct nand_op *op, tick_t arrived)
{
    struct nand *nand = op_nand(op);
    struct decoding decoding = begin(nand, op);
    tick_t end = decode_unit(&decoding, (uint32_t)__builtin_ctzll(op->backend.coming), arrived);
    count(&nand->ecc_stats, &decoding, 1);
    if (unlikely(decoding.given_up > 0))
        op->failed_units |= op->backend.coming;
    else if (unlikely(op->coming != NULL))
        tell_one(op, end);
    return end;
}

// --- without a code: units are there when they have come ---

static tick_t tell_as_they_come(struct nand_op *op, tick_t granted)
{
    struct nand_arrivals arrivals;
    struct run_walk walk = run_walk_begin(&op_nand(op)->timing, op);
    for (arrivals.count = 0; walk.left != 0;) {
        run_walk_next(&walk);
        for (uint32_t i = 0; i < walk.length; i++) {
            arrivals.when[arrivals.count] = granted + run_arrival(&walk, i);
            arrivals.unit[arrivals.count++] = (uint8_t)(walk.first + i);
        }
    }
    tell(op, &arrivals);
    return granted + walk.passed;
}

// A page is decoded by a copy of the code that is made for what most drives have, or by one for all.
static inline tick_t decode_what_comes(struct nand_op *op, tick_t arrived)
{
    const struct nand *nand = op_nand(op);
    tick_t granted = arrived - op->backend.bus.duration;
    if (!nand->ecc.active)
        return op->coming == NULL ? arrived : tell_as_they_come(op, granted);
    if (likely((op->backend.coming & (op->backend.coming - 1)) == 0))
        return decode_one(op, arrived);
    bool usual = nand->ecc.codewords_per_unit == 1 && nand->config.ecc.decoders_per_channel == 1;
    return likely(usual) ? decode_usual_page(op, granted) : decode_any_page(op, granted);
}

tick_t decode(struct nand_op *op, tick_t arrived)
{
    tick_t end = decode_what_comes(op, arrived);
    return MAX(op->backend.decoded, end);
}
