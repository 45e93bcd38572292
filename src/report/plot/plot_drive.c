// Plots of what went on in the drive: programs, copies, erases and retries over time, and how busy each die and channel
// was.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "figure/axis.h"
#include "report/plot/plot_parts.h"
#include "util/macros.h"

// --- what was counted ----------------------------------------------------------------------------------------------

// Of a panel: what is drawn in it, and what it is called.
static const struct activity {
    const char *label;
    struct {
        const char *column, *title;
    } lines[2];
} activities[] = {
    {"programs a second", {{"host_programs_per_s", "of host data"}, {"copy_programs_per_s", "of copies"}}},
    {"erases a second", {{"erases_per_s", "erases"}}},
    {"retries a second", {{"read_retries_per_s", "read retries"}}},
};

// Returns the largest value; 0 when there is nothing to draw.
static double add_line(struct figure_panel *panel, const struct table *table, const char *column, const char *title,
                       enum figure_colour colour)
{
    int at = table_find(table, column);
    double largest = 0;
    for (size_t row = 0; at >= 0 && row < table->rows; row++)
        largest = fmax(largest, table_at(table, row, at));
    if (largest <= 0)
        return 0;
    struct figure_series *series = figure_add_series(panel, FIGURE_LINE, colour, title);
    for (size_t row = 0; row < table->rows; row++)
        figure_add_point(series, (struct figure_point){.x = table_at(table, row, 0), .y = table_at(table, row, at)});
    return largest;
}

static bool occurs(const struct shown *shown, const struct table *tables, const struct activity *activity)
{
    for (size_t i = 0; i < shown->count; i++)
        for (size_t k = 0; k < ARRAY_SIZE(activity->lines) && activity->lines[k].column != NULL; k++) {
            int at = table_find(&tables[i], activity->lines[k].column);
            for (size_t row = 0; at >= 0 && row < tables[i].rows; row++)
                if (table_at(&tables[i], row, at) > 0)
                    return true;
        }
    return false;
}

static void add_activity(struct figure *figure, const struct shown *shown, const struct table *tables,
                         const struct activity *activity)
{
    struct figure_panel *panel = figure_add_panel(figure, 150);
    double largest = 0;
    for (size_t i = 0; i < shown->count; i++)
        for (size_t k = 0; k < ARRAY_SIZE(activity->lines) && activity->lines[k].column != NULL; k++) {
            char title[FIGURE_TEXT];
            size_t before = panel->series_count;
            enum figure_colour colour = figure_series_colour(shown->count == 1 ? (unsigned)k : (unsigned)i);
            plot_name(shown, i, activity->lines[k].title, title);
            double own = add_line(panel, &tables[i], activity->lines[k].column, title, colour);
            largest = MAX(largest, own);
            if (panel->series_count > before)
                panel->series[before].dashed = shown->count > 1 && k > 0;
        }
    axis_set_linear(&panel->y, activity->label, largest);
}

struct figure *plot_build_activity(const struct shown *shown)
{
    struct table tables[PLOT_RESULTS_MAX];
    double seconds = 0;
    size_t count = plot_read_tables(shown, "timeseries.csv", tables, &seconds);
    struct figure *figure = plot_begin(shown, "activity_time", "Programs, erases and read retries over time");
    for (size_t i = 0; count == shown->count && i < ARRAY_SIZE(activities); i++)
        if (occurs(shown, tables, &activities[i]))
            add_activity(figure, shown, tables, &activities[i]);
    plot_set_time_axes(figure, seconds);
    plot_free_tables(tables, count);
    return plot_end(figure);
}

// --- each die and channel ------------------------------------------------------------------------------------------

enum { MAP_ROWS_MAX = 64, MAP_LEVELS = 20 };

// The columns of one group of resources: several share a row where there are many, which shows the busiest of them.
struct map {
    const struct table *table;
    int first;
    unsigned resources, per_row;
    double largest;
};

static struct map map_of(const struct table *table, const char *name)
{
    char column[64];
    struct map map = {.table = table};
    snprintf(column, sizeof column, "%s0", name);
    map.first = table_find(table, column);
    while (map.first >= 0 && (snprintf(column, sizeof column, "%s%u", name, map.resources),
                              table_find(table, column) >= 0))
        map.resources++;
    map.per_row = (map.resources + MAP_ROWS_MAX - 1) / MAP_ROWS_MAX;
    for (unsigned i = 0; i < map.resources; i++)
        for (size_t row = 0; row < table->rows; row++)
            map.largest = fmax(map.largest, table_at(table, row, map.first + (int)i));
    return map;
}

static double busiest_in(const struct map *map, unsigned map_row, size_t bin)
{
    double busy = 0;
    for (unsigned i = map_row * map->per_row; i < MIN((map_row + 1) * map->per_row, map->resources); i++)
        busy = fmax(busy, table_at(map->table, bin, map->first + (int)i));
    return busy;
}

// The scale ends at the largest value, unless all are small because the drive had nothing to do.
static double level_of(const struct map *map, unsigned map_row, size_t bin)
{
    double share = map->largest > 0 ? busiest_in(map, map_row, bin) / map->largest : 0;
    return ceil(share * MAP_LEVELS) / MAP_LEVELS;
}

// The end of a bin whose start is known: its middle is in the table.
static double bin_end(const struct map *map, size_t bin, double start)
{
    return 2 * table_at(map->table, bin, 0) - start;
}

// Neighbours of one level are one cell.
static void add_map_row(struct figure_series *series, const struct map *map, unsigned map_row)
{
    double bottom = map_row * map->per_row, top = MIN((map_row + 1) * map->per_row, map->resources);
    double start = 0, from = 0;
    for (size_t bin = 0; bin < map->table->rows; bin++) {
        double level = level_of(map, map_row, bin);
        start = bin_end(map, bin, start);
        if (bin + 1 < map->table->rows && level_of(map, map_row, bin + 1) == level)
            continue;
        if (level > 0)
            figure_add_point(series, (struct figure_point){from, bottom, start, top, level});
        from = start;
    }
}

static void add_map(struct figure *figure, const struct table *table, const char *name, const char *label)
{
    struct map map = map_of(table, name);
    char title[FIGURE_TEXT];
    if (map.resources == 0 || figure->panel_count == FIGURE_PANELS)
        return;
    unsigned rows = (map.resources + map.per_row - 1) / map.per_row;
    struct figure_panel *panel = figure_add_panel(figure, MAX(MIN(rows * 14, 360), 60));
    snprintf(title, sizeof title, "the darker, the busier: up to %.3g %%", 100 * map.largest);
    struct figure_series *series = figure_add_series(panel, FIGURE_CELLS, FIGURE_HEAT, title);
    for (unsigned i = 0; i < rows; i++)
        add_map_row(series, &map, i);
    axis_set_indices(&panel->y, label, map.resources);
}

struct figure *plot_build_heatmap(const struct shown *shown)
{
    struct table tables[PLOT_RESULTS_MAX];
    double seconds = 0;
    size_t count = plot_read_tables(shown, "utilization.csv", tables, &seconds);
    struct figure *figure = plot_begin(shown, "utilization_map", "How busy each die and channel was");
    for (size_t i = 0; i < count; i++) {
        char label[FIGURE_TEXT];
        plot_name(shown, i, "die", label);
        add_map(figure, &tables[i], "die", label);
        plot_name(shown, i, "channel", label);
        add_map(figure, &tables[i], "channel", label);
    }
    plot_set_time_axes(figure, seconds);
    plot_free_tables(tables, count);
    return plot_end(figure);
}
