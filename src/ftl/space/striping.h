// How data in sequence are laid over dies that are filled together.
//
// A word line is programmed at once, all its pages on all planes (a program unit). Unless data are striped, those in
// sequence fill one program unit after the other, so that a few hundred kilobytes lie on one or two dies. To stripe
// them, the program units of several dies, a *stripe*, are buffered as a whole, and consecutive pages go round the dies
// before the next page of the word line begins (superpages; the orders of Hu et al., "Performance Impact and Interplay
// of SSD Parallelism through Advanced Commands, Allocation Strategy and Data Granularity", ICS 2011).
//
// Within a stripe of w dies, in the order in which the allocation gives them, let `group` of them get a page each
// before the next plane. Then the pages of one plane, in order, are numbered
//
//   page, group of dies, plane, die of the group        the last the fastest
//
// group = 1: plane first, whole multi-plane pages; group = w: the plane after all dies; between: as many dies as there
// are channels (or as many as a channel has, when the allocation goes by ways first).
#ifndef SQTAIL_FTL_SPACE_STRIPING_H
#define SQTAIL_FTL_SPACE_STRIPING_H

#include <stdint.h>

#include "nand/geometry.h"
#include "util/macros.h"

struct striping {
    uint32_t dies; // of a stripe; 1: not striped
    uint32_t group;
};

// Where the k-th unit of a stripe of `width` dies goes: returns its number in the program unit of the die that is the
// stripe's `member`.
static inline uint32_t striping_place(const struct striping *striping, const struct nand_geometry *g, uint32_t width,
                                      uint32_t k, uint32_t *member)
{
    *member = 0;
    if (width == 1)
        return k;
    uint32_t unit, of_page, in_group, row = width * g->planes;
    uint32_t page = (uint32_t)fastdiv_split(k, &g->by_units_per_page, &unit);
    of_page = page % row;
    uint32_t first = of_page / (striping->group * g->planes) * striping->group;
    uint32_t group = MIN(striping->group, width - first);
    in_group = of_page - first * g->planes;
    *member = first + in_group % group;
    return (page / row * g->planes + in_group / group) * g->units_per_page + unit;
}

// The inverse: which unit of the stripe lies at `number` of the program unit of its `member`.
static inline uint32_t striping_index(const struct striping *striping, const struct nand_geometry *g, uint32_t width,
                                      uint32_t member, uint32_t number)
{
    uint32_t unit, plane, first = member / striping->group * striping->group;
    uint32_t group = MIN(striping->group, width - first);
    uint32_t page = (uint32_t)fastdiv_split(fastdiv_split(number, &g->by_units_per_page, &unit), &g->by_planes, &plane);
    uint32_t before = page * width * g->planes + first * g->planes + plane * group + member - first;
    return before * g->units_per_page + unit;
}

#endif
