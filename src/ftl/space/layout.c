// The table of blocks.
#include "ftl/space/layout.h"

#include <stdlib.h>

#include "util/alloc.h"

void layout_init(struct layout *layout, const struct nand_geometry *geometry)
{
    *layout = (struct layout){.geometry = geometry};
}

void layout_destroy(struct layout *layout)
{
    free(layout->blocks);
}

static void make_table(struct layout *layout)
{
    const struct nand_geometry *g = layout->geometry;
    layout->blocks = xmalloc((size_t)g->blocks * g->dies * sizeof *layout->blocks);
    for (uint32_t s = 0; s < g->blocks; s++)
        for (uint32_t die = 0; die < g->dies; die++)
            layout->blocks[(uint64_t)s * g->dies + die] = s;
}

void layout_exchange(struct layout *layout, uint32_t a, uint32_t b, uint32_t die)
{
    if (layout->blocks == NULL)
        make_table(layout);
    uint32_t *of_a = &layout->blocks[(uint64_t)a * layout->geometry->dies + die];
    uint32_t *of_b = &layout->blocks[(uint64_t)b * layout->geometry->dies + die];
    uint32_t block = *of_a;
    *of_a = *of_b;
    *of_b = block;
}

ppn_t layout_place_slow(const struct layout *layout, ppn_t ppn)
{
    struct nand_address at = nand_locate(layout->geometry, ppn);
    at.block = layout_block(layout, at.block, at.die);
    return nand_unit_at(layout->geometry, at);
}
