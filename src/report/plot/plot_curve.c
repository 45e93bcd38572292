// The plot of load curves: latency against throughput, a panel for each kind of command.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "figure/axis.h"
#include "report/plot/curve_shown.h"
#include "util/alloc.h"
#include "util/exact_math.h"
#include "util/macros.h"

enum { HEIGHT = 400, KIND_HEIGHT = 300, WIDTH = 826 };

// --- where depths stand --------------------------------------------------------------------------------------------

// A character of a label, and the room between a point and its label.
enum { CHARACTER = 8, LINE = 13, GAP = 7 };

struct spot {
    double x, y; // pixels from the lower left corner
};

struct box {
    double left, right, bottom, top;
};

static struct spot spot_of(const struct figure_panel *panel, double iops, double us)
{
    return (struct spot){WIDTH * iops / panel->x.hi,
                         panel->height * exact_log(MAX(us, 1e-3) / panel->y.lo) / exact_log(panel->y.hi / panel->y.lo)};
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

static bool touches(const struct figure_panel *panel, const struct figure_series *line, const struct box *box)
{
    for (size_t i = 0; i + 1 < line->count; i++) {
        const struct figure_point *a = &line->points[i], *b = a + 1;
        if (crosses(box, spot_of(panel, a->x, a->y), spot_of(panel, b->x, b->y)))
            return true;
    }
    return false;
}

// Whether a label would touch no line, nor the axis, nor a label that is there.
static bool is_free(const struct figure_panel *panel, const struct box *box, const struct box *put, size_t put_count)
{
    if (box->bottom < 1 || box->right > WIDTH + 20)
        return false;
    for (size_t i = 0; i < panel->series_count; i++)
        if (touches(panel, &panel->series[i], box))
            return false;
    for (size_t i = 0; i < put_count; i++)
        if (overlap(box, &put[i]))
            return false;
    return true;
}

// A note gets the first place around its point that is free. Returns false when there is none.
static bool place(const struct figure_panel *panel, struct figure_note *note, struct box *boxes, size_t put)
{
    struct spot spot = spot_of(panel, note->x, note->y);
    for (size_t p = 0; p < ARRAY_SIZE(corners); p++) {
        boxes[put] = box_at(spot, &corners[p], strlen(note->text));
        if (!is_free(panel, &boxes[put], boxes, put))
            continue;
        note->right = corners[p].right;
        note->down = corners[p].down;
        note->anchor = corners[p].anchor;
        return true;
    }
    return false;
}

// A depth for which there is no free place is left out.
static void add_depths(struct figure_panel *panel, json_t *points, const char *kind)
{
    size_t i, put = 0;
    json_t *point;
    struct box *boxes = xcalloc(json_array_size(points) + 1, sizeof *boxes);
    json_array_foreach(points, i, point) {
        json_t *figures = curve_figures(point, kind);
        struct figure_note note = {.x = curve_number(figures, "iops"), .y = curve_lowest(figures)};
        snprintf(note.text, sizeof note.text, "%.0f", curve_number(point, "iodepth"));
        if (figures == NULL || !place(panel, &note, boxes, put))
            continue;
        figure_add_note(panel, note);
        put++;
    }
    free(boxes);
}

// --- the plot ------------------------------------------------------------------------------------------------------

static double throughput_of(const struct shown *shown, json_t *point, const char *kind)
{
    (void)shown;
    return curve_number(curve_figures(point, kind), "iops");
}

static void add_panel(struct figure *figure, const struct shown *shown, const char *kind, unsigned height)
{
    struct curve_extent extent = curve_extent_of(shown, kind);
    char label[FIGURE_TEXT];
    bool depths = shown->count == 1 && !curve_is_open_loop(shown);
    struct figure_panel *panel = figure_add_panel(figure, height);
    curve_label(kind, depths ? "throughput (IOPS); beside the points: iodepth" : "throughput (IOPS)", label);
    axis_set_linear(&panel->x, label, extent.iops);
    axis_set_latency(&panel->y, curve_label(kind, "latency", label), depths ? extent.lo / 1.5 : extent.lo, extent.hi);
    curve_add_latencies(panel, shown, kind, throughput_of);
    if (depths)
        add_depths(panel, curve_points(shown, 0), kind);
}

struct figure *plot_build_curve(const struct shown *shown)
{
    const char *kinds[IO_KIND_COUNT];
    if (!curves_have_points(shown))
        return NULL;
    size_t count = curve_kinds(shown, kinds);
    struct figure *figure = plot_begin(shown, "curve", "Latency against throughput");
    for (size_t i = 0; i < count; i++)
        add_panel(figure, shown, kinds[i], count == 1 ? HEIGHT : KIND_HEIGHT);
    return figure;
}
