// Plots of a sweep: the choice between two metrics, what moves what, and the metrics along each axis.
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figure/axis.h"
#include "report/plot/plots.h"
#include "sweep/outcome.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { COLOURED_MAX = 7, HEIGHT = 400, PANEL_HEIGHT = 260 };

static const char *name_of(const struct sweep_outcome *outcome, size_t column)
{
    return outcome->table->columns[column].name;
}

static double mean_of(const struct sweep_outcome *outcome, size_t setting, size_t column)
{
    return sweep_setting_value(outcome, &outcome->settings[setting], column).mean;
}

static void set_axis(struct figure_axis *axis, const struct sweep_outcome *outcome, size_t column)
{
    double most = 0;
    for (size_t s = 0; s < outcome->setting_count; s++)
        most = fmax(most, mean_of(outcome, s, column));
    if (sweep_is_time(name_of(outcome, column)))
        axis_set_latency_linear(axis, name_of(outcome, column), 1.05 * most);
    else
        axis_set_linear(axis, name_of(outcome, column), most);
}

static void write_figure(struct folder *folder, struct figure *figure)
{
    plot_write(folder, "plots/", figure, FIGURE_SVG);
    figure_destroy(figure);
}

static struct figure *begin(const struct sweep_outcome *outcome, const char *name, const char *title)
{
    struct figure *figure = figure_create(name, title);
    figure_add_line(figure, outcome->title);
    return figure;
}

// --- the choice ----------------------------------------------------------------------------------------------------

static struct figure_point choice_point(const struct sweep_outcome *outcome, size_t setting)
{
    return (struct figure_point){.x = mean_of(outcome, setting, outcome->choice[0]),
                                 .y = mean_of(outcome, setting, outcome->choice[1])};
}

// Dots that no line joins: between two there is one that is no number.
static void add_all(struct figure_panel *panel, const struct sweep_outcome *outcome, size_t workload)
{
    struct figure_series *series = figure_add_series(panel, FIGURE_LINE, FIGURE_GREY, "");
    series->dots = true;
    for (size_t s = 0; s < outcome->setting_count; s++) {
        if (outcome->settings[s].point->at[outcome->plan->workload] != workload)
            continue;
        figure_add_point(series, choice_point(outcome, s));
        figure_add_point(series, (struct figure_point){.x = 0, .y = NAN});
    }
}

static void add_front(struct figure_panel *panel, const struct sweep_outcome *outcome, size_t workload)
{
    size_t count, *front = sweep_front(outcome, workload, &count);
    const char *title = outcome->plan->axes[outcome->plan->workload].values[workload].name;
    struct figure_series *series =
        figure_add_series(panel, FIGURE_LINE, figure_series_colour((unsigned)workload), title);
    series->dots = true;
    for (size_t i = 0; i < count; i++)
        figure_add_point(series, choice_point(outcome, front[i]));
    free(front);
}

static void plot_choice(const struct sweep_outcome *outcome, struct folder *folder)
{
    struct figure *figure = begin(outcome, "choice", "Settings, and those between which there is a choice");
    struct figure_panel *panel = figure_add_panel(figure, HEIGHT);
    set_axis(&panel->x, outcome, outcome->choice[0]);
    set_axis(&panel->y, outcome, outcome->choice[1]);
    for (size_t w = 0; w < outcome->plan->axes[outcome->plan->workload].count; w++) {
        add_all(panel, outcome, w);
        add_front(panel, outcome, w);
    }
    write_figure(folder, figure);
}

// --- what moves what -----------------------------------------------------------------------------------------------

static double largest_effect(const struct sweep_outcome *outcome, const size_t *axes, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t m = 0; m < outcome->shown_count; m++)
            most = fmax(most, sweep_effect_of(outcome, axes[i], m)->median);
    return most;
}

// An axis is a row, a metric a box in it.
static void add_effects(struct figure_panel *panel, const struct sweep_outcome *outcome, const size_t *axes,
                        size_t count)
{
    size_t metrics = MIN(outcome->shown_count, (size_t)COLOURED_MAX);
    double height = 0.8 / (double)metrics;
    for (size_t m = 0; m < metrics; m++) {
        struct figure_series *series = figure_add_series(panel, FIGURE_BOXES, figure_series_colour((unsigned)m),
                                                         name_of(outcome, outcome->shown[m]));
        for (size_t i = 0; i < count; i++) {
            double median = sweep_effect_of(outcome, axes[i], m)->median;
            double top = (double)(count - i) + 0.4 - height * (double)m;
            if (isfinite(median))
                figure_add_point(series, (struct figure_point){.y = top - height, .x2 = 100 * median, .y2 = top});
        }
    }
}

static void plot_effects(const struct sweep_outcome *outcome, struct folder *folder)
{
    size_t axes[SWEEP_AXES_MAX], count = sweep_axes_by_effect(outcome, axes);
    struct figure *figure = begin(outcome, "effects", "How far each axis moves each metric");
    struct figure_panel *panel = figure_add_panel(figure, 60 + 70 * (unsigned)count);
    axis_set_linear(&panel->x, "largest above smallest, all else equal (%), median",
                    100 * largest_effect(outcome, axes, count));
    axis_set_rows(&panel->y, (unsigned)count);
    panel->has_rows = true;
    for (size_t i = 0; i < count; i++)
        axis_add_tick(&panel->y, (double)(count - i), outcome->plan->axes[axes[i]].name);
    add_effects(panel, outcome, axes, count);
    write_figure(folder, figure);
}

// --- along an axis -------------------------------------------------------------------------------------------------

// Settings that differ along one axis alone: a line of the plot.
struct line {
    size_t *settings;                // by value of the axis; SWEEP_NO_VALUE: none
    const struct sweep_point *point; // of one of them
};

struct lines {
    const struct sweep_outcome *outcome;
    size_t axis;
    struct line *at;
    size_t count;
};

static bool belongs(const struct lines *lines, const struct line *line, const struct sweep_point *point)
{
    const struct sweep_plan *plan = lines->outcome->plan;
    for (size_t a = 0; a < plan->axis_count; a++)
        if (a != lines->axis && a != plan->seed && line->point->at[a] != point->at[a])
            return false;
    return true;
}

static struct line *add_line(struct lines *lines, const struct sweep_point *point)
{
    size_t values = lines->outcome->plan->axes[lines->axis].count;
    lines->at = xgrow(lines->at, lines->count, sizeof *lines->at);
    struct line *line = &lines->at[lines->count++];
    *line = (struct line){.settings = xcalloc(values, sizeof *line->settings), .point = point};
    for (size_t v = 0; v < values; v++)
        line->settings[v] = SWEEP_NO_VALUE;
    return line;
}

static void add_to_line(struct lines *lines, size_t setting)
{
    const struct sweep_point *point = lines->outcome->settings[setting].point;
    size_t i = 0;
    if (point->at[lines->axis] == SWEEP_NO_VALUE)
        return;
    while (i < lines->count && !belongs(lines, &lines->at[i], point))
        i++;
    struct line *line = i < lines->count ? &lines->at[i] : add_line(lines, point);
    line->settings[point->at[lines->axis]] = setting;
}

static struct lines lines_of(const struct sweep_outcome *outcome, size_t axis)
{
    struct lines lines = {.outcome = outcome, .axis = axis};
    for (size_t s = 0; s < outcome->setting_count; s++)
        add_to_line(&lines, s);
    return lines;
}

static void free_lines(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->at[i].settings);
    free(lines->at);
}

// "ftl.over_provisioning=7%, workload=read": what the settings of a line have in common.
static char *line_title(const struct lines *lines, const struct line *line)
{
    struct sweep_point point = *line->point;
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    point.at[lines->axis] = point.at[lines->outcome->plan->seed] = SWEEP_NO_VALUE;
    sweep_point_print(lines->outcome->plan, &point, to);
    fclose(to);
    return text;
}

// More lines than there are colours are all of one, and have no names; others are named once.
static void draw_line(struct figure_panel *panel, const struct lines *lines, size_t i, unsigned choice)
{
    bool coloured = lines->count <= COLOURED_MAX;
    char *title = line_title(lines, &lines->at[i]);
    struct figure_series *series =
        figure_add_series(panel, FIGURE_LINE, coloured ? figure_series_colour((unsigned)i) : FIGURE_GREY,
                          coloured && choice == 0 ? title : "");
    series->dots = true;
    for (size_t v = 0; v < lines->outcome->plan->axes[lines->axis].count; v++)
        if (lines->at[i].settings[v] != SWEEP_NO_VALUE)
            figure_add_point(series, (struct figure_point){
                                         .x = (double)v,
                                         .y = mean_of(lines->outcome, lines->at[i].settings[v],
                                                      lines->outcome->choice[choice])});
    free(title);
}

static void set_values(struct figure_axis *to, const struct sweep_axis *axis, bool is_last)
{
    axis_set_span(to, is_last ? axis->name : "", -0.3, (double)axis->count - 0.7);
    to->tick_count = 0;
    for (size_t v = 0; v < axis->count; v++)
        axis_add_tick(to, (double)v, axis->values[v].name);
}

// As a file's name: letters, digits, '.' and '_'.
static char *file_name(const char *axis)
{
    char *name = xformat("along-%.30s", axis);
    for (char *c = name + strlen("along-"); *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && *c != '.')
            *c = '_';
    return name;
}

static void plot_axis(const struct sweep_outcome *outcome, size_t axis, struct folder *folder)
{
    struct lines lines = lines_of(outcome, axis);
    const char *axis_name = outcome->plan->axes[axis].name;
    char *name = file_name(axis_name), *title = xformat("Along %s", axis_name);
    struct figure *figure = begin(outcome, name, title);
    for (unsigned i = 0; i < 2; i++) {
        struct figure_panel *panel = figure_add_panel(figure, PANEL_HEIGHT);
        set_values(&panel->x, &outcome->plan->axes[axis], i == 1);
        set_axis(&panel->y, outcome, outcome->choice[i]);
        for (size_t l = 0; l < lines.count; l++)
            draw_line(panel, &lines, l, i);
    }
    write_figure(folder, figure);
    free_lines(&lines);
    free(title);
    free(name);
}

void sweep_plot(const struct sweep_outcome *outcome, struct folder *folder)
{
    bool has_choice = outcome->choice[0] != SWEEP_NO_VALUE && outcome->choice[1] != SWEEP_NO_VALUE;
    if (outcome->setting_count < 2 || !has_choice)
        return;
    plot_choice(outcome, folder);
    plot_effects(outcome, folder);
    for (size_t a = 0; a < outcome->plan->axis_count; a++)
        if (sweep_axis_varies(outcome->plan, a))
            plot_axis(outcome, a, folder);
}
