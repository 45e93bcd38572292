// The plot of where a run's requests went over time.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/plot/offset_panel.h"
#include "report/plot/plot_parts.h"
#include "util/alloc.h"

// The columns of offsets.csv of one kind, "read@0-4096" and so on, which stand beside each other.
struct kind_columns {
    int first;
    unsigned count;
    double lo, hi; // bytes
};

// Whether a column's name is of that kind.
static bool part_of(const char *name, const char *kind, double *from, double *to)
{
    size_t length = strlen(kind);
    return strncmp(name, kind, length) == 0 && sscanf(name + length, "@%lf-%lf", from, to) == 2;
}

static struct kind_columns columns_of(const struct table *table, const char *kind)
{
    struct kind_columns columns = {.first = -1};
    double from, to;
    for (size_t i = 0; i < table->columns; i++) {
        if (!part_of(table->names[i], kind, &from, &to))
            continue;
        if (columns.count++ == 0) {
            columns.first = (int)i;
            columns.lo = from;
        }
        columns.hi = to;
    }
    return columns;
}

// To be freed.
static uint32_t *counts_of(const struct table *table, struct kind_columns columns)
{
    uint32_t *counts = xcalloc(columns.count * table->rows + 1, sizeof *counts);
    for (unsigned row = 0; row < columns.count; row++)
        for (size_t bin = 0; bin < table->rows; bin++)
            counts[row * table->rows + bin] = (uint32_t)table_at(table, bin, columns.first + (int)row);
    return counts;
}

// Of bins the middle is in the table. To be freed.
static double *ends_of(const struct table *table)
{
    double *ends = xcalloc(table->rows + 1, sizeof *ends), start = 0;
    for (size_t bin = 0; bin < table->rows; bin++)
        start = ends[bin] = 2 * table_at(table, bin, 0) - start;
    return ends;
}

static void add_result(struct figure *figure, const struct table *table, const char *name)
{
    uint32_t *counts[IO_KIND_COUNT] = {NULL};
    double *ends = ends_of(table);
    struct offset_grid grid = {.columns = (unsigned)table->rows, .ends = ends};
    for (int kind = 0; kind < IO_KIND_COUNT; kind++) {
        struct kind_columns columns = columns_of(table, io_kind_name(kind));
        if (columns.count == 0)
            continue;
        grid.rows = columns.count;
        grid.lo = columns.lo;
        grid.hi = columns.hi;
        grid.counts[kind] = counts[kind] = counts_of(table, columns);
    }
    offset_panels_add(figure, &grid, name);
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        free(counts[kind]);
    free(ends);
}

struct figure *plot_build_offsets(const struct shown *shown)
{
    struct table tables[PLOT_RESULTS_MAX];
    double seconds = 0;
    size_t count = plot_read_tables(shown, "offsets.csv", tables, &seconds);
    struct figure *figure = plot_begin(shown, "offsets", "Where requests went over time");
    for (size_t i = 0; i < count; i++) {
        char name[FIGURE_TEXT];
        plot_name(shown, i, "", name);
        add_result(figure, &tables[i], name);
    }
    plot_set_time_axes(figure, seconds);
    plot_free_tables(tables, count);
    return plot_end(figure);
}
