// Plots of latency distributions: cumulative, what lies beyond, by percentile, and against the recording.
//
// All are staircases: a histogram knows how many values lie below each of its limits, and nothing between two of them.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "figure/axis.h"
#include "report/plot/plot_parts.h"
#include "util/macros.h"

enum { CURVES_MAX = 128, ALONE_HEIGHT = 380, AMONG_HEIGHT = 240 };

// One staircase.
struct curve {
    struct staircase staircase;
    double min_us, max_us;
    char title[FIGURE_TEXT];
    enum figure_colour colour;
    bool dashed;
};

// Those of a panel, or of all panels.
struct curves {
    struct curve at[CURVES_MAX];
    unsigned count;
};

// The smallest and largest latency of a scope such as "commands|read".
static void set_limits(struct curve *curve, const struct result *result, const char *scope)
{
    char path[160];
    snprintf(path, sizeof path, "%s|latency_us|min", scope);
    curve->min_us = result_number(result, path);
    snprintf(path, sizeof path, "%s|latency_us|max", scope);
    curve->max_us = result_number(result, path);
}

// Of the histogram `file`, whose figures summary.json has under `scope`.
static void add_curve(struct curves *curves, const struct result *result, const char *file, const char *scope,
                      const char *title, enum figure_colour colour, bool dashed)
{
    struct curve *curve = &curves->at[curves->count];
    if (curves->count == CURVES_MAX || !result_read_staircase(result, file, &curve->staircase))
        return;
    set_limits(curve, result, scope);
    snprintf(curve->title, sizeof curve->title, "%s", title);
    curve->colour = colour;
    curve->dashed = dashed;
    curves->count++;
}

static void add_kind(struct curves *curves, const struct shown *shown, size_t result, enum io_kind kind)
{
    char title[FIGURE_TEXT], scope[64];
    snprintf(scope, sizeof scope, "commands|%s", io_kind_name(kind));
    plot_name(shown, result, io_kind_name(kind), title);
    add_curve(curves, &shown->results[result], io_kind_name(kind), scope, title, plot_colour(shown, result, kind),
              false);
}

static void free_curves(struct curves *curves)
{
    for (unsigned i = 0; i < curves->count; i++)
        staircase_free(&curves->at[i].staircase);
    free(curves);
}

// --- staircases ----------------------------------------------------------------------------------------------------

// The limit of a bucket may lie above the largest value in it.
static double held(const struct curve *curve, double us)
{
    double within = isnan(curve->max_us) ? us : MIN(MAX(us, curve->min_us), curve->max_us);
    return MAX(within, 1e-3);
}

static void add_cdf(struct figure_series *series, const struct curve *curve)
{
    const struct staircase *d = &curve->staircase;
    figure_add_point(series, (struct figure_point){.x = held(curve, isnan(curve->min_us) ? 0 : curve->min_us)});
    for (size_t i = 0; i < d->count; i++)
        figure_add_step(series, held(curve, d->steps[i].us),
                        100 * (double)d->steps[i].below / (double)d->values);
}

// As long as at least one value lies beyond: a share of nothing has no place on a logarithmic axis.
static void add_ccdf(struct figure_series *series, const struct curve *curve)
{
    const struct staircase *d = &curve->staircase;
    figure_add_point(series, (struct figure_point){.x = held(curve, isnan(curve->min_us) ? 0 : curve->min_us), .y = 1});
    for (size_t i = 0; i < d->count && d->steps[i].below < d->values; i++)
        figure_add_step(series, held(curve, d->steps[i].us), 1 - (double)d->steps[i].below / (double)d->values);
    figure_add_point(series, (struct figure_point){.x = held(curve, d->steps[d->count - 1].us),
                                                   .y = series->points[series->count - 1].y});
}

// Over 1 / (1 - percentile), up to the count of values: the largest lies beyond every percentile and would be a spike
// at the end.
static void add_percentiles(struct figure_series *series, const struct curve *curve)
{
    const struct staircase *d = &curve->staircase;
    double values = (double)d->values;
    figure_add_point(series, (struct figure_point){.x = 1, .y = held(curve, d->steps[0].us)});
    for (size_t i = 0; i + 1 < d->count && (double)d->steps[i].below < values - 1; i++)
        figure_add_step(series, values / (values - (double)d->steps[i].below), held(curve, d->steps[i + 1].us));
    figure_add_point(series, (struct figure_point){.x = MAX(values, 2), .y = series->points[series->count - 1].y});
}

// --- panels --------------------------------------------------------------------------------------------------------

// How a staircase is shown: its points, and its axes.
struct way {
    void (*add)(struct figure_series *series, const struct curve *curve);
    void (*set_axes)(struct figure_panel *panel, const struct curves *curves, const char *latency);
};

static double least(const struct curves *curves)
{
    double lo = INFINITY;
    for (unsigned i = 0; i < curves->count; i++)
        lo = MIN(lo, held(&curves->at[i], 0));
    return lo;
}

static double most(const struct curves *curves)
{
    double hi = 0;
    for (unsigned i = 0; i < curves->count; i++)
        hi = MAX(hi, held(&curves->at[i], INFINITY));
    return hi;
}

static double most_values(const struct curves *curves)
{
    double values = 0;
    for (unsigned i = 0; i < curves->count; i++)
        values = MAX(values, (double)curves->at[i].staircase.values);
    return values;
}

static void set_cdf_axes(struct figure_panel *panel, const struct curves *curves, const char *latency)
{
    axis_set_latency(&panel->x, latency, least(curves), most(curves));
    axis_set_span(&panel->y, "commands done within (%)", 0, 100);
    panel->y.hi = 101;
}

static void set_ccdf_axes(struct figure_panel *panel, const struct curves *curves, const char *latency)
{
    axis_set_latency(&panel->x, latency, least(curves), most(curves));
    axis_set_beyond(&panel->y, most_values(curves));
}

static void set_percentile_axes(struct figure_panel *panel, const struct curves *curves, const char *latency)
{
    axis_set_percentiles(&panel->x, most_values(curves));
    axis_set_latency(&panel->y, latency, least(curves), most(curves));
}

static const struct way cdf = {add_cdf, set_cdf_axes}, ccdf = {add_ccdf, set_ccdf_axes},
                        percentiles = {add_percentiles, set_percentile_axes};

static void add_panel(struct figure *figure, const struct curves *curves, const struct way *way, const char *latency,
                      unsigned height)
{
    if (curves->count == 0 || figure->panel_count == FIGURE_PANELS)
        return;
    struct figure_panel *panel = figure_add_panel(figure, height);
    way->set_axes(panel, curves, latency);
    for (unsigned i = 0; i < curves->count; i++) {
        const struct curve *curve = &curves->at[i];
        struct figure_series *series = figure_add_series(panel, FIGURE_LINE, curve->colour, curve->title);
        series->dashed = curve->dashed;
        way->add(series, curve);
    }
}

// --- figures -------------------------------------------------------------------------------------------------------

// All kinds of one result in one panel.
static void add_single(struct figure *figure, const struct shown *shown, const struct way *way)
{
    struct curves *curves = calloc(1, sizeof *curves);
    for (int kind = 0; kind < IO_KIND_COUNT; kind++)
        add_kind(curves, shown, 0, kind);
    add_panel(figure, curves, way, "latency", ALONE_HEIGHT);
    free_curves(curves);
}

// A panel for each kind, in which several results are compared.
static void add_compared(struct figure *figure, const struct shown *shown, const struct way *way)
{
    for (int kind = 0; kind < IO_KIND_COUNT; kind++) {
        struct curves *curves = calloc(1, sizeof *curves);
        char latency[64];
        for (size_t i = 0; i < shown->count; i++)
            add_kind(curves, shown, i, kind);
        snprintf(latency, sizeof latency, "%s latency", io_kind_name(kind));
        add_panel(figure, curves, way, latency, AMONG_HEIGHT);
        free_curves(curves);
    }
}

static struct figure *build(const struct shown *shown, const struct way *way, const char *name, const char *title)
{
    struct figure *figure = plot_begin(shown, name, title);
    (shown->count == 1 ? add_single : add_compared)(figure, shown, way);
    return plot_end(figure);
}

struct figure *plot_build_cdf(const struct shown *shown)
{
    return build(shown, &cdf, "latency_cdf", "Latency distribution");
}

struct figure *plot_build_ccdf(const struct shown *shown)
{
    return build(shown, &ccdf, "latency_ccdf", "Latency: what took longer");
}

struct figure *plot_build_percentiles(const struct shown *shown)
{
    return build(shown, &percentiles, "latency_percentiles", "Latency by percentile");
}

// Of one result: each kind as recorded, dashed, and as simulated.
struct figure *plot_build_recorded(const struct shown *shown)
{
    struct figure *figure = plot_begin(shown, "recorded_cdf", "The recorded device and the simulated drive");
    struct curves *curves = calloc(1, sizeof *curves);
    for (int kind = 0; shown->count == 1 && kind < IO_KIND_COUNT; kind++) {
        const char *name = io_kind_name(kind);
        char file[64], scope[64], title[FIGURE_TEXT];
        unsigned before = curves->count;
        snprintf(file, sizeof file, "recorded.%s", name);
        snprintf(scope, sizeof scope, "recorded|%s", name);
        snprintf(title, sizeof title, "%s, recorded", name);
        add_curve(curves, shown->results, file, scope, title, figure_series_colour((unsigned)kind), true);
        if (curves->count > before)
            add_kind(curves, shown, 0, kind);
    }
    add_panel(figure, curves, &cdf, "latency", ALONE_HEIGHT);
    free_curves(curves);
    return plot_end(figure);
}

static void add_job(struct curves *curves, const struct result *result, const char *job, unsigned index)
{
    for (int kind = 0; kind < IO_KIND_COUNT; kind++) {
        const char *name = io_kind_name(kind);
        char file[128], scope[128], title[FIGURE_TEXT];
        snprintf(file, sizeof file, "%s.%s", job, name);
        snprintf(scope, sizeof scope, "jobs|%s|commands|%s", job, name);
        snprintf(title, sizeof title, "%s, %s", job, name);
        add_curve(curves, result, file, scope, title, figure_series_colour(index), kind != IO_READ);
    }
}

// Each job's kinds, in a colour for each job.
struct figure *plot_build_jobs(const struct shown *shown)
{
    struct figure *figure = plot_begin(shown, "jobs_percentiles", "Latency of each job by percentile");
    struct curves *curves = calloc(1, sizeof *curves);
    const char *job;
    json_t *value;
    unsigned index = 0;
    if (shown->count == 1)
        json_object_foreach(result_at(shown->results, "jobs"), job, value)
            add_job(curves, shown->results, job, index++);
    add_panel(figure, curves, &percentiles, "latency", ALONE_HEIGHT);
    free_curves(curves);
    return plot_end(figure);
}
