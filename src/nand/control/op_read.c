// Reads: command cycles, tR, data out, plane by plane, decoding.
//
// Each plane's page asks for the channel when the one before has come, so that commands of other dies come in between
// and set their arrays to work. (A die's data can be left and taken up again: Change Read Column Enhanced, ONFI 5.1,
// names die and plane.) Were a burst to hold the channel for the pages of all planes, a command that came just behind
// its beginning would lose as much time as tR, and a slower array, whose commands come a little before, could be the
// faster one.
//
// The die is held until its last data are on the channel, because they lie in its page registers; decoding goes on
// without it. A read is one step of the read ladder (ladder.c): the first, a read-retry step with shifted reference
// voltages, or, for codes that use them, a soft step, which senses twice (one strobe on either side) and transfers one
// page of soft bits (assumption; LDPC-in-SSD, FAST 2013, senses progressively too).
// Left out: cache reads, planes that read independently of each other.
#include "nand/control/control.h"
#include "nand/control/decode.h"
#include "nand/control/runs.h"

enum { SOFT_STROBES = 2 };

static inline bool one_unit(uint64_t units)
{
    return (units & (units - 1)) == 0;
}

static void set_planes(struct nand_op *op)
{
    const struct chip_timing *timing = &op_nand(op)->timing;
    uint64_t units = op->backend.units;
    op->backend.decoded = 0;
    if (likely(one_unit(units))) {
        op->backend.coming = units;
        op->backend.left = 0;
        op->backend.planes = 1u << timing->plane_of[__builtin_ctzll(units)];
        op->backend.plane_count = 1;
        return;
    }
    op->backend.left = units;
    uint32_t planes = 0, count = 0;
    while (units != 0) {
        uint32_t first = (uint32_t)__builtin_ctzll(units), plane = timing->plane_of[first];
        planes |= 1u << plane;
        count++;
        units &= ~(timing->page_mask << plane * timing->units_per_page);
    }
    op->backend.planes = planes;
    op->backend.plane_count = count;
}

static tick_t command_time(struct nand_op *op)
{
    struct nand *nand = op_nand(op);
    nand->stats.multi_plane_reads += op->backend.plane_count > 1 && op->backend.step == 0;
    return nand->timing.read_command[op->backend.plane_count].bus;
}

static tick_t settle_time(const struct nand_op *op)
{
    return op_nand(op)->timing.read_command[op->backend.plane_count].die;
}

static tick_t sense_time(struct nand_op *op)
{
    const struct nand *nand = op_nand(op);
    uint32_t step = op->backend.step;
    op_find_mode(op);
    if (step > nand->config.ecc.retry_steps)
        return SOFT_STROBES * nand->config.ecc.t_sense;
    const struct cell_mode *cells = op_cells(op);
    tick_t t_r = op_array_time(op, cells->array_read[page_type(cells, op->backend.row, op->backend.page)]);
    return unlikely(step > 0) ? t_r + nand->config.ecc.t_retry : t_r;
}

// The next page of what is left begins to come.
static void next_page(const struct chip_timing *timing, struct nand_op *op)
{
    uint32_t plane = timing->plane_of[__builtin_ctzll(op->backend.left)];
    op->backend.coming = op->backend.left & timing->page_mask << plane * timing->units_per_page;
    op->backend.left &= ~op->backend.coming;
}

// Returns what all runs of that page take, and their units.
static tick_t runs_time(const struct chip_timing *timing, const struct nand_op *op, uint32_t *units)
{
    struct run_walk walk = run_walk_begin(timing, op);
    for (*units = 0; walk.left != 0; *units += walk.length)
        run_walk_next(&walk);
    return walk.passed;
}

// The page is in the register by now, so that the state of its block, which is far away, has come as well.
static tick_t page_time(struct nand_op *op)
{
    struct nand *nand = op_nand(op);
    SIM_CHECK(nand->sim, "nand", block_holds(op->backend.block_state, op->backend.row, op->backend.page),
              "die %u, block %u: page %u of row %u holds no data", op->backend.die->index, op->backend.block,
              op->backend.page, op->backend.row);
    if (likely(one_unit(op->backend.units))) {
        nand->stats.bytes_out += nand->timing.unit_bytes;
        return nand->timing.read_data + nand->timing.transfer[1];
    }
    uint32_t units;
    next_page(&nand->timing, op);
    tick_t takes = runs_time(&nand->timing, op, &units);
    nand->stats.bytes_out += (uint64_t)nand->timing.unit_bytes * units;
    return takes;
}

// Returns whether pages of further planes are to come; of the last one decoding is a phase of its own.
static bool pages_left(struct nand_op *op)
{
    if (likely(op->backend.left == 0))
        return false;
    op->backend.decoded = decode(op, sim_now(op_nand(op)->sim) + op->backend.bus.duration);
    return true;
}

static tick_t decoding_time(struct nand_op *op)
{
    return decode(op, op->backend.begun) - op->backend.begun;
}

#define HOLDS (PART_INTERFACE | PART_ARRAY | PART_REGISTER)

enum { COMMAND, SENSE, PAGE, DECODE, END, NEXT_PAGE, LAST_DECODE, LAST_END };

static const struct phase phases[] = {
    [COMMAND] = {AT_BUS, STAGE_NAND_COMMAND, {BUS_COMMAND, BUS_COMMAND}, .takes = command_time},
    [SENSE] = {AT_ARRAY, STAGE_ARRAY, .takes = sense_time, .lead = settle_time},
    [PAGE] = {AT_BUS, STAGE_TRANSFER, {BUS_HOST_DATA, BUS_DATA}, .takes = page_time, .over = pages_left,
              .goes_to = &phases[NEXT_PAGE], .gives = HOLDS},
    [DECODE] = {AT_KNOWN_LENGTH, STAGE_ECC, .takes = decoding_time},
    [END] = {.place = AT_END},
    [NEXT_PAGE] = {AT_BUS, STAGE_TRANSFER, {BUS_HOST_GOES_ON, BUS_GOES_ON}, .takes = page_time, .over = pages_left,
                   .goes_to = &phases[NEXT_PAGE], .gives = HOLDS},
    [LAST_DECODE] = {AT_KNOWN_LENGTH, STAGE_ECC, .takes = decoding_time},
    [LAST_END] = {.place = AT_END},
};

const struct op_kind op_read = {
    .holds = HOLDS,
    .phases = phases,
    .set_planes = set_planes,
};
