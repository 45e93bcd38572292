// Folding on the die: which pages.
//
// A die can make a word line of pages that it holds itself, and of nothing else: it takes them whole, errors and what was
// overwritten included, and the controller sees none of it. So a word line is folded on the die when all units of
// all its pages are valid (US 9 778 863 B2, "System and method for folding partial blocks into multi-level cell memory
// blocks": word lines with only valid data are combined on the chip, the others are copied); a page that is valid in part,
// what a die has left that fills no word line, and what no die can fold at the moment, since the stream's row is
// filled on all dies that have such pages, go by copy.
//
// Each die goes through its rows in order, by itself; the dies take turns. A page belongs to who takes it first.
#include "ftl/move/on_die.h"

#include <stdlib.h>

#include "util/alloc.h"

struct on_die *on_die_create(const struct space *space, const struct map *map)
{
    const struct nand_geometry *g = &space->base->geometry;
    struct on_die *on_die = xcalloc(1, sizeof *on_die);
    on_die->space = space;
    on_die->map = map;
    on_die->rows = xcalloc(g->dies, sizeof *on_die->rows);
    on_die->taken = xcalloc(bitmap_words(g->programs_per_superblock), sizeof *on_die->taken);
    return on_die;
}

void on_die_destroy(struct on_die *on_die)
{
    if (on_die == NULL)
        return;
    free(on_die->rows);
    free(on_die->taken);
    free(on_die);
}

void on_die_begin(struct on_die *on_die, uint32_t superblock)
{
    const struct nand_geometry *g = &on_die->space->base->geometry;
    on_die->first = superblock_first_unit(on_die->space, superblock);
    memset(on_die->rows, 0, g->dies * sizeof *on_die->rows);
    memset(on_die->taken, 0, bitmap_words(g->programs_per_superblock) * sizeof *on_die->taken);
}

static uint32_t number_of(const struct on_die *on_die, uint64_t ppn)
{
    return (uint32_t)fastdiv_quotient(ppn - on_die->first, &on_die->space->base->geometry.by_program);
}

bool on_die_take_page(struct on_die *on_die, uint64_t ppn)
{
    uint32_t number = number_of(on_die, ppn);
    bool taken = bitmap_test(on_die->taken, number);
    bitmap_set(on_die->taken, number);
    return !taken;
}

static bool wholly_valid(const struct on_die *on_die, uint64_t ppn)
{
    uint32_t units = on_die->space->base->geometry.units_per_multi_page;
    return map_valid_units(on_die->map, ppn, units) == UINT64_MAX >> (64 - units);
}

// The die's next pages for a word line; those it has looked at before are not looked at again.
static bool gather(struct on_die *on_die, uint32_t die, struct word_line *line)
{
    const struct nand_geometry *g = &on_die->space->base->geometry;
    uint32_t *row = &on_die->rows[die], pages = 0;
    for (; *row < g->rows && pages < g->pages_per_row; ++*row) {
        uint64_t ppn = on_die->first + ((uint64_t)*row * g->dies + die) * g->units_per_program;
        if (!bitmap_test(on_die->taken, number_of(on_die, ppn)) && wholly_valid(on_die, ppn))
            line->pages[pages++] = ppn;
    }
    line->die = die;
    return pages == g->pages_per_row;
}

bool on_die_take(struct on_die *on_die, const struct stream *stream, struct word_line *line)
{
    const struct nand_geometry *g = &on_die->space->base->geometry;
    for (uint32_t i = 0; i < g->dies; i++) {
        uint32_t die = on_die->die;
        on_die->die = die + 1 < g->dies ? die + 1 : 0;
        if (!stream_takes_die(stream, die) || !gather(on_die, die, line))
            continue;
        for (uint32_t page = 0; page < g->pages_per_row; page++)
            on_die_take_page(on_die, line->pages[page]);
        return true;
    }
    return false;
}
