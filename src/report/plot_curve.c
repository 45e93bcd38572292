// Plots of a load curve: latency against throughput, and both against the load.
#include <inttypes.h>

#include "report/curve_plots.h"
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

// The depths stand where no line passes. Lines come from a lower load and go on to a higher one, whose latency is not
// lower: below a point and to its right, unless the line has come from there, because throughput has fallen.
static void put_depths(FILE *gp, const struct report_curve *curve)
{
    fputs("set style textbox opaque fillcolor '#ffffff' noborder margins 0.3,0.2\n", gp);
    for (size_t i = 0; i < curve->count; i++) {
        const struct report_curve_point *point = &curve->points[i];
        bool fell = i > 0 && point->iops < 0.995 * curve->points[i - 1].iops;
        fprintf(gp, "set label '%" PRIu32 "' at %.6g,%.6g %s offset %s,-0.7 boxed font ',11' textcolor '#555555' front\n",
                point->iodepth, point->iops / 1e3, lowest(point), fell ? "right" : "left", fell ? "-0.9" : "0.9");
    }
}

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
