// A geometry from the configuration, and its derived numbers.
#include "nand/geometry.h"

#include "nand/nand_config.h"

void nand_geometry_derive(struct nand_geometry *g)
{
    g->units_per_multi_page = g->planes * g->units_per_page;
    g->units_per_program = g->pages_per_row * g->units_per_multi_page;
    g->programs_per_superblock = g->rows * g->dies;
    g->units_per_superblock = g->programs_per_superblock * g->units_per_program;
    g->units = (uint64_t)g->blocks * g->units_per_superblock;
    g->by_units_per_page = fastdiv_make(g->units_per_page);
    g->by_planes = fastdiv_make(g->planes);
    g->by_pages_per_row = fastdiv_make(g->pages_per_row);
    g->by_dies = fastdiv_make(g->dies);
    g->by_rows = fastdiv_make(g->rows);
    g->by_channels = fastdiv_make(g->channels);
    g->by_multi_page = fastdiv_make(g->units_per_multi_page);
    g->by_program = fastdiv_make(g->units_per_program);
    g->by_superblock = fastdiv_make(g->units_per_superblock);
}

struct nand_geometry nand_geometry_make(const struct nand_config *config)
{
    uint32_t bits = config->cell + 1;
    uint32_t pages_per_row = config->program_mode == PROGRAM_ONE_SHOT ? bits : 1;
    struct nand_geometry geometry = {
        .channels = config->channels,
        .dies = config->channels * config->dies_per_channel,
        .planes = config->planes_per_die,
        .blocks = config->blocks_per_plane,
        .rows = config->pages_per_block / pages_per_row,
        .pages_per_row = pages_per_row,
        .bits_per_cell = bits,
        .units_per_page = (uint32_t)(config->page_size / config->unit_bytes),
        .unit_bytes = config->unit_bytes,
        .page_bytes = (uint32_t)config->page_size,
    };
    nand_geometry_derive(&geometry);
    return geometry;
}
