// Reads: command cycles, tR, data out, decoding; and, when decoding fails, the further steps of the read ladder.
//
// The die is held until its last data are on the channel, because they lie in its page register; decoding goes on
// without it. Codewords reach the channel's decoders in the order in which their data come over the bus, which is
// fixed when the bus is granted, so that decoders are reserved at the same moment. A unit's codewords are decoded
// one after the other from the moment the whole unit has arrived.
//
// The ladder takes the sum of tR + tX + tDEC over its steps: step 0 is the read itself; then ecc.retry_steps reads
// with shifted reference voltages; then, for codes that use them, soft steps, each of which senses twice (one strobe
// on either side) and transfers one page of soft bits (assumption; LDPC-in-SSD, FAST 2013, senses progressively too).
// A step reads only the units that are still wrong and goes to the head of its die's queue.
#include "nand/control/internal.h"

enum { SOFT_STROBES = 2 };

static void enter(struct nand_op *op, enum stage stage, tick_t when)
{
    if (likely(op->backend.step == 0)) // the rest of the ladder is one stage
        breakdown_enter(&op->path, stage, when);
}

static tick_t array_time(const struct nand *nand, const struct nand_op *op)
{
    uint32_t step = op->backend.step;
    if (step > nand->config.ecc.retry_steps)
        return SOFT_STROBES * nand->config.ecc.t_sense;
    tick_t t_r = nand->array_read[nand_page_type(&nand->geometry, op->backend.row, op->backend.page)];
    return unlikely(step > 0) ? t_r + nand->config.ecc.t_retry : t_r;
}

static inline bool one_unit(uint64_t units)
{
    return (units & (units - 1)) == 0;
}

static uint32_t planes_of(const struct nand *nand, uint64_t units)
{
    if (likely(one_unit(units)))
        return 1;
    uint32_t planes = 0;
    for (; units != 0; units = nand->geometry.units_per_page < 64 ? units >> nand->geometry.units_per_page : 0)
        planes += (units & nand->page_mask) != 0;
    return planes;
}

// Walks the data of a read as they come over the bus: after each call, `passed` is when the next unit has arrived,
// counted from when the bus was granted.
struct data_walk {
    const struct nand *nand;
    uint64_t left;     // units still to come
    uint32_t last;     // the unit before; any when none was
    uint32_t run;      // units of one run that have come without a column change between
    tick_t run_start;
    tick_t passed;
};

static struct data_walk data_walk_begin(const struct nand *nand, uint64_t units)
{
    return (struct data_walk){.nand = nand, .left = units, .run_start = nand->read_data};
}

static uint32_t data_walk_next(struct data_walk *walk)
{
    const struct nand_geometry *g = &walk->nand->geometry;
    uint32_t unit = (uint32_t)__builtin_ctzll(walk->left);
    if (walk->run > 0) {
        const struct fastdiv *by_page = &g->by_units_per_page;
        bool same_plane = fastdiv_quotient(unit, by_page) == fastdiv_quotient(walk->last, by_page);
        if (!same_plane || unit != walk->last + 1) {
            walk->run_start = walk->passed + (same_plane ? walk->nand->next_column : walk->nand->next_plane);
            walk->run = 0;
        }
    }
    walk->run++;
    walk->last = unit;
    walk->left &= walk->left - 1;
    walk->passed = walk->run_start + walk->nand->transfer[walk->run];
    return unit;
}

static tick_t data_time(struct nand *nand, uint64_t units)
{
    if (likely(one_unit(units))) {
        nand->stats.bytes_out += nand->transfer_bytes;
        return nand->read_data + nand->transfer[1];
    }
    struct data_walk walk = data_walk_begin(nand, units);
    while (walk.left != 0) {
        data_walk_next(&walk);
        nand->stats.bytes_out += nand->transfer_bytes;
    }
    return walk.passed;
}

static struct timeline *next_decoder(struct nand *nand, struct nand_channel *channel)
{
    struct timeline *best = &channel->decoders[0];
    for (uint32_t i = 1; i < nand->config.ecc.decoders_per_channel; i++)
        if (channel->decoders[i].free_at < best->free_at)
            best = &channel->decoders[i];
    return best;
}

// One codeword arrives at `arrival`. Returns when it has been decoded, or given up, which *failed tells.
static tick_t decode_codeword(struct nand *nand, struct nand_channel *channel, const struct binomial_table *table,
                              uint32_t level, tick_t arrival, bool *failed)
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

// Decodes what comes over the bus from `start` to `end`; leaves what failed in op->failed_units. Returns when all is
// done.
static tick_t decode(struct nand *nand, struct nand_op *op, tick_t start, tick_t end)
{
    uint32_t bin = block_read(nand, op_block(op), planes_of(nand, op->backend.units));
    struct decoding decoding = {
        .channel = op_die(op)->channel,
        .table = ecc_table(&nand->ecc, bin, op->backend.step),
        .level = ecc_level(&nand->ecc, op->backend.step),
        .end = end,
    };
    uint64_t failed = 0;
    if (likely(one_unit(op->backend.units))) {
        failed = decode_unit(nand, &decoding, op->backend.units, end);
    } else {
        struct data_walk walk = data_walk_begin(nand, op->backend.units);
        while (walk.left != 0) {
            uint32_t unit = data_walk_next(&walk);
            failed |= decode_unit(nand, &decoding, UINT64_C(1) << unit, start + walk.passed);
        }
    }
    op->failed_units = failed;
    return decoding.end;
}

static void next_step(struct nand *nand, struct nand_op *op)
{
    nand->ecc_stats.retried_reads += op->backend.step == 0;
    enter(op, STAGE_RETRY, sim_now(nand->sim));
    op->backend.step++;
    *(op->backend.step > nand->ecc.retry_steps ? &nand->ecc_stats.soft_steps : &nand->ecc_stats.retry_steps) += 1;
    op->backend.units = op->failed_units;
    die_submit(op_die(op), op, true);
}

static void recover(struct nand *nand, struct nand_op *op)
{
    if (op->backend.step < nand->ecc.last_step) {
        next_step(nand, op);
        return;
    }
    nand->ecc_stats.uncorrectable_reads++;
    op->status = NAND_UNCORRECTABLE;
    if (nand->raid.enabled && op->backend.parent == NULL)
        reconstruct_start(nand, op);
    else
        nand_finish(nand, op);
}

static void read_decoded(void *context)
{
    struct nand_op *op = context;
    struct nand *nand = op_die(op)->nand;
    if (unlikely(op->failed_units != 0))
        recover(nand, op);
    else
        nand_finish(nand, op);
}

static void data_granted(struct nand_die *die)
{
    struct nand_op *op = die->op;
    struct nand *nand = die->nand;
    tick_t now = sim_now(nand->sim), end = now + die->request.duration;
    enter(op, STAGE_TRANSFER, now);
    enter(op, STAGE_ECC, end);
    die_release(die, end);
    if (nand->ecc.active)
        end = decode(nand, op, now, end);
    if (end == now)
        read_decoded(op);
    else
        sim_at(nand->sim, end, read_decoded, op);
}

// The array is ready: the page lies in the die's register.
static void read_ready(void *context)
{
    struct nand_die *die = context;
    enter(die->op, STAGE_CHANNEL_WAIT, sim_now(die->nand->sim));
    tick_t duration = data_time(die->nand, die->op->backend.units);
    enum bus_class class = die->op->source == NAND_HOST ? BUS_HOST_DATA : BUS_DATA;
    channel_request(&die->request, die, class, duration, data_granted);
}

static void command_granted(struct nand_die *die)
{
    struct nand_op *op = die->op;
    struct nand *nand = die->nand;
    tick_t now = sim_now(nand->sim);
    const struct sequence_time *command = &nand->read_command[planes_of(nand, op->backend.units)];
    tick_t array = now + command->bus + command->die;
    enter(op, STAGE_NAND_COMMAND, now);
    enter(op, STAGE_ARRAY, array);
    sim_at(nand->sim, array + array_time(nand, op), read_ready, die);
}

void read_start(struct nand_op *op)
{
    struct nand_die *die = op_die(op);
    struct nand *nand = die->nand;
    SIM_CHECK(nand->sim, "nand", op->backend.row < op_block(op)->next_row, "die %u, block %u: row %u holds no data",
              die->index, op->backend.block, op->backend.row);
    uint32_t planes = planes_of(nand, op->backend.units);
    nand->stats.multi_plane_reads += planes > 1 && op->backend.step == 0;
    enter(op, STAGE_CHANNEL_WAIT, sim_now(nand->sim));
    channel_request(&die->request, die, BUS_COMMAND, nand->read_command[planes].bus, command_granted);
}
