// Blocks: wear, reads since the last erase, and the error rate that follows from both.
//
// The state is that of the blocks of one number on all planes of a die: they are written and erased together, and
// their reads are taken as spread evenly (assumption). A cycle in SLC mode wears them less.
//
// The rate is a power law, far too dear for every read, and moves slowly: it is computed at a block's first read
// after an erase and then each time the reads have grown by an eighth (at least by 64). Which reads do so depends on
// the block's history alone. Blocks of one past have one rate, which is looked for among the last computed first.
#include "nand/chip/block.h"

#include <stdlib.h>

#include "nand/chip/rber.h"
#include "util/alloc.h"
#include "util/rng.h"

enum { REFRESH_SHIFT = 3, REFRESH_LEAST = 64 };

void blocks_init(struct blocks *blocks, const struct nand_config *config, const struct nand_geometry *geometry,
                 const struct ecc *ecc)
{
    *blocks = (struct blocks){
        .dies = geometry->dies,
        .per_die = geometry->blocks,
        .planes = geometry->planes,
        .pages = {[NAND_NATIVE] = config->pages_per_block, [NAND_SLC] = MAX(nand_mode_rows(geometry, NAND_SLC), 1u)},
        .wear = {[NAND_NATIVE] = WEAR_PER_CYCLE,
                 [NAND_SLC] = (uint32_t)(config->reliability.slc_wear * WEAR_PER_CYCLE + 0.5)},
        .reliability = config->reliability,
        .ecc = ecc,
    };
    blocks->bytes = (size_t)blocks->dies * blocks->per_die * sizeof *blocks->states;
    blocks->states = lazy_alloc(blocks->bytes);
    blocks->rows = xcalloc(blocks->per_die, sizeof *blocks->rows);
}

void blocks_destroy(struct blocks *blocks)
{
    lazy_free(blocks->states, blocks->bytes);
    free(blocks->rows);
}

static uint16_t bin_of(const struct blocks *blocks, const struct known_rate *past)
{
    double rber = rber_of_block(&blocks->reliability, past->pe_cycles, past->aged, past->reads,
                                blocks->pages[past->mode]);
    if (past->mode == NAND_SLC)
        rber *= blocks->reliability.slc_rber;
    return (uint16_t)ecc_bin(blocks->ecc, rber);
}

static bool is_same_past(const struct known_rate *a, const struct known_rate *b)
{
    return a->reads == b->reads && a->pe_cycles == b->pe_cycles && a->aged == b->aged && a->mode == b->mode;
}

static uint16_t known_bin(struct blocks *blocks, const struct known_rate *past)
{
    uint64_t key = past->reads ^ (uint64_t)past->pe_cycles << 32 ^ (uint64_t)past->mode << 31;
    struct known_rate *known = &blocks->known[rng_mix(key) % KNOWN_RATES];
    if (!known->valid || !is_same_past(known, past)) {
        *known = *past;
        known->bin = bin_of(blocks, past);
        known->valid = true;
    }
    return known->bin;
}

static void refresh(struct blocks *blocks, struct block_state *block)
{
    struct known_rate past = {
        .reads = block->reads / blocks->planes,
        .pe_cycles = blocks->reliability.initial_pe_cycles + block->worn / WEAR_PER_CYCLE,
        .mode = block->mode,
        .aged = block->aged,
    };
    block->bin = known_bin(blocks, &past);
    block->refresh_at = block->reads + MAX(block->reads >> REFRESH_SHIFT, (uint64_t)REFRESH_LEAST);
}

uint32_t block_read(struct blocks *blocks, struct block_state *block)
{
    if (unlikely(block->reads >= block->refresh_at))
        refresh(blocks, block);
    block->reads++;
    return block->bin;
}

void block_touch(const struct blocks *blocks, struct block_state *state, uint32_t block)
{
    uint32_t rows = blocks->rows[block].prepared;
    *state = (struct block_state){.next_row = rows, .aged = rows > 0, .touched = true};
}

void block_set_mode(struct blocks *blocks, struct block_state *block, enum nand_mode mode)
{
    block->mode = (uint8_t)mode;
    blocks->modes_differ |= mode != NAND_NATIVE;
}

void block_erased(struct blocks *blocks, struct block_state *state, uint32_t block)
{
    uint32_t wear = blocks->wear[state->mode];
    *state = (struct block_state){.worn = state->worn + wear, .touched = true};
    blocks->rows[block].worn += wear;
}

void blocks_prepare(struct blocks *blocks, uint32_t block, uint32_t rows)
{
    blocks->rows[block] = (struct block_row){.prepared = rows};
}

struct wear {
    uint32_t least, most;
    uint64_t sum;
};

static void add(struct wear *wear, uint32_t worn)
{
    wear->least = MIN(wear->least, worn);
    wear->most = MAX(wear->most, worn);
}

// Blocks of a number that no die has erased need no look at each.
struct wear_stats blocks_wear(const struct blocks *blocks)
{
    struct wear wear = {.least = UINT32_MAX};
    for (uint32_t block = 0; block < blocks->per_die; block++) {
        wear.sum += blocks->rows[block].worn;
        if (blocks->rows[block].worn == 0)
            add(&wear, 0);
        for (uint32_t die = 0; die < blocks->dies && blocks->rows[block].worn > 0; die++)
            add(&wear, block_of(blocks, die, block)->worn);
    }
    uint64_t initial = blocks->reliability.initial_pe_cycles;
    return (struct wear_stats){
        .pe_min = initial + wear.least / WEAR_PER_CYCLE,
        .pe_max = initial + wear.most / WEAR_PER_CYCLE,
        .pe_mean = (double)initial + (double)wear.sum / WEAR_PER_CYCLE / ((double)blocks->dies * blocks->per_die),
    };
}
