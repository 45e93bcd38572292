// The back-end's parts, as those see them who join them: operations' rows, decoders, the read ladder, reconstruction.
// What lies below (channel.h, die.h, suspend.h, phase.h) does not.
#ifndef SQTAIL_NAND_CONTROL_CONTROL_H
#define SQTAIL_NAND_CONTROL_CONTROL_H

#include "nand/chip/block.h"
#include "nand/chip/timing.h"
#include "nand/chip/variation.h"
#include "nand/control/die.h"
#include "nand/nand_stats.h"
#include "nand/raid.h"
#include "stats/strip.h"
#include "util/pool.h"

// What is counted over time.
enum nand_count { NAND_COUNT_HOST_PROGRAMS, NAND_COUNT_COPY_PROGRAMS, NAND_COUNT_ERASES, NAND_COUNT_RETRIES };

struct nand {
    struct sim *sim;
    struct nand_config config;
    struct nand_geometry geometry;
    struct raid_layout raid;
    struct chip_timing timing;
    struct blocks blocks;
    struct ecc ecc;
    struct variation variations[NAND_KIND_COUNT]; // of tR, tPROG, tBERS; of folding on the die, its tPROG
    struct die_rules rules;
    struct nand_channel *channels;
    struct nand_die *dies;
    uint64_t error_key;  // of the quantiles of codewords
    struct pool members; // reads of stripe members
    uint64_t outstanding;
    struct holding *holdings; // of the dies, then of the channels; NULL: nobody asks
    struct nand_stats stats;
    struct ecc_stats ecc_stats;
    struct raid_stats raid_stats;
    struct wear_stats wear_stats;
    struct meter channel_meter;
    struct strip counts[NAND_COUNT_RETRIES + 1];
};

static inline struct nand *op_nand(const struct nand_op *op)
{
    return op->backend.die->nand;
}

// A read or an erase goes by the mode of its block. That is far away, and looked at only when blocks differ.
static inline void op_find_mode(struct nand_op *op)
{
    op->mode = unlikely(op_nand(op)->blocks.modes_differ) ? op->backend.block_state->mode : NAND_NATIVE;
}

static inline const struct cell_mode *op_cells(const struct nand_op *op)
{
    return &op_nand(op)->timing.modes[op->mode];
}

// What the array takes this time for that part of the operation which is of the kind given, at its word line.
static inline tick_t op_array_time_of(const struct nand_op *op, enum nand_kind kind, uint32_t block, uint32_t line,
                                      tick_t mean)
{
    const struct nand *nand = op_nand(op);
    const struct variation *variation = &nand->variations[kind];
    if (likely(variation->spread == 0))
        return mean;
    struct array_site site = {
        .die = op->backend.die->index,
        .block = block,
        .line = line,
        .when = sim_now(nand->sim),
    };
    return variation_of_time(variation, mean, &site);
}

static inline tick_t op_array_time(const struct nand_op *op, tick_t mean)
{
    uint32_t block = op->backend.block;
    return op_array_time_of(op, op->kind, block, op->kind == NAND_ERASE ? block : op->backend.row, mean);
}

// Of kinds that work at all planes.
static inline void op_set_all_planes(struct nand_op *op)
{
    op->backend.plane_count = op_nand(op)->geometry.planes;
    op->backend.planes = (1u << op->backend.plane_count) - 1;
}

#endif
