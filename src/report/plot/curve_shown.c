// Points of curves, and their lines of latency.
#include "report/plot/curve_shown.h"

#include <math.h>
#include <stdio.h>

#include "util/macros.h"

// What is drawn of a point's latency. Of several curves each has a colour, and these are told apart by their lines.
static const struct drawn {
    const char *name;
    enum figure_colour colour;
    bool among_several, dashed;
} drawn[] = {
    {"mean", FIGURE_INK, false, false},
    {"p50", FIGURE_BLUE, true, false},
    {"p99", FIGURE_ORANGE, true, true},
    {"p99.9", FIGURE_VERMILION, false, false},
};

json_t *curve_points(const struct shown *shown, size_t curve)
{
    return result_at(&shown->results[curve], "points");
}

bool curves_have_points(const struct shown *shown)
{
    size_t points = 0;
    for (size_t i = 0; i < shown->count; i++) {
        if (!shown->results[i].is_curve)
            return false;
        points += json_array_size(curve_points(shown, i));
    }
    return points > 0;
}

json_t *curve_figures(json_t *point, const char *kind)
{
    return kind == NULL ? point : json_object_get(json_object_get(point, "commands"), kind);
}

static bool has_kind(const struct shown *shown, const char *kind)
{
    size_t k;
    json_t *point;
    for (size_t i = 0; i < shown->count; i++)
        json_array_foreach(curve_points(shown, i), k, point)
            if (curve_figures(point, kind) != NULL)
                return true;
    return false;
}

size_t curve_kinds(const struct shown *shown, const char *kinds[IO_KIND_COUNT])
{
    size_t count = 0;
    for (int i = 0; i < IO_KIND_COUNT; i++)
        if (has_kind(shown, io_kind_name(i)))
            kinds[count++] = io_kind_name(i);
    if (count > 1)
        return count;
    kinds[0] = NULL;
    return 1;
}

double curve_number(json_t *figures, const char *name)
{
    json_t *value = json_object_get(figures, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

double curve_latency(json_t *figures, const char *name)
{
    return curve_number(json_object_get(figures, "latency_us"), name);
}

double curve_lowest(json_t *figures)
{
    return fmin(curve_latency(figures, "mean"), curve_latency(figures, "p50"));
}

bool curve_is_open_loop(const struct shown *shown)
{
    return json_object_get(json_array_get(curve_points(shown, 0), 0), "offered_iops") != NULL;
}

const char *curve_load_name(const struct shown *shown)
{
    return curve_is_open_loop(shown) ? "offered_iops" : "iodepth";
}

// --- latency -------------------------------------------------------------------------------------------------------

static void extend(struct curve_extent *extent, json_t *figures)
{
    extent->lo = fmin(extent->lo, curve_lowest(figures));
    for (size_t i = 0; i < ARRAY_SIZE(drawn); i++)
        extent->hi = fmax(extent->hi, curve_latency(figures, drawn[i].name));
    extent->iops = fmax(extent->iops, curve_number(figures, "iops"));
}

struct curve_extent curve_extent_of(const struct shown *shown, const char *kind)
{
    struct curve_extent extent = {.lo = INFINITY};
    size_t k;
    json_t *point;
    for (size_t i = 0; i < shown->count; i++)
        json_array_foreach(curve_points(shown, i), k, point)
            extend(&extent, curve_figures(point, kind));
    return extent;
}

static void add_line(struct figure_panel *panel, const struct shown *shown, size_t curve, const char *kind,
                     const struct drawn *what, curve_x_fn *x)
{
    char title[FIGURE_TEXT];
    size_t k;
    json_t *point;
    bool single = shown->count == 1;
    plot_name(shown, curve, what->name, title);
    struct figure_series *series = figure_add_series(
        panel, FIGURE_LINE, single ? what->colour : figure_series_colour((unsigned)curve), title);
    series->dashed = !single && what->dashed;
    series->dots = true;
    json_array_foreach(curve_points(shown, curve), k, point)
        figure_add_point(series, (struct figure_point){.x = x(shown, point, kind),
                                                       .y = curve_latency(curve_figures(point, kind), what->name)});
}

void curve_add_latencies(struct figure_panel *panel, const struct shown *shown, const char *kind, curve_x_fn *x)
{
    for (size_t i = 0; i < shown->count; i++)
        for (size_t d = 0; d < ARRAY_SIZE(drawn); d++)
            if (shown->count == 1 || drawn[d].among_several)
                add_line(panel, shown, i, kind, &drawn[d], x);
}

const char *curve_label(const char *kind, const char *what, char label[FIGURE_TEXT])
{
    snprintf(label, FIGURE_TEXT, "%s%s%s", kind == NULL ? "" : kind, kind == NULL ? "" : " ", what);
    return label;
}
