// Plots of load curves against the load: throughput and latency, where the time went, and what the drive did.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "figure/axis.h"
#include "report/plot/bars.h"
#include "report/plot/curve_shown.h"
#include "report/plot/stage_colour.h"
#include "stats/stage.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { HEIGHT = 250 };

static double load_of(const struct shown *shown, json_t *point, const char *kind)
{
    (void)kind;
    return curve_number(point, curve_load_name(shown));
}

// One axis of loads for all panels, which the last alone names.
static void set_load_axes(struct figure *figure, const struct shown *shown)
{
    double lo = INFINITY, hi = 0;
    size_t k;
    json_t *point;
    for (size_t i = 0; i < shown->count; i++)
        json_array_foreach(curve_points(shown, i), k, point) {
            lo = fmin(lo, load_of(shown, point, NULL));
            hi = fmax(hi, load_of(shown, point, NULL));
        }
    for (unsigned i = 0; i < figure->panel_count; i++) {
        bool is_last = i + 1 == figure->panel_count;
        if (curve_is_open_loop(shown))
            axis_set_linear(&figure->panels[i]->x, is_last ? "offered load (IOPS)" : "", hi);
        else
            axis_set_depth(&figure->panels[i]->x, is_last ? "iodepth" : "", lo, hi);
    }
}

// A line over the load, of a number that each point has.
typedef double number_fn(json_t *point, const char *name);

static struct figure_series *add_line(struct figure_panel *panel, const struct shown *shown, size_t curve,
                                      unsigned colour, const char *title, number_fn *number, const char *name)
{
    char full[FIGURE_TEXT];
    size_t k;
    json_t *point;
    plot_name(shown, curve, title, full);
    struct figure_series *series = figure_add_series(panel, FIGURE_LINE, figure_series_colour(colour), full);
    series->dots = true;
    json_array_foreach(curve_points(shown, curve), k, point)
        figure_add_point(series, (struct figure_point){.x = load_of(shown, point, NULL), .y = number(point, name)});
    return series;
}

// --- throughput and latency ------------------------------------------------------------------------------------------

static double iops_of(json_t *point, const char *kind)
{
    return curve_number(curve_figures(point, kind), "iops");
}

// Of one curve a colour for each kind, of several a colour for each curve.
static void add_throughput(struct figure *figure, const struct shown *shown, const char *const *kinds, size_t count)
{
    struct figure_panel *panel = figure_add_panel(figure, HEIGHT);
    for (size_t i = 0; i < shown->count; i++)
        for (size_t k = 0; k < count; k++) {
            bool single = shown->count == 1;
            struct figure_series *series = add_line(panel, shown, i, (unsigned)(single ? k : i),
                                                    kinds[k] == NULL ? "throughput" : kinds[k], iops_of, kinds[k]);
            series->dashed = !single && k > 0;
        }
    axis_set_linear(&panel->y, "IOPS", plot_largest(panel));
}

static void add_latency(struct figure *figure, const struct shown *shown, const char *kind)
{
    struct curve_extent extent = curve_extent_of(shown, kind);
    char label[FIGURE_TEXT];
    struct figure_panel *panel = figure_add_panel(figure, HEIGHT);
    axis_set_latency(&panel->y, curve_label(kind, "latency", label), extent.lo, extent.hi);
    curve_add_latencies(panel, shown, kind, load_of);
}

struct figure *plot_build_curve_load(const struct shown *shown)
{
    const char *kinds[IO_KIND_COUNT];
    if (!curves_have_points(shown))
        return NULL;
    size_t count = curve_kinds(shown, kinds);
    struct figure *figure = plot_begin(shown, "curve_load", "Throughput and latency against load");
    add_throughput(figure, shown, kinds, count);
    for (size_t i = 0; i < count; i++)
        add_latency(figure, shown, kinds[i]);
    set_load_axes(figure, shown);
    return figure;
}

// --- stages ----------------------------------------------------------------------------------------------------------

static void add_bar(struct bars *bars, const struct shown *shown, size_t curve, json_t *point, const char *kind)
{
    char name[2 * FIGURE_TEXT], label[FIGURE_TEXT], load[48];
    json_t *stages = json_object_get(curve_figures(point, kind), "stages_us");
    if (json_object_size(stages) == 0)
        return;
    snprintf(load, sizeof load, curve_is_open_loop(shown) ? "%.0f/s" : "%.0f", load_of(shown, point, kind));
    snprintf(name, sizeof name, shown->count == 1 ? "%s" : "%s, %s", curve_label(kind, load, label),
             shown->results[curve].name);
    struct bar *bar = bars_add(bars, name);
    for (int i = 0; bar != NULL && i < STAGE_COUNT; i++) {
        int part = bars_part(bars, stage_names[i], stage_paint(stage_names[i], NULL));
        bar->us[part] = json_number_value(json_object_get(stages, stage_names[i]));
    }
}

// Load by load, so that several curves stand beside each other.
static void add_kind_bars(struct bars *bars, const struct shown *shown, const char *kind)
{
    size_t most = 0;
    for (size_t i = 0; i < shown->count; i++)
        most = MAX(most, json_array_size(curve_points(shown, i)));
    for (size_t k = 0; k < most; k++)
        for (size_t i = 0; i < shown->count; i++)
            add_bar(bars, shown, i, json_array_get(curve_points(shown, i), k), kind);
}

struct figure *plot_build_curve_stages(const struct shown *shown)
{
    const char *kinds[IO_KIND_COUNT];
    if (!curves_have_points(shown))
        return NULL;
    size_t count = curve_kinds(shown, kinds);
    struct figure *figure = plot_begin(shown, "curve_stages", curve_is_open_loop(shown)
                                                                  ? "Where the time went, by offered load"
                                                                  : "Where the time went, by iodepth");
    struct bars *bars = xcalloc(1, sizeof *bars);
    for (size_t i = 0; i < count; i++)
        add_kind_bars(bars, shown, kinds[i]);
    bars_draw(bars, figure, "mean latency");
    free(bars);
    return plot_end(figure);
}

// --- the drive -------------------------------------------------------------------------------------------------------

static double busy_of(json_t *point, const char *name)
{
    return 100 * curve_number(json_object_get(point, "utilization"), name);
}

static double amplification_of(json_t *point, const char *name)
{
    return curve_number(json_object_get(point, "ftl"), name);
}

// Which of a point's utilisations are drawn: of one curve all but those of single parts, of several the dies'.
static bool is_drawn(const struct shown *shown, const char *name)
{
    size_t length = strlen(name);
    bool is_of_one = strncmp(name, "busiest_", 8) == 0 || (length > 4 && strcmp(name + length - 4, "_max") == 0);
    return shown->count == 1 ? !is_of_one : strcmp(name, "die") == 0;
}

static void add_busy(struct figure *figure, const struct shown *shown)
{
    const char *name;
    json_t *value;
    struct figure_panel *panel = figure_add_panel(figure, HEIGHT);
    for (size_t i = 0; i < shown->count; i++) {
        unsigned meters = 0;
        json_object_foreach(json_object_get(json_array_get(curve_points(shown, i), 0), "utilization"), name, value) {
            if (!is_drawn(shown, name))
                continue;
            char title[FIGURE_TEXT];
            plot_blank_name(name, title);
            add_line(panel, shown, i, shown->count == 1 ? meters : (unsigned)i, title, busy_of, name);
            meters++;
        }
    }
    plot_set_share_axis(&panel->y, plot_largest(panel));
}

static void add_amplification(struct figure *figure, const struct shown *shown)
{
    struct figure_panel *panel = figure_add_panel(figure, HEIGHT);
    for (size_t i = 0; i < shown->count; i++)
        add_line(panel, shown, i, (unsigned)i, "write amplification", amplification_of, "write_amplification");
    axis_set_linear(&panel->y, "write amplification", plot_largest(panel));
}

static bool any_writes(const struct shown *shown)
{
    size_t k;
    json_t *point;
    for (size_t i = 0; i < shown->count; i++)
        json_array_foreach(curve_points(shown, i), k, point)
            if (amplification_of(point, "write_amplification") > 0)
                return true;
    return false;
}

struct figure *plot_build_curve_drive(const struct shown *shown)
{
    if (!curves_have_points(shown) ||
        json_object_get(json_array_get(curve_points(shown, 0), 0), "utilization") == NULL)
        return NULL;
    struct figure *figure = plot_begin(shown, "curve_drive", "How busy the drive was, by load");
    add_busy(figure, shown);
    if (any_writes(shown))
        add_amplification(figure, shown);
    set_load_axes(figure, shown);
    return figure;
}
