// The times of a drive's dies, from the configuration: command sequences, transfers, and the arrays' work by mode.
#include "nand/chip/timing.h"

static tick_t by_type(const struct config_times *times, uint32_t type)
{
    return times->at[times->count == 1 ? 0 : type];
}

static struct cell_mode native_mode(const struct nand_config *config, const struct nand_geometry *g)
{
    struct cell_mode mode = {
        .pages_per_row = g->pages_per_row,
        .by_bits = fastdiv_make(g->bits_per_cell),
        .array_erase = config->t_bers,
    };
    for (uint32_t type = 0; type < g->bits_per_cell; type++) {
        mode.array_read[type] = by_type(&config->t_r, type);
        mode.array_program[type] = by_type(&config->t_prog, type);
    }
    return mode;
}

static struct cell_mode slc_mode(const struct nand_config *config)
{
    return (struct cell_mode){
        .pages_per_row = 1,
        .by_bits = fastdiv_make(1),
        .array_read = {config->slc_t_r},
        .array_program = {config->slc_t_prog},
        .array_erase = config->slc_t_bers,
    };
}

struct cell_mode cell_mode_make(const struct nand_config *config, const struct nand_geometry *g, enum nand_mode mode)
{
    return mode == NAND_SLC ? slc_mode(config) : native_mode(config, g);
}

static void tabulate_units(struct chip_timing *timing, const struct nand_config *config,
                           const struct nand_geometry *g)
{
    for (uint32_t units = 0; units <= g->units_per_page; units++)
        timing->transfer[units] = nand_transfer_time(config, (uint64_t)units * timing->unit_bytes);
    for (uint32_t unit = 0; unit < g->units_per_multi_page; unit++)
        timing->plane_of[unit] = (uint8_t)(unit / g->units_per_page);
}

struct chip_timing chip_timing_make(const struct nand_config *config, const struct nand_geometry *g,
                                    uint32_t unit_bytes)
{
    struct chip_timing timing = {
        .read_data = nand_sequence_time(config, SEQUENCE_READ_DATA, 1).bus,
        .next_column = nand_sequence_time(config, SEQUENCE_NEXT_COLUMN, 1).bus,
        .next_plane = nand_sequence_time(config, SEQUENCE_NEXT_PLANE, 1).bus,
        .program_first = nand_sequence_time(config, SEQUENCE_PROGRAM, 1),
        .program_next = nand_sequence_time(config, SEQUENCE_PROGRAM_NEXT, 1),
        .copy_program = nand_sequence_time(config, SEQUENCE_COPY_PROGRAM, g->planes),
        .erase_command = nand_sequence_time(config, SEQUENCE_ERASE, g->planes),
        .suspend_command = nand_sequence_time(config, SEQUENCE_SUSPEND, 1),
        .page_mask = UINT64_MAX >> (64 - g->units_per_page),
        .unit_bytes = unit_bytes,
        .units_per_page = g->units_per_page,
    };
    for (uint32_t planes = 1; planes <= g->planes; planes++)
        timing.read_command[planes] = nand_sequence_time(config, SEQUENCE_READ, planes);
    for (unsigned mode = 0; mode < NAND_MODE_COUNT; mode++)
        timing.modes[mode] = cell_mode_make(config, g, mode);
    tabulate_units(&timing, config, g);
    return timing;
}
