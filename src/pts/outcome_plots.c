// The plots of a test's report, as the specification's report pages have them: convergence, the measurement window, the
// table as lines; response times where there are any; and of write saturation its course.
//
// Pages after Calypso's sample report (link: doc/pts.md). Left out: bars in three dimensions, which show the same as
// the lines.
#include <math.h>

#include "figure/axis.h"
#include "pts/outcome.h"
#include "report/plot/plots.h"
#include "util/macros.h"

enum { HEIGHT = 320, PANEL_HEIGHT = 180 };

static struct figure *begin(const struct pts_outcome *outcome, const char *name, const char *title)
{
    struct figure *figure = figure_create(name, title);
    figure_add_line(figure, outcome->run->drive);
    return figure;
}

static void end(struct figure *figure, struct folder *folder)
{
    plot_write(folder, "plots/", figure, FIGURE_SVG);
    figure_destroy(figure);
}

static void set_scale(struct figure_axis *axis, enum pts_metric metric, double most)
{
    if (metric >= PTS_MEAN_US)
        axis_set_latency_linear(axis, pts_metrics[metric].title, 1.05 * most);
    else
        axis_set_linear(axis, pts_metrics[metric].title, most);
}

// --- convergence -----------------------------------------------------------------------------------------------------

static double value_at(const struct pts_course *course, size_t round, size_t cell)
{
    return course->rounds[round].cells[cell].value[course->test->metric];
}

// Each size at the tracked mix, over the rounds.
static void plot_convergence(const struct pts_outcome *outcome, struct folder *folder)
{
    const struct pts_course *course = outcome->course;
    size_t cells = pts_course_tracked(course) / course->size_count * course->size_count;
    double most = 0;
    char name[PTS_NAME_BYTES];
    struct figure *figure = begin(outcome, "convergence", "Steady-state convergence: writes of each block size");
    struct figure_panel *panel = figure_add_panel(figure, HEIGHT);
    for (size_t s = 0; s < course->size_count; s++) {
        struct figure_series *series = figure_add_series(panel, FIGURE_LINE, figure_series_colour((unsigned)s),
                                                         pts_size_name(course->block_bytes[s], name));
        series->dots = true;
        series->dashed = s >= 7; // colours begin again
        for (size_t r = 0; r < course->round_count; r++) {
            double value = value_at(course, r, cells + s);
            most = fmax(most, value);
            figure_add_point(series, (struct figure_point){.x = (double)r + 1, .y = value});
        }
    }
    axis_set_span(&panel->x, "round", 0.5, (double)course->round_count + 0.5);
    set_scale(&panel->y, course->test->metric, most);
    end(figure, folder);
}

// --- the measurement window ------------------------------------------------------------------------------------------

static void add_level(struct figure_panel *panel, const struct pts_window *window, double y, const char *title)
{
    double first = (double)window->first + 1;
    struct figure_series *series = figure_add_series(panel, FIGURE_LINE, FIGURE_GREY, title);
    series->dashed = true;
    figure_add_point(series, (struct figure_point){.x = first, .y = y});
    figure_add_point(series, (struct figure_point){.x = first + PTS_WINDOW - 1, .y = y});
}

static void add_line(struct figure_panel *panel, const struct pts_window *window)
{
    struct figure_series *series = figure_add_series(panel, FIGURE_LINE, FIGURE_VERMILION, "best straight line");
    for (int i = 0; i < PTS_WINDOW; i += PTS_WINDOW - 1)
        figure_add_point(series, (struct figure_point){.x = (double)window->first + 1 + i,
                                                       .y = pts_window_line(window, i)});
}

static void add_tracked(struct figure_panel *panel, const struct pts_course *course, const struct pts_window *window)
{
    struct figure_series *series = figure_add_series(panel, FIGURE_LINE, FIGURE_BLUE, "tracked");
    series->dots = true;
    for (size_t r = window->first; r < window->first + PTS_WINDOW; r++)
        figure_add_point(series, (struct figure_point){.x = (double)r + 1, .y = course->tracked[r]});
}

static void plot_window(const struct pts_outcome *outcome, const struct pts_window *window, struct folder *folder)
{
    const struct pts_course *course = outcome->course;
    double allowed = window->average * PTS_RANGE_MOST / 2, first = (double)window->first + 1;
    struct figure *figure = begin(outcome, "window", "Steady-state measurement window");
    struct figure_panel *panel = figure_add_panel(figure, HEIGHT);
    add_tracked(panel, course, window);
    add_line(panel, window);
    add_level(panel, window, window->average, "average");
    add_level(panel, window, window->average - allowed, "10 % below and above it");
    add_level(panel, window, window->average + allowed, "");
    axis_set_span(&panel->x, "round", first - 0.5, first + PTS_WINDOW - 0.5);
    set_scale(&panel->y, course->test->metric, fmax(window->most, window->average + allowed));
    end(figure, folder);
}

// --- the table -------------------------------------------------------------------------------------------------------

static void plot_table(const struct pts_outcome *outcome, const struct pts_window *window, struct folder *folder)
{
    const struct pts_course *course = outcome->course;
    double most = 0;
    char name[PTS_NAME_BYTES];
    struct figure *figure = begin(outcome, "table", "Block sizes and mixes of reads and writes, in steady state");
    struct figure_panel *panel = figure_add_panel(figure, HEIGHT);
    for (size_t m = 0; m < course->test->mix_count; m++) {
        struct figure_series *series = figure_add_series(panel, FIGURE_LINE, figure_series_colour((unsigned)m),
                                                         pts_mix_name(course->test->read_percents[m], name));
        series->dots = true;
        for (size_t s = course->size_count; s-- > 0;) {
            struct pts_cell cell = pts_course_mean(course, window, m * course->size_count + s);
            double x = (double)(course->size_count - 1 - s);
            most = fmax(most, cell.value[course->test->metric]);
            figure_add_point(series, (struct figure_point){.x = x, .y = cell.value[course->test->metric]});
        }
    }
    axis_set_span(&panel->x, "block size", -0.3, (double)course->size_count - 0.7);
    panel->x.tick_count = 0;
    for (size_t s = 0; s < course->size_count; s++)
        axis_add_tick(&panel->x, (double)s, pts_size_name(course->block_bytes[course->size_count - 1 - s], name));
    set_scale(&panel->y, course->test->metric, most);
    end(figure, folder);
}

// --- response times --------------------------------------------------------------------------------------------------

// How large a share takes as long or longer, over the time that it takes.
static void add_response(struct figure_panel *panel, const struct histogram *latencies)
{
    uint64_t beyond = latencies->count;
    struct figure_series *series = figure_add_series(panel, FIGURE_LINE, FIGURE_BLUE, "");
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS && beyond > 0; i++) {
        double us = (double)histogram_bucket_top(i) / 1e3, share = (double)beyond / (double)latencies->count;
        if (latencies->buckets[i] == 0)
            continue;
        figure_add_point(series, (struct figure_point){.x = us, .y = share});
        beyond -= latencies->buckets[i];
    }
}

static void plot_response(const struct pts_outcome *outcome, struct folder *folder)
{
    const struct histogram *latencies = &outcome->course->response.latencies;
    double least = (double)histogram_quantile(latencies, 0) / 1e3;
    double most = (double)histogram_quantile(latencies, 1) / 1e3;
    struct figure *figure = begin(outcome, "response_times", "Response times: what share takes as long or longer");
    struct figure_panel *panel = figure_add_panel(figure, HEIGHT);
    add_response(panel, latencies);
    axis_set_latency(&panel->x, "response time", least, most);
    axis_set_beyond(&panel->y, fmax((double)latencies->count, 1));
    end(figure, folder);
}

// --- write saturation ------------------------------------------------------------------------------------------------

typedef double round_value_fn(const struct pts_course *course, size_t round);

static double iops_of(const struct pts_course *course, size_t round)
{
    return course->rounds[round].cells[0].value[PTS_IOPS];
}

static double mean_of(const struct pts_course *course, size_t round)
{
    return course->rounds[round].cells[0].value[PTS_MEAN_US];
}

static double amplification_of(const struct pts_course *course, size_t round)
{
    return course->rounds[round].write_amplification;
}

static struct figure_panel *add_course(struct figure *figure, const struct pts_course *course, round_value_fn *value,
                                       double *most)
{
    struct figure_panel *panel = figure_add_panel(figure, PANEL_HEIGHT);
    struct figure_series *series = figure_add_series(panel, FIGURE_LINE, FIGURE_BLUE, "");
    *most = 0;
    for (size_t r = 0; r < course->round_count; r++) {
        *most = fmax(*most, value(course, r));
        figure_add_point(series, (struct figure_point){.x = course->rounds[r].fills, .y = value(course, r)});
    }
    axis_set_span(&panel->x, "", 0, course->rounds[course->round_count - 1].fills);
    return panel;
}

static void plot_saturation(const struct pts_outcome *outcome, struct folder *folder)
{
    const struct pts_course *course = outcome->course;
    double most;
    struct figure *figure = begin(outcome, "saturation", "Write saturation");
    struct figure_panel *panel = add_course(figure, course, iops_of, &most);
    set_scale(&panel->y, PTS_IOPS, most);
    panel = add_course(figure, course, mean_of, &most);
    set_scale(&panel->y, PTS_MEAN_US, most);
    panel = add_course(figure, course, amplification_of, &most);
    axis_set_linear(&panel->y, "write amplification", most);
    figure_copy_text(panel->x.label, sizeof panel->x.label, "written, in capacities");
    end(figure, folder);
}

void pts_plot(const struct pts_outcome *outcome, struct folder *folder)
{
    const struct pts_course *course = outcome->course;
    struct pts_window window;
    if (course->round_count == 0)
        return;
    plot_convergence(outcome, folder);
    if (course->test->most_fills > 0)
        plot_saturation(outcome, folder);
    if (!pts_course_window(course, &window))
        return;
    plot_window(outcome, &window, folder);
    plot_table(outcome, &window, folder);
    if (course->response.there)
        plot_response(outcome, folder);
}
