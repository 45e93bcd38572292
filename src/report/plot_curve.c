// Plots of load curves: latency against throughput, and both against the load.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "figure/axis.h"
#include "report/plot_parts.h"
#include "util/alloc.h"
#include "util/exact_math.h"
#include "util/macros.h"

enum { HEIGHT = 400, LOAD_HEIGHT = 250, WIDTH = 826 };

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

// --- points --------------------------------------------------------------------------------------------------------

static json_t *points_of(const struct shown *shown, size_t curve)
{
    return result_at(&shown->results[curve], "points");
}

static double number_of(json_t *point, const char *name)
{
    json_t *value = json_object_get(point, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static double latency_of(json_t *point, const char *name)
{
    return number_of(json_object_get(point, "latency_us"), name);
}

static double lowest(json_t *point)
{
    return fmin(latency_of(point, "mean"), latency_of(point, "p50"));
}

static bool is_open_loop(const struct shown *shown)
{
    return json_object_get(json_array_get(points_of(shown, 0), 0), "offered_iops") != NULL;
}

static bool all_are_curves(const struct shown *shown)
{
    size_t points = 0;
    for (size_t i = 0; i < shown->count; i++) {
        if (!shown->results[i].is_curve)
            return false;
        points += json_array_size(points_of(shown, i));
    }
    return points > 0;
}

// What is drawn of the latencies lies between these; the largest throughput and load.
struct extent {
    double lo, hi, iops, least_load, load;
};

static void extend(struct extent *extent, json_t *point, const char *load)
{
    extent->lo = fmin(extent->lo, lowest(point));
    for (size_t i = 0; i < ARRAY_SIZE(drawn); i++)
        extent->hi = fmax(extent->hi, latency_of(point, drawn[i].name));
    extent->iops = fmax(extent->iops, number_of(point, "iops"));
    extent->least_load = fmin(extent->least_load, number_of(point, load));
    extent->load = fmax(extent->load, number_of(point, load));
}

static const char *load_of(const struct shown *shown)
{
    return is_open_loop(shown) ? "offered_iops" : "iodepth";
}

static struct extent extent_of(const struct shown *shown)
{
    struct extent extent = {.lo = INFINITY, .least_load = INFINITY};
    size_t k;
    json_t *point;
    for (size_t i = 0; i < shown->count; i++)
        json_array_foreach(points_of(shown, i), k, point)
            extend(&extent, point, load_of(shown));
    return extent;
}

static void add_lines(struct figure_panel *panel, const struct shown *shown, const char *x)
{
    for (size_t i = 0; i < shown->count; i++)
        for (size_t d = 0; d < ARRAY_SIZE(drawn); d++) {
            char title[FIGURE_TEXT];
            size_t k;
            json_t *point;
            bool single = shown->count == 1;
            if (!single && !drawn[d].among_several)
                continue;
            plot_name(shown, i, drawn[d].name, title);
            struct figure_series *series = figure_add_series(
                panel, FIGURE_LINE, single ? drawn[d].colour : figure_series_colour((unsigned)i), title);
            series->dashed = !single && drawn[d].dashed;
            series->dots = true;
            json_array_foreach(points_of(shown, i), k, point)
                figure_add_point(series, (struct figure_point){.x = number_of(point, x),
                                                               .y = latency_of(point, drawn[d].name)});
        }
}

// --- where depths stand --------------------------------------------------------------------------------------------

// A character of a label, and the room between a point and its label.
enum { CHARACTER = 8, LINE = 13, GAP = 7 };

struct spot {
    double x, y; // pixels from the lower left corner
};

struct box {
    double left, right, bottom, top;
};

static struct spot spot_of(const struct figure_panel *panel, json_t *point)
{
    double x = number_of(point, "iops") / panel->x.hi, y = MAX(lowest(point), 1e-3);
    return (struct spot){WIDTH * x,
                         HEIGHT * exact_log(y / panel->y.lo) / exact_log(panel->y.hi / panel->y.lo)};
}

static bool overlap(const struct box *a, const struct box *b)
{
    return a->left < b->right && b->left < a->right && a->bottom < b->top && b->bottom < a->top;
}

// Whether a line from `a` to `b` passes through the box: some of its points lie within.
static bool crosses(const struct box *box, struct spot a, struct spot b)
{
    enum { STEPS = 64 };
    for (int i = 0; i <= STEPS; i++) {
        double x = a.x + (b.x - a.x) * i / STEPS, y = a.y + (b.y - a.y) * i / STEPS;
        if (x > box->left && x < box->right && y > box->bottom && y < box->top)
            return true;
    }
    return false;
}

// Places around a point, the best first: below it, to the right and below, to the left and below, and to the sides.
static const struct corner {
    enum figure_anchor anchor;
    int right, down;
} corners[] = {
    {FIGURE_CENTRE, 0, GAP + LINE / 2 + 2}, {FIGURE_LEFT, GAP, GAP + LINE / 2}, {FIGURE_RIGHT, -GAP, GAP + LINE / 2},
    {FIGURE_LEFT, GAP + 2, 0},              {FIGURE_RIGHT, -GAP - 2, 0},
};

static struct box box_at(struct spot spot, const struct corner *corner, size_t length)
{
    double width = CHARACTER * (double)length, middle = spot.y - corner->down;
    double left = spot.x + corner->right -
                  (corner->anchor == FIGURE_CENTRE ? width / 2 : corner->anchor == FIGURE_RIGHT ? width : 0);
    return (struct box){left - 1, left + width + 1, middle - LINE / 2, middle + LINE / 2};
}

// Whether a label would touch the lowest line, the axis, or a label that is there.
static bool is_free(const struct figure_panel *panel, json_t *points, const struct box *box, const struct box *put,
                    size_t put_count)
{
    if (box->bottom < 1 || box->right > WIDTH + 20)
        return false;
    for (size_t i = 0; i + 1 < json_array_size(points); i++)
        if (crosses(box, spot_of(panel, json_array_get(points, i)), spot_of(panel, json_array_get(points, i + 1))))
            return false;
    for (size_t i = 0; i < put_count; i++)
        if (overlap(box, &put[i]))
            return false;
    return true;
}

// A depth for which there is no free place is left out.
static void add_depths(struct figure_panel *panel, json_t *points)
{
    size_t count = json_array_size(points), put = 0;
    struct box *boxes = xcalloc(count + 1, sizeof *boxes);
    for (size_t i = 0; i < count; i++) {
        json_t *point = json_array_get(points, i);
        struct figure_note note = {.x = number_of(point, "iops"), .y = lowest(point)};
        snprintf(note.text, sizeof note.text, "%.0f", number_of(point, "iodepth"));
        for (size_t p = 0; p < ARRAY_SIZE(corners); p++) {
            boxes[put] = box_at(spot_of(panel, point), &corners[p], strlen(note.text));
            if (!is_free(panel, points, &boxes[put], boxes, put))
                continue;
            note.right = corners[p].right;
            note.down = corners[p].down;
            note.anchor = corners[p].anchor;
            figure_add_note(panel, note);
            put++;
            break;
        }
    }
    free(boxes);
}

// --- the plots -----------------------------------------------------------------------------------------------------

struct figure *plot_build_curve(const struct shown *shown)
{
    if (!all_are_curves(shown))
        return NULL;
    struct extent extent = extent_of(shown);
    bool depths = shown->count == 1 && !is_open_loop(shown);
    struct figure *figure = plot_begin(shown, "curve", "Latency against throughput");
    struct figure_panel *panel = figure_add_panel(figure, HEIGHT);
    axis_set_linear(&panel->x, depths ? "throughput (IOPS); beside the points: iodepth" : "throughput (IOPS)",
                    extent.iops);
    axis_set_latency(&panel->y, "latency", depths ? extent.lo / 1.5 : extent.lo, extent.hi);
    add_lines(panel, shown, "iops");
    if (depths)
        add_depths(panel, points_of(shown, 0));
    return figure;
}

static void set_load_axis(struct figure_axis *axis, const struct shown *shown, const struct extent *extent,
                          bool is_last)
{
    if (is_open_loop(shown))
        axis_set_linear(axis, is_last ? "offered load (IOPS)" : "", extent->load);
    else
        axis_set_depth(axis, is_last ? "iodepth" : "", extent->least_load, extent->load);
}

static void add_throughput(struct figure_panel *panel, const struct shown *shown)
{
    for (size_t i = 0; i < shown->count; i++) {
        char title[FIGURE_TEXT];
        size_t k;
        json_t *point;
        plot_name(shown, i, "throughput", title);
        struct figure_series *series =
            figure_add_series(panel, FIGURE_LINE, figure_series_colour((unsigned)i), title);
        series->dots = true;
        json_array_foreach(points_of(shown, i), k, point)
            figure_add_point(series, (struct figure_point){.x = number_of(point, load_of(shown)),
                                                           .y = number_of(point, "iops")});
    }
}

struct figure *plot_build_curve_load(const struct shown *shown)
{
    if (!all_are_curves(shown))
        return NULL;
    struct extent extent = extent_of(shown);
    struct figure *figure = plot_begin(shown, "curve_load", "Throughput and latency against load");
    struct figure_panel *throughput = figure_add_panel(figure, LOAD_HEIGHT);
    axis_set_linear(&throughput->y, "IOPS", extent.iops);
    set_load_axis(&throughput->x, shown, &extent, false);
    add_throughput(throughput, shown);
    struct figure_panel *latency = figure_add_panel(figure, LOAD_HEIGHT);
    axis_set_latency(&latency->y, "latency", extent.lo, extent.hi);
    set_load_axis(&latency->x, shown, &extent, true);
    add_lines(latency, shown, load_of(shown));
    return figure;
}
