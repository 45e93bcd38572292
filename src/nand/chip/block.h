// The blocks of all dies: wear, reads, write pointer, error rate.
#ifndef SQTAIL_NAND_CHIP_BLOCK_H
#define SQTAIL_NAND_CHIP_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nand/ecc/ecc.h"
#include "nand/nand_config.h"
#include "nand/nand_stats.h"
#include "util/macros.h"

enum { WEAR_PER_CYCLE = 1024 };

// One die's part of a superblock: a block on each plane. All zeroes: as prepared, and no operation has come to it yet.
struct block_state {
    uint64_t reads;      // page reads since the last erase, of all planes
    uint64_t refresh_at; // reads at which the bin is computed anew
    uint32_t worn;       // by program/erase cycles in the simulation, in WEAR_PER_CYCLE of a native one
    uint32_t next_row;   // rows below hold data
    uint16_t bin;        // of the raw bit error rate
    bool aged;           // its data were placed by preparation
    bool touched;        // all of this holds
    uint8_t mode;        // enum nand_mode, of its first program since the last erase
};

// What is known of the blocks of one number on all dies.
struct block_row {
    uint32_t prepared; // rows that preparation found written
    uint64_t worn;     // in the simulation, of all dies
};

// Error rates that were computed lately: many blocks have the same past.
enum { KNOWN_RATES = 64 };

struct known_rate {
    uint64_t reads; // of a plane
    uint32_t pe_cycles;
    uint16_t bin;
    uint8_t mode;
    bool aged, valid;
};

struct blocks {
    struct block_state *states;      // [die * per_die + block]
    struct block_row *rows;          // [block]
    size_t bytes;
    uint32_t dies, per_die, planes;
    uint32_t pages[NAND_MODE_COUNT]; // of a block
    uint32_t wear[NAND_MODE_COUNT];  // of one program/erase cycle, in WEAR_PER_CYCLE of a native one
    bool modes_differ;               // some block was written in another mode than the native one
    struct reliability_config reliability;
    const struct ecc *ecc;
    struct known_rate known[KNOWN_RATES];
};

void blocks_init(struct blocks *blocks, const struct nand_config *config, const struct nand_geometry *geometry,
                 const struct ecc *ecc);
void blocks_destroy(struct blocks *blocks);

void block_touch(const struct blocks *blocks, struct block_state *state, uint32_t block);

static inline struct block_state *block_of(const struct blocks *blocks, uint32_t die, uint32_t block)
{
    struct block_state *state = &blocks->states[(size_t)die * blocks->per_die + block];
    if (unlikely(!state->touched))
        block_touch(blocks, state, block);
    return state;
}

// Counts a read of a page and returns the bin of the block's error rate.
uint32_t block_read(struct blocks *blocks, struct block_state *block);

static inline bool block_holds(const struct block_state *block, uint32_t row, uint32_t page)
{
    return row < block->next_row && (page == 0 || block->mode == NAND_NATIVE);
}

// Tells the times apart that the block was erased.
static inline uint32_t block_cycle(const struct block_state *block)
{
    return block->worn;
}

// The first program since the last erase decides.
void block_set_mode(struct blocks *blocks, struct block_state *block, enum nand_mode mode);

static inline void block_programmed(struct block_state *block)
{
    block->next_row++;
}

void block_erased(struct blocks *blocks, struct block_state *state, uint32_t block);

// What preparation found on all dies, before any operation: the first `rows` rows of the block written and aged.
void blocks_prepare(struct blocks *blocks, uint32_t block, uint32_t rows);

struct wear_stats blocks_wear(const struct blocks *blocks);

#endif
