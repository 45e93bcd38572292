// Panels of where requests went over time.
#include "report/plot/offset_panel.h"

#include <math.h>
#include <stdio.h>

#include "figure/axis.h"
#include "util/exact_math.h"
#include "util/macros.h"

enum { LEVELS = 20, FAINTEST = 5, HEIGHT = 300, LEAST_HEIGHT = 150 };

static uint32_t count_at(const struct offset_grid *grid, enum io_kind kind, unsigned row, unsigned column)
{
    return grid->counts[kind] == NULL ? 0 : grid->counts[kind][row * grid->columns + column];
}

static uint32_t most_in_a_cell(const struct offset_grid *grid)
{
    uint32_t most = 0;
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        for (unsigned row = 0; row < grid->rows; row++)
            for (unsigned column = 0; column < grid->columns; column++)
                most = MAX(most, count_at(grid, kind, row, column));
    return most;
}

static double level_of(uint32_t count, uint32_t most)
{
    double share = most > 1 ? exact_log(count) / exact_log(most) : 1;
    return ceil(FAINTEST + share * (LEVELS - FAINTEST)) / LEVELS;
}

static double end_of(const struct offset_grid *grid, unsigned column)
{
    return grid->ends != NULL ? grid->ends[column] : grid->seconds / grid->columns * (column + 1);
}

// Neighbours of one level in a row are one cell.
static void add_row(struct figure_series *series, const struct offset_grid *grid, enum io_kind kind, unsigned row,
                    uint32_t most, double unit)
{
    double height = (grid->hi - grid->lo) / grid->rows / unit, y = grid->lo / unit + row * height, from = 0;
    for (unsigned column = 0; column < grid->columns; column++) {
        uint32_t count = count_at(grid, kind, row, column);
        uint32_t next = column + 1 < grid->columns ? count_at(grid, kind, row, column + 1) : 0;
        bool goes_on = count > 0 && next > 0 && level_of(count, most) == level_of(next, most);
        if (goes_on)
            continue;
        if (count > 0)
            figure_add_point(series, (struct figure_point){from, y, end_of(grid, column), y + height,
                                                           level_of(count, most)});
        from = end_of(grid, column);
    }
}

// Offsets are told in the unit that suits the largest.
static const struct unit {
    const char *name;
    double bytes;
} units[] = {{"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}};

static const struct unit *unit_of(double hi)
{
    const struct unit *unit = units;
    while (hi < 2 * unit->bytes && unit < &units[ARRAY_SIZE(units) - 1])
        unit++;
    return unit;
}

static void add_kind(struct figure *figure, const struct offset_grid *grid, enum io_kind kind, const char *name,
                     unsigned height)
{
    const struct unit *unit = unit_of(grid->hi);
    char label[FIGURE_TEXT];
    struct figure_panel *panel = figure_add_panel(figure, height);
    struct figure_series *series =
        figure_add_series(panel, FIGURE_CELLS, figure_series_colour((unsigned)kind), "");
    uint32_t most = most_in_a_cell(grid);
    for (unsigned row = 0; row < grid->rows; row++)
        add_row(series, grid, kind, row, most, unit->bytes);
    snprintf(series->title, FIGURE_TEXT, "%s%s%s: the darker the more, up to %u in a cell", name,
             *name == '\0' ? "" : " ", io_kind_name(kind), most);
    snprintf(label, sizeof label, "offset (%s)", unit->name);
    axis_set_span(&panel->y, label, grid->lo / unit->bytes, grid->hi / unit->bytes);
}

void offset_panels_add(struct figure *figure, const struct offset_grid *grid, const char *name)
{
    unsigned kinds = 0;
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        kinds += grid->counts[kind] != NULL;
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        if (grid->counts[kind] != NULL && figure->panel_count < FIGURE_PANELS)
            add_kind(figure, grid, kind, name, MAX(HEIGHT / kinds, LEAST_HEIGHT));
}
