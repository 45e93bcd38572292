// Which block of each die belongs to a superblock.
//
// The core numbers physical units by superblock; a superblock has one block on each die. As made, that is the block of
// the superblock's own number on every die, and the number of a unit says where it lies. A block may be exchanged for
// another of its die (a bad block, a die set aside): then a table says which it is, kept from the first exchange on.
#ifndef SQTAIL_FTL_SPACE_LAYOUT_H
#define SQTAIL_FTL_SPACE_LAYOUT_H

#include <stdint.h>

#include "nand/geometry.h"
#include "util/macros.h"

struct layout {
    const struct nand_geometry *geometry;
    uint32_t *blocks; // by superblock and die; NULL: the superblock's number
};

void layout_init(struct layout *layout, const struct nand_geometry *geometry);
void layout_destroy(struct layout *layout);

// Two superblocks exchange their blocks of a die; both are to be free.
void layout_exchange(struct layout *layout, uint32_t a, uint32_t b, uint32_t die);

static inline uint32_t layout_block(const struct layout *layout, uint32_t superblock, uint32_t die)
{
    if (likely(layout->blocks == NULL))
        return superblock;
    return layout->blocks[(uint64_t)superblock * layout->geometry->dies + die];
}

ppn_t layout_place_slow(const struct layout *layout, ppn_t ppn);

// Where in the flash a unit lies that the core knows by `ppn`.
static inline ppn_t layout_place(const struct layout *layout, ppn_t ppn)
{
    return likely(layout->blocks == NULL) ? ppn : layout_place_slow(layout, ppn);
}

#endif
