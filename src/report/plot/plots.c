// The table of plots, and writing them.
#include "report/plot/plots.h"

#include "report/plot/plot_parts.h"

const struct plot_row plot_rows[] = {
    {"cdf", "share of the commands that were done within a latency", plot_build_cdf, false},
    {"cdf", "the same of a recording's own completions and of the simulated drive's", plot_build_recorded, false},
    {"ccdf", "share of the commands that took longer: the tail, both axes logarithmic", plot_build_ccdf, false},
    {"percentiles", "latency by percentile", plot_build_percentiles, false},
    {"percentiles", "the same of each of several jobs", plot_build_jobs, false},
    {"time", "latency over time", plot_build_latency_time, false},
    {"time", "throughput over time", plot_build_throughput_time, false},
    {"time", "how busy dies, channels, link and processors were over time", plot_build_utilization_time, false},
    {"time", "programs of host data and of copies, erases and read retries over time", plot_build_activity, false},
    {"offsets", "where requests went over time, as iowatcher draws it", plot_build_offsets, true},
    {"heatmap", "how busy each die and each channel was, over time", plot_build_heatmap, false},
    {"stages", "where the time went: mean latency by stage", plot_build_stages, false},
    {"stages", "where the time went at each point of a curve", plot_build_curve_stages, false},
    {"tail", "where it went in each class of latency, up to the slowest commands", plot_build_tail, false},
    {"curve", "a curve's latency against its throughput", plot_build_curve, false},
    {"curve", "both against the load", plot_build_curve_load, false},
    {"curve", "how busy the drive was at each load, and what writing cost", plot_build_curve_drive, false},
    {0},
};

void plot_write(struct folder *folder, const char *under, const struct figure *figure, enum figure_format format)
{
    char name[FIGURE_TEXT + 64];
    snprintf(name, sizeof name, "%s%s.dat", under, figure->name);
    FILE *to = folder_open(folder, name);
    if (to != NULL)
        figure_write_data(figure, to);
    folder_close(folder, to, name);
    snprintf(name, sizeof name, "%s%s.gp", under, figure->name);
    to = folder_open(folder, name);
    if (to != NULL)
        figure_write_gnuplot(figure, format, to);
    folder_close(folder, to, name);
}

void plot_write_all(struct folder *folder, const struct result *result)
{
    for (const struct plot_row *row = plot_rows; row->kind != NULL; row++) {
        struct figure *figure = row->on_demand ? NULL : row->build(&(struct shown){result, 1});
        if (figure != NULL)
            plot_write(folder, "plots/", figure, FIGURE_SVG);
        figure_destroy(figure);
    }
}
