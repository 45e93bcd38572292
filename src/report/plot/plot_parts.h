// What the files on plots share.
#ifndef SQTAIL_REPORT_PLOT_PLOT_PARTS_H
#define SQTAIL_REPORT_PLOT_PLOT_PARTS_H

#include "report/plot/plots.h"
#include "spec/io.h"

// A figure whose lines tell what was run, on which drive: where several are shown, as far as they have it in common.
struct figure *plot_begin(const struct shown *shown, const char *name, const char *title);

// The figure; or NULL, when it has no panel, and then it is gone.
struct figure *plot_end(struct figure *figure);

// "read"; of several results with the result's own name: "base read".
void plot_name(const struct shown *shown, size_t result, const char *what, char name[FIGURE_TEXT]);

// Of one result a colour for each kind, of several a colour for each result.
enum figure_colour plot_colour(const struct shown *shown, size_t result, enum io_kind kind);

// Commands of a kind that a result has; 0 where there is none.
double plot_count(const struct result *result, enum io_kind kind);

// A number of a kind's latency, such as "p99".
double plot_latency(const struct result *result, enum io_kind kind, const char *what);

// Whether any of the results has that kind.
bool plot_has_kind(const struct shown *shown, enum io_kind kind);

// A CSV file of each result, and the time of the longest run. Returns how many there are: all, or none.
enum { PLOT_RESULTS_MAX = 16 };
size_t plot_read_tables(const struct shown *shown, const char *name, struct table tables[PLOT_RESULTS_MAX],
                        double *seconds);
void plot_free_tables(struct table *tables, size_t count);

// One time axis for all panels, which the last alone names.
void plot_set_time_axes(struct figure *figure, double seconds);

// The largest y of all series of a panel; at least 0.
double plot_largest(const struct figure_panel *panel);

// A share of time in percent: the whole scale, unless all of it would lie in its lowest fifth.
void plot_set_share_axis(struct figure_axis *axis, double largest);

// "link to host" of "link_to_host".
void plot_blank_name(const char *name, char title[FIGURE_TEXT]);

// The builders, in the order of the table.
struct figure *plot_build_cdf(const struct shown *shown);
struct figure *plot_build_recorded(const struct shown *shown);
struct figure *plot_build_ccdf(const struct shown *shown);
struct figure *plot_build_percentiles(const struct shown *shown);
struct figure *plot_build_jobs(const struct shown *shown);
struct figure *plot_build_latency_time(const struct shown *shown);
struct figure *plot_build_throughput_time(const struct shown *shown);
struct figure *plot_build_utilization_time(const struct shown *shown);
struct figure *plot_build_activity(const struct shown *shown);
struct figure *plot_build_offsets(const struct shown *shown);
struct figure *plot_build_heatmap(const struct shown *shown);
struct figure *plot_build_stages(const struct shown *shown);
struct figure *plot_build_tail(const struct shown *shown);
struct figure *plot_build_curve(const struct shown *shown);
struct figure *plot_build_curve_load(const struct shown *shown);
struct figure *plot_build_curve_drive(const struct shown *shown);
struct figure *plot_build_curve_stages(const struct shown *shown);

#endif
