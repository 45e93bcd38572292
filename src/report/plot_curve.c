// Plots of a load curve: latency against throughput, and both against the load.
#include <inttypes.h>
#include <stdlib.h>

#include "report/curve_plots.h"
#include "util/alloc.h"
#include "util/exact_math.h"
#include "util/macros.h"

// Columns of curve.csv that are drawn.
enum { COLUMN_IODEPTH = 1, COLUMN_OFFERED = 2, COLUMN_IOPS = 4 };

static const struct drawn {
    const char *name;
    unsigned column;
} drawn[] = {{"mean", 6}, {"p50", 8}, {"p99", 11}, {"p99.9", 12}};

static bool is_open_loop(const struct report_curve *curve)
{
    return curve->count > 0 && curve->points[0].offered_iops > 0;
}

static double lowest(const struct report_curve_point *point)
{
    return MIN(point->latency.mean, point->latency.percentile[0]);
}

static void put_latency_range(FILE *gp, const struct report_curve *curve, double room_below)
{
    double lo = curve->points[0].latency.mean, hi = lo;
    for (size_t i = 0; i < curve->count; i++) {
        const struct report_latency *latency = &curve->points[i].latency;
        lo = MIN(lo, lowest(&curve->points[i]));
        hi = MAX(hi, MAX(latency->mean, latency->percentile[4]));
    }
    plot_put_log_range(gp, 'y', lo / room_below, hi);
    fputs("set ylabel 'latency (us)'\n", gp);
}

static void put_latency_lines(FILE *gp, unsigned x, const char *scale)
{
    for (size_t i = 0; i < ARRAY_SIZE(drawn); i++)
        fprintf(gp, "%s'../curve.csv' using (column(%u)%s):%u with linespoints linewidth 2 pointtype 7 pointsize 0.5 "
                    "linecolor '%s' title '%s'",
                i == 0 ? "plot " : ", \\\n     ", x, scale, drawn[i].column, plot_colour((unsigned)i), drawn[i].name);
}

static double largest_iops(const struct report_curve *curve)
{
    double largest = 0;
    for (size_t i = 0; i < curve->count; i++)
        largest = MAX(largest, curve->points[i].iops);
    return largest;
}

static FILE *open_curve(struct plots *plots, const char *name, struct plot_layout layout)
{
    FILE *gp = plot_open(plots, name, layout);
    if (gp != NULL)
        fputs("set datafile separator ','\nset key autotitle columnhead\nset grid xtics ytics mytics\n", gp);
    return gp;
}

// --- where depths stand --------------------------------------------------------------------------------------------

// The plot in pixels, nearly; a character of a label, and the room between a point and its label.
enum { PLOT_WIDTH = 826, PLOT_HEIGHT = 400, CHARACTER = 7, LINE = 13, GAP = 7 };

struct spot {
    double x, y; // pixels from the lower left corner
};

struct box {
    double left, right, bottom, top;
};

static struct spot spot_of(const struct report_curve *curve, size_t point)
{
    double lo = lowest(&curve->points[0]), hi = lo;
    for (size_t i = 0; i < curve->count; i++) {
        lo = MIN(lo, lowest(&curve->points[i]));
        hi = MAX(hi, curve->points[i].latency.percentile[4]);
    }
    double whole = exact_log(MAX(hi, 1e-3) / MAX(lo, 1e-3) * 2);
    return (struct spot){
        PLOT_WIDTH * curve->points[point].iops / MAX(largest_iops(curve) * 1.08, 1e-9),
        PLOT_HEIGHT * exact_log(MAX(lowest(&curve->points[point]), 1e-3) / MAX(lo, 1e-3)) / whole,
    };
}

// Whether the lowest line passes below a label that stands centred under the point.
static bool is_steep(struct spot from, struct spot to)
{
    double across = from.x > to.x ? from.x - to.x : to.x - from.x, up = to.y - from.y;
    return 2 * (up > 0 ? up : -up) > across;
}

static bool overlap(const struct box *a, const struct box *b)
{
    return a->left < b->right && b->left < a->right && a->bottom < b->top && b->bottom < a->top;
}

enum side { CENTRE, RIGHT, LEFT };

static struct box box_of(struct spot at, uint32_t iodepth, enum side side)
{
    int digits = 1;
    for (uint32_t rest = iodepth; rest >= 10; rest /= 10)
        digits++;
    double width = CHARACTER * digits;
    double left = side == CENTRE ? at.x - width / 2 : side == RIGHT ? at.x + GAP : at.x - GAP - width;
    return (struct box){left - 2, left + width + 2, at.y - GAP - LINE, at.y - GAP};
}

// Lines come from a lower load and go on to a higher one, whose latency is not lower. Below a point there is room where
// they are flat; where they are steep, below and to its right; to its left when throughput has fallen, for then the
// line has come from the right.
static enum side side_of(const struct report_curve *curve, size_t i)
{
    struct spot at = spot_of(curve, i);
    bool has_next = i + 1 < curve->count;
    if (i > 0 && at.x < spot_of(curve, i - 1).x - 2)
        return LEFT;
    if ((i > 0 && is_steep(spot_of(curve, i - 1), at)) || (has_next && is_steep(at, spot_of(curve, i + 1))))
        return RIGHT;
    return CENTRE;
}

// A depth whose place another has already is left out.
static void put_depths(FILE *gp, const struct report_curve *curve)
{
    static const char *const how[] = {
        [CENTRE] = "center offset 0,-0.9", [RIGHT] = "left offset 0.9,-0.7", [LEFT] = "right offset -0.9,-0.7"};
    struct box *boxes = xcalloc(curve->count, sizeof *boxes);
    size_t put = 0;
    fputs("set style textbox opaque fillcolor '#ffffff' noborder margins 0.3,0.2\n", gp);
    for (size_t i = 0; i < curve->count; i++) {
        const struct report_curve_point *point = &curve->points[i];
        enum side side = side_of(curve, i);
        size_t other = 0;
        boxes[put] = box_of(spot_of(curve, i), point->iodepth, side);
        while (other < put && !overlap(&boxes[other], &boxes[put]))
            other++;
        if (other < put)
            continue;
        put++;
        fprintf(gp, "set label '%" PRIu32 "' at %.6g,%.6g %s boxed font ',11' textcolor '#555555' front\n",
                point->iodepth, point->iops / 1e3, lowest(point), how[side]);
    }
    free(boxes);
}

// --- the plots -----------------------------------------------------------------------------------------------------

// Throughput against latency.
static void plot_latency(struct plots *plots, const struct report_curve *curve)
{
    FILE *gp = open_curve(plots, "curve", (struct plot_layout){"Latency against throughput", 1, 580});
    if (gp == NULL)
        return;
    const char *labels = is_open_loop(curve) ? "" : "; beside the lines: iodepth";
    fprintf(gp, "set xlabel 'throughput (thousand IOPS)%s'\n", labels);
    plot_put_linear_range(gp, 'x', largest_iops(curve) / 1e3);
    put_latency_range(gp, curve, 2);
    if (!is_open_loop(curve))
        put_depths(gp, curve);
    put_latency_lines(gp, COLUMN_IOPS, "/1e3");
    fputc('\n', gp);
    plot_close(plots, gp);
}

static void put_load_axis(FILE *gp, const struct report_curve *curve)
{
    double lo = curve->points[0].iodepth, hi = lo;
    for (size_t i = 0; i < curve->count; i++) {
        lo = MIN(lo, curve->points[i].iodepth);
        hi = MAX(hi, curve->points[i].iodepth);
    }
    fprintf(gp, "set logscale x 2\nset xrange [%.6g:%.6g]\nset format x '%%g'\n", MAX(lo, 1) / 1.2, MAX(hi, 1) * 1.2);
}

// Throughput and latency against the load.
static void plot_load(struct plots *plots, const struct report_curve *curve)
{
    bool open_loop = is_open_loop(curve);
    unsigned x = open_loop ? COLUMN_OFFERED : COLUMN_IODEPTH;
    const char *scale = open_loop ? "/1e3" : "";
    FILE *gp = open_curve(plots, "curve_load", (struct plot_layout){"Throughput and latency against load", 2, 800});
    if (gp == NULL)
        return;
    if (open_loop)
        plot_put_linear_range(gp, 'x', curve->points[curve->count - 1].offered_iops / 1e3);
    else
        put_load_axis(gp, curve);
    fputs("set ylabel 'thousand IOPS'\n", gp);
    plot_put_linear_range(gp, 'y', largest_iops(curve) / 1e3);
    fprintf(gp, "plot '../curve.csv' using (column(%u)%s):(column(%u)/1e3) with linespoints linewidth 2 pointtype 7 "
                "pointsize 0.5 linecolor '%s' title 'throughput'\n", x, scale, COLUMN_IOPS, plot_colour(0));
    fprintf(gp, "set xlabel '%s'\n", open_loop ? "offered load (thousand IOPS)" : "iodepth");
    put_latency_range(gp, curve, 1);
    put_latency_lines(gp, x, scale);
    fputc('\n', gp);
    plot_close(plots, gp);
}

void report_plot_curve(struct plots *plots, const struct report_curve *curve)
{
    plot_latency(plots, curve);
    plot_load(plots, curve);
}
