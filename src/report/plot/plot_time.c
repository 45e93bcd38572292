// Plots over time: latency, throughput, utilisation.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "figure/axis.h"
#include "report/plot/plot_parts.h"
#include "util/macros.h"

// The time series of what is shown.
struct courses {
    const struct shown *shown;
    struct table tables[PLOT_RESULTS_MAX];
    double seconds; // of the longest
};

static void free_courses(struct courses *courses)
{
    plot_free_tables(courses->tables, courses->shown->count);
}

// Returns whether each of the results has its time series.
static bool read_courses(struct courses *courses, const struct shown *shown)
{
    *courses = (struct courses){.shown = shown};
    return plot_read_tables(shown, "timeseries.csv", courses->tables, &courses->seconds) != 0;
}

static int column_of(const struct courses *courses, size_t result, const char *of, const char *what)
{
    char name[96];
    snprintf(name, sizeof name, "%s_%s", of, what);
    return table_find(&courses->tables[result], name);
}

static void add_column(struct figure_series *series, const struct table *table, int column, double scale)
{
    for (size_t row = 0; row < table->rows; row++)
        figure_add_point(series, (struct figure_point){.x = table_at(table, row, 0),
                                                       .y = table_at(table, row, column) * scale});
}

static double largest_in(const struct table *table, int column)
{
    double largest = 0;
    for (size_t row = 0; row < table->rows; row++)
        largest = fmax(largest, table_at(table, row, column)); // fmax passes over what is no number
    return largest;
}

// --- latency -------------------------------------------------------------------------------------------------------

static void set_latency_range(struct figure_panel *panel, const struct courses *courses, const char *kind,
                              const char *highest)
{
    double lo = INFINITY, hi = 0;
    char label[FIGURE_TEXT];
    for (size_t i = 0; i < courses->shown->count; i++) {
        const struct table *table = &courses->tables[i];
        int mean = column_of(courses, i, kind, "mean_us"), p50 = column_of(courses, i, kind, "p50_us");
        hi = MAX(hi, largest_in(table, column_of(courses, i, kind, highest)));
        for (size_t row = 0; row < table->rows; row++)
            lo = fmin(lo, fmin(table_at(table, row, mean), table_at(table, row, p50)));
    }
    snprintf(label, sizeof label, "%s latency", kind);
    axis_set_latency(&panel->y, label, lo, hi);
}

static void add_area(struct figure_panel *panel, const struct courses *courses, const char *kind,
                     enum figure_colour colour)
{
    const struct table *table = &courses->tables[0];
    int p50 = column_of(courses, 0, kind, "p50_us"), p99 = column_of(courses, 0, kind, "p99_us");
    struct figure_series *series = figure_add_series(panel, FIGURE_AREA, colour, "p50 to p99");
    for (size_t row = 0; row < table->rows; row++)
        figure_add_point(series, (struct figure_point){.x = table_at(table, row, 0), .y = table_at(table, row, p50),
                                                       .y2 = table_at(table, row, p99)});
}

static void add_latency_line(struct figure_panel *panel, const struct courses *courses, size_t result,
                             const char *kind, const char *what, enum figure_colour colour, double width)
{
    char column[32], title[FIGURE_TEXT];
    snprintf(column, sizeof column, "%s_us", what);
    plot_name(courses->shown, result, what, title);
    struct figure_series *series = figure_add_series(panel, FIGURE_LINE, colour, title);
    series->width = width;
    series->dashed = strcmp(what, "p99") == 0;
    add_column(series, &courses->tables[result], column_of(courses, result, kind, column), 1);
}

static void add_latency_panel(struct figure *figure, const struct courses *courses, enum io_kind kind)
{
    const struct shown *shown = courses->shown;
    const char *name = io_kind_name(kind);
    struct figure_panel *panel = figure_add_panel(figure, 190);
    enum figure_colour own = plot_colour(shown, 0, kind);
    set_latency_range(panel, courses, name, shown->count == 1 ? "max_us" : "p99_us");
    if (shown->count == 1) {
        add_area(panel, courses, name, own);
        add_latency_line(panel, courses, 0, name, "max", FIGURE_GREY, 1);
        add_latency_line(panel, courses, 0, name, "p99", own, 1.4);
        add_latency_line(panel, courses, 0, name, "p50", own, 2.2);
        add_latency_line(panel, courses, 0, name, "mean", FIGURE_INK, 1.4);
    }
    for (size_t i = 0; shown->count > 1 && i < shown->count; i++) {
        add_latency_line(panel, courses, i, name, "p50", plot_colour(shown, i, kind), 2.2);
        add_latency_line(panel, courses, i, name, "p99", plot_colour(shown, i, kind), 1.4);
    }
}

struct figure *plot_build_latency_time(const struct shown *shown)
{
    struct courses courses;
    if (!read_courses(&courses, shown))
        return NULL;
    struct figure *figure = plot_begin(shown, "latency_time", "Latency over time");
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        if (plot_has_kind(shown, kind))
            add_latency_panel(figure, &courses, kind);
    plot_set_time_axes(figure, courses.seconds);
    free_courses(&courses);
    return plot_end(figure);
}

// --- throughput ----------------------------------------------------------------------------------------------------

static double largest_rate(const struct courses *courses, size_t result, enum io_kind kind, const char *what)
{
    int column = column_of(courses, result, io_kind_name(kind), what);
    return column < 0 ? 0 : largest_in(&courses->tables[result], column);
}

static void add_rate(struct figure_panel *panel, const struct courses *courses, size_t result, enum io_kind kind,
                     const char *what)
{
    char title[FIGURE_TEXT];
    const struct shown *shown = courses->shown;
    plot_name(shown, result, io_kind_name(kind), title);
    struct figure_series *series = figure_add_series(panel, FIGURE_LINE, plot_colour(shown, result, kind), title);
    series->dashed = shown->count > 1 && kind != IO_READ;
    add_column(series, &courses->tables[result], column_of(courses, result, io_kind_name(kind), what), 1);
}

// The rates of all kinds that have any, as of bandwidth a trim, which moves nothing, has not. None: no panel.
static void add_rates(struct figure *figure, const struct courses *courses, const char *what, const char *label)
{
    struct figure_panel *panel = NULL;
    double largest = 0;
    for (size_t i = 0; i < courses->shown->count; i++)
        for (int kind = 0; kind < IO_KIND_COUNT; kind++) {
            double own = largest_rate(courses, i, kind, what);
            if (own <= 0)
                continue;
            panel = panel == NULL ? figure_add_panel(figure, 210) : panel;
            add_rate(panel, courses, i, kind, what);
            largest = MAX(largest, own);
        }
    if (panel != NULL)
        axis_set_linear(&panel->y, label, largest);
}

struct figure *plot_build_throughput_time(const struct shown *shown)
{
    struct courses courses;
    if (!read_courses(&courses, shown))
        return NULL;
    struct figure *figure = plot_begin(shown, "throughput_time", "Throughput over time");
    add_rates(figure, &courses, "iops", "IOPS");
    add_rates(figure, &courses, "bandwidth_mb_s", "bandwidth (MB/s)");
    plot_set_time_axes(figure, courses.seconds);
    free_courses(&courses);
    return plot_end(figure);
}

// --- utilisation ---------------------------------------------------------------------------------------------------

static const char meter_end[] = "_utilization";

// The name of a meter, such as "link to host"; false for other columns.
static bool meter_name(const char *column, char name[FIGURE_TEXT])
{
    const char *end = strstr(column, meter_end);
    if (end == NULL)
        return false;
    plot_blank_name(column, name);
    name[end - column] = '\0';
    return true;
}

// Of several results only what is compared most; of one, all.
static bool is_wanted(const struct shown *shown, const char *name)
{
    return shown->count == 1 || strcmp(name, "die") == 0 || strcmp(name, "channel") == 0;
}

// What was never busy has no line.
static void add_meters(struct figure_panel *panel, const struct courses *courses, size_t result)
{
    const struct table *table = &courses->tables[result];
    unsigned meters = 0;
    for (size_t column = 0; column < table->columns; column++) {
        char name[FIGURE_TEXT], title[FIGURE_TEXT];
        double own = largest_in(table, (int)column);
        if (!meter_name(table->names[column], name) || !is_wanted(courses->shown, name))
            continue;
        unsigned colour = courses->shown->count == 1 ? meters : (unsigned)result;
        bool dashed = courses->shown->count > 1 && meters > 0;
        meters++;
        if (own <= 0)
            continue;
        plot_name(courses->shown, result, name, title);
        struct figure_series *series = figure_add_series(panel, FIGURE_LINE, figure_series_colour(colour), title);
        series->dashed = dashed;
        add_column(series, table, (int)column, 100);
    }
}

// The die that was busiest on the whole: the mean of all hides it.
static void add_busiest_die(struct figure_panel *panel, const struct shown *shown)
{
    struct table table;
    char column[32], title[FIGURE_TEXT];
    if (shown->count != 1 || !result_read_table(shown->results, "utilization.csv", &table))
        return;
    snprintf(column, sizeof column, "die%.0f", result_number(shown->results, "utilization|busiest_die"));
    if (table_find(&table, column) >= 0 && largest_in(&table, table_find(&table, column)) > 0) {
        snprintf(title, sizeof title, "busiest die (%s)", column + strlen("die"));
        struct figure_series *series = figure_add_series(panel, FIGURE_LINE, figure_series_colour(0), title);
        series->dashed = true;
        series->width = 1.2;
        add_column(series, &table, table_find(&table, column), 100);
    }
    table_free(&table);
}

struct figure *plot_build_utilization_time(const struct shown *shown)
{
    struct courses courses;
    if (!read_courses(&courses, shown))
        return NULL;
    struct figure *figure = plot_begin(shown, "utilization_time", "Utilisation over time");
    struct figure_panel *panel = figure_add_panel(figure, 300);
    for (size_t i = 0; i < shown->count; i++)
        add_meters(panel, &courses, i);
    add_busiest_die(panel, shown);
    plot_set_share_axis(&panel->y, plot_largest(panel));
    plot_set_time_axes(figure, courses.seconds);
    free_courses(&courses);
    if (panel->series_count > 0)
        return figure;
    figure_destroy(figure);
    return NULL;
}
