// Blocks: wear, reads since the last erase, and the error rate that follows from both.
//
// The state is that of the blocks of one number on all planes of a die: they are written and erased together, and
// their reads are taken as spread evenly (assumption).
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
        .pages = config->pages_per_block,
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

static uint16_t bin_of(const struct blocks *blocks, uint32_t pe_cycles, bool aged, uint64_t reads)
{
    double rber = rber_of_block(&blocks->reliability, pe_cycles, aged, reads, blocks->pages);
    return (uint16_t)ecc_bin(blocks->ecc, rber);
}

static uint16_t known_bin(struct blocks *blocks, uint32_t pe_cycles, bool aged, uint64_t reads)
{
    struct known_rate *known = &blocks->known[rng_mix(reads ^ (uint64_t)pe_cycles << 32) % KNOWN_RATES];
    bool same = known->valid && known->reads == reads && known->pe_cycles == pe_cycles && known->aged == aged;
    if (!same)
        *known = (struct known_rate){reads, pe_cycles, bin_of(blocks, pe_cycles, aged, reads), aged, true};
    return known->bin;
}

static void refresh(struct blocks *blocks, struct block_state *block)
{
    uint32_t pe_cycles = blocks->reliability.initial_pe_cycles + block->erases;
    block->bin = known_bin(blocks, pe_cycles, block->aged, block->reads / blocks->planes);
    block->refresh_at = block->reads + MAX(block->reads >> REFRESH_SHIFT, (uint64_t)REFRESH_LEAST);
}

uint32_t block_read(struct blocks *blocks, struct block_state *block, uint32_t planes)
{
    if (unlikely(block->reads >= block->refresh_at))
        refresh(blocks, block);
    block->reads += planes;
    return block->bin;
}

void block_touch(const struct blocks *blocks, struct block_state *state, uint32_t block)
{
    uint32_t rows = blocks->rows[block].prepared;
    *state = (struct block_state){.next_row = rows, .aged = rows > 0, .touched = true};
}

void block_erased(struct blocks *blocks, struct block_state *state, uint32_t block)
{
    *state = (struct block_state){.erases = state->erases + 1, .touched = true};
    blocks->rows[block].erases++;
}

void blocks_prepare(struct blocks *blocks, uint32_t block, uint32_t rows)
{
    blocks->rows[block] = (struct block_row){.prepared = rows};
}

struct wear {
    uint32_t least, most;
    uint64_t sum;
};

static void add(struct wear *wear, uint32_t erases)
{
    wear->least = MIN(wear->least, erases);
    wear->most = MAX(wear->most, erases);
}

// Blocks of a number that no die has erased need no look at each.
struct wear_stats blocks_wear(const struct blocks *blocks)
{
    struct wear wear = {.least = UINT32_MAX};
    for (uint32_t block = 0; block < blocks->per_die; block++) {
        wear.sum += blocks->rows[block].erases;
        if (blocks->rows[block].erases == 0)
            add(&wear, 0);
        for (uint32_t die = 0; die < blocks->dies && blocks->rows[block].erases > 0; die++)
            add(&wear, block_of(blocks, die, block)->erases);
    }
    uint64_t initial = blocks->reliability.initial_pe_cycles;
    return (struct wear_stats){
        .pe_min = initial + wear.least,
        .pe_max = initial + wear.most,
        .pe_mean = (double)initial + (double)wear.sum / ((double)blocks->dies * blocks->per_die),
    };
}
