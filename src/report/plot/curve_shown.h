// What curves have to show: their points, and the figures of each, as curve.json has them.
#ifndef SQTAIL_REPORT_PLOT_CURVE_SHOWN_H
#define SQTAIL_REPORT_PLOT_CURVE_SHOWN_H

#include "report/plot/plot_parts.h"

// Whether all that is shown are curves, and there are points.
bool curves_have_points(const struct shown *shown);

json_t *curve_points(const struct shown *shown, size_t curve);

// What is shown by itself: each kind of command, by its name, or where there is but one kind all of it, NULL. Returns
// how many there are.
size_t curve_kinds(const struct shown *shown, const char *kinds[IO_KIND_COUNT]);

// A point's figures of such a kind; NULL where it has none.
json_t *curve_figures(json_t *point, const char *kind);

// By name, NAN where there is none: "iops", of the point itself "offered_iops"; "p99", "mean".
double curve_number(json_t *figures, const char *name);
double curve_latency(json_t *figures, const char *name);

// Whether loads are requests a second, not in flight, and by which name points have them.
bool curve_is_open_loop(const struct shown *shown);
const char *curve_load_name(const struct shown *shown);

// The lines that are drawn of a latency, over what `x` says of a point.
typedef double curve_x_fn(const struct shown *shown, json_t *point, const char *kind);
void curve_add_latencies(struct figure_panel *panel, const struct shown *shown, const char *kind, curve_x_fn *x);

// The lower end of these lines at a point.
double curve_lowest(json_t *figures);

// What they span, and the largest throughput.
struct curve_extent {
    double lo, hi, iops;
};
struct curve_extent curve_extent_of(const struct shown *shown, const char *kind);

// "read latency", or "latency" of all.
const char *curve_label(const char *kind, const char *what, char label[FIGURE_TEXT]);

#endif
