// Blocks: wear, reads since the last erase, and the error rate that follows from both.
//
// The state is that of the blocks of one number on all planes of a die: they are written and erased together, and
// their reads are taken as spread evenly (assumption).
//
// The rate is a power law, far too dear for every read, and moves slowly: it is computed at a block's first read
// after an erase and then each time the reads have grown by an eighth (at least by 64). Which reads do so depends on
// the block's history alone.
#include "nand/control/internal.h"
#include "nand/chip/rber.h"

enum { REFRESH_SHIFT = 3, REFRESH_LEAST = 64 };

static void refresh(struct nand *nand, struct block_state *block)
{
    const struct reliability_config *config = &nand->config.reliability;
    uint32_t pe_cycles = config->initial_pe_cycles + block->erases;
    uint64_t reads = block->reads / nand->geometry.planes;
    double rber = rber_of_block(config, pe_cycles, block->aged, reads, nand->config.pages_per_block);
    block->bin = (uint16_t)ecc_bin(&nand->ecc, rber);
    block->refresh_at = block->reads + MAX(block->reads >> REFRESH_SHIFT, (uint64_t)REFRESH_LEAST);
}

uint32_t block_read(struct nand *nand, struct block_state *block, uint32_t planes)
{
    if (unlikely(block->reads >= block->refresh_at))
        refresh(nand, block);
    block->reads += planes;
    return block->bin;
}

void block_erased(struct block_state *block)
{
    *block = (struct block_state){.erases = block->erases + 1};
}
