// How a drive's flash is divided, and how a physical unit's number tells where it lies.
//
// A *unit* is the FTL's mapping unit, 4 KiB by default; several make a NAND page. All dies' blocks of one number make
// a *superblock*, the unit of erasing and garbage collection. What one program command writes on one die is a *program
// unit*: in one-shot mode a whole word line of all planes (TLC: 3 pages on each), else one page of all planes. A
// block holds `rows` of them, programmed in order. Physical units are numbered so that a program unit's are
// consecutive, and, within, those of each multi-plane page:
//
//   ppn = ((((block * rows + row) * dies + die) * pages_per_row + page) * planes + plane) * units_per_page + unit
//
// Dies are numbered channel first: die d is on channel d % channels (ONFI 5.1, section 3: a die is a LUN).
#ifndef SQTAIL_NAND_GEOMETRY_H
#define SQTAIL_NAND_GEOMETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "util/fastdiv.h"

// A physical unit: where something lies in the flash. Not a page number: there are several units to a page.
typedef struct {
    uint64_t n;
} ppn_t;

enum { MULTI_PAGE_UNITS_MAX = 64, PAGE_TYPES_MAX = 4 };

#define NAND_UNITS_MAX ((UINT64_C(1) << 40) - 2)

struct nand_geometry {
    uint32_t channels;
    uint32_t dies;           // of the whole drive
    uint32_t planes;         // a die
    uint32_t blocks;         // a plane; also superblocks of the drive
    uint32_t rows;           // program units of a block
    uint32_t pages_per_row;  // pages a plane that one program command writes: bits a cell in one-shot mode, else 1
    uint32_t bits_per_cell;  // page types: 1 SLC, 2 MLC, 3 TLC, 4 QLC
    uint32_t units_per_page; // of one plane
    uint32_t unit_bytes;
    uint32_t page_bytes; // user data of one plane's page: units_per_page * unit_bytes
    // derived
    uint32_t units_per_multi_page;   // planes * units_per_page, at most MULTI_PAGE_UNITS_MAX
    uint32_t units_per_program;      // pages_per_row * units_per_multi_page
    uint32_t programs_per_superblock; // rows * dies
    uint32_t units_per_superblock;
    uint64_t units; // of the whole drive, at most NAND_UNITS_MAX
    struct fastdiv by_units_per_page, by_planes, by_pages_per_row, by_dies, by_rows, by_channels, by_multi_page,
        by_program, by_superblock;
};

// Where a physical unit lies.
struct nand_address {
    uint32_t block, row, die, page, plane, unit; // page: within its row; unit: within its page
};

// Fills the derived fields from the others, which the configuration has checked.
void nand_geometry_derive(struct nand_geometry *geometry);

static inline struct nand_address nand_locate(const struct nand_geometry *g, ppn_t ppn)
{
    struct nand_address at;
    uint64_t n = fastdiv_split(ppn.n, &g->by_units_per_page, &at.unit);
    n = fastdiv_split(n, &g->by_planes, &at.plane);
    n = fastdiv_split(n, &g->by_pages_per_row, &at.page);
    n = fastdiv_split(n, &g->by_dies, &at.die);
    at.block = (uint32_t)fastdiv_split(n, &g->by_rows, &at.row);
    return at;
}

// Of the whole multi-plane page that holds the unit: plane and unit are left zero.
static inline struct nand_address nand_locate_page(const struct nand_geometry *g, ppn_t ppn)
{
    struct nand_address at;
    at.plane = at.unit = 0;
    uint64_t n = fastdiv_quotient(ppn.n, &g->by_multi_page);
    n = fastdiv_split(n, &g->by_pages_per_row, &at.page);
    n = fastdiv_split(n, &g->by_dies, &at.die);
    at.block = (uint32_t)fastdiv_split(n, &g->by_rows, &at.row);
    return at;
}

static inline ppn_t nand_unit_at(const struct nand_geometry *g, struct nand_address at)
{
    uint64_t n = ((uint64_t)at.block * g->rows + at.row) * g->dies + at.die;
    n = (n * g->pages_per_row + at.page) * g->planes + at.plane;
    return (ppn_t){n * g->units_per_page + at.unit};
}

static inline uint32_t nand_channel_of(const struct nand_geometry *g, uint32_t die)
{
    uint32_t channel;
    fastdiv_split(die, &g->by_channels, &channel);
    return channel;
}

#endif
