// What a die takes for each piece of an operation, tabulated when the drive is built.
#ifndef SQTAIL_NAND_CHIP_TIMING_H
#define SQTAIL_NAND_CHIP_TIMING_H

#include "nand/chip/parts.h"
#include "nand/chip/sequence.h"
#include "nand/nand.h"

// A mode in which blocks are written: bits a cell, what one program command writes, and what the array takes for it.
struct cell_mode {
    uint32_t pages_per_row; // pages a plane that one program command writes
    struct fastdiv by_bits; // bits a cell, which is how many page types there are
    tick_t array_read[PAGE_TYPES_MAX], array_program[PAGE_TYPES_MAX]; // by page type
    tick_t array_erase;
};

struct chip_timing {
    struct sequence_time read_command[PLANES_LIMIT + 1]; // by planes
    tick_t read_data, next_column, next_plane;
    struct sequence_time program_first, program_next, copy_program, erase_command, suspend_command;
    tick_t transfer[MULTI_PAGE_UNITS_MAX + 1]; // by units of one page, parity included
    uint8_t plane_of[MULTI_PAGE_UNITS_MAX];
    uint64_t page_mask;                        // of plane 0's units
    uint32_t unit_bytes;                       // of one unit on the channel, parity included
    uint32_t units_per_page;
    struct cell_mode modes[NAND_MODE_COUNT];
};

struct cell_mode cell_mode_make(const struct nand_config *config, const struct nand_geometry *geometry,
                                enum nand_mode mode);

// The page type, 0 (LSB) to bits a cell - 1, of the page `page` of row `row`.
static inline uint32_t page_type(const struct cell_mode *mode, uint32_t row, uint32_t page)
{
    uint32_t type = page;
    if (mode->pages_per_row == 1)
        fastdiv_split(row, &mode->by_bits, &type);
    return type;
}

// `unit_bytes`: what a unit has on the channel.
struct chip_timing chip_timing_make(const struct nand_config *config, const struct nand_geometry *geometry,
                                    uint32_t unit_bytes);

#endif
