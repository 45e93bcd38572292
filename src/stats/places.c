// A grid of time and offset whose cells double.
#include "stats/places.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"

enum { FIRST_TIME_SHIFT = 22, FIRST_OFFSET_SHIFT = 12 }; // 2^22 ps: about 4 us; 4 KiB

void places_init(struct places *places, tick_t origin)
{
    *places = (struct places){.origin = origin, .time_shift = FIRST_TIME_SHIFT, .offset_shift = FIRST_OFFSET_SHIFT,
                              .lo = UINT64_MAX};
}

void places_destroy(struct places *places)
{
    for (int i = 0; i < IO_KIND_COUNT; i++)
        free(places->rows[i]);
}

struct places_extent places_extent(const struct places *places)
{
    uint64_t first = places->lo >> places->offset_shift, last = places->hi >> places->offset_shift;
    if (places->hi < places->lo)
        return (struct places_extent){0, 0};
    return (struct places_extent){first, (uint32_t)(last - first + 1)};
}

static void merge_bins(uint32_t *row)
{
    for (int i = 0; i < PLACES_BINS / 2; i++)
        row[i] = row[2 * i] + row[2 * i + 1];
    memset(row + PLACES_BINS / 2, 0, sizeof(places_row) / 2);
}

static void widen_bins(struct places *places)
{
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        for (int row = 0; places->rows[kind] != NULL && row < PLACES_ROWS; row++)
            merge_bins(places->rows[kind][row]);
    places->time_shift++;
}

static void merge_parts(struct places *places, enum io_kind kind)
{
    places_row *merged = xcalloc(PLACES_ROWS, sizeof *merged);
    struct places_extent extent = places_extent(places);
    for (uint64_t part = extent.first; part < extent.first + extent.count; part++)
        for (uint32_t bin = 0; bin < PLACES_BINS; bin++)
            merged[part / 2 % PLACES_ROWS][bin] += places_at(places, kind, part, bin);
    free(places->rows[kind]);
    places->rows[kind] = merged;
}

static void widen_parts(struct places *places)
{
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        if (places->rows[kind] != NULL)
            merge_parts(places, kind);
    places->offset_shift++;
}

// Before the grid's bounds are moved to what they are to be.
static void make_room(struct places *places, uint64_t lo, uint64_t hi)
{
    while ((hi >> places->offset_shift) - (lo >> places->offset_shift) >= PLACES_ROWS)
        widen_parts(places);
    places->lo = lo;
    places->hi = hi;
}

void places_add_elsewhere(struct places *places, enum io_kind kind, uint64_t offset, tick_t when)
{
    bool any = places->lo <= places->hi;
    make_room(places, MIN(places->lo, offset), any ? MAX(places->hi, offset) : offset);
    while ((MAX(when, places->origin) - places->origin) >> places->time_shift >= PLACES_BINS)
        widen_bins(places);
    if (places->rows[kind] == NULL)
        places->rows[kind] = xcalloc(PLACES_ROWS, sizeof(places_row));
    places_add(places, kind, offset, when);
}
