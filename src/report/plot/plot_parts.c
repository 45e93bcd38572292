// What all plots share.
#include "report/plot/plot_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "figure/axis.h"
#include "util/macros.h"

typedef char *line_fn(const struct result *result);

static char *drive_name(const struct result *result)
{
    const char *drive = result_text(result, "drive");
    return strdup(drive == NULL ? "" : drive);
}

// A line of the title, when it is the same for all.
static void add_common_line(struct figure *figure, const struct shown *shown, line_fn *line_of)
{
    char *first = line_of(&shown->results[0]);
    bool same = true;
    for (size_t i = 1; same && i < shown->count; i++) {
        char *other = line_of(&shown->results[i]);
        same = strcmp(first, other) == 0;
        free(other);
    }
    if (same)
        figure_add_line(figure, first);
    free(first);
}

struct figure *plot_begin(const struct shown *shown, const char *name, const char *title)
{
    struct figure *figure = figure_create(name, title);
    add_common_line(figure, shown, result_load);
    add_common_line(figure, shown, shown->count == 1 ? result_drive : drive_name);
    return figure;
}

struct figure *plot_end(struct figure *figure)
{
    if (figure->panel_count > 0)
        return figure;
    figure_destroy(figure);
    return NULL;
}

void plot_name(const struct shown *shown, size_t result, const char *what, char name[FIGURE_TEXT])
{
    if (shown->count == 1)
        snprintf(name, FIGURE_TEXT, "%s", what);
    else
        snprintf(name, FIGURE_TEXT, "%s%s%s", shown->results[result].label, *what == '\0' ? "" : " ", what);
}

enum figure_colour plot_colour(const struct shown *shown, size_t result, enum io_kind kind)
{
    return figure_series_colour(shown->count == 1 ? (unsigned)kind : (unsigned)result);
}

static double kind_number(const struct result *result, enum io_kind kind, const char *what)
{
    char path[96];
    snprintf(path, sizeof path, "commands|%s|%s", io_kind_name(kind), what);
    return result_number(result, path);
}

double plot_count(const struct result *result, enum io_kind kind)
{
    double count = kind_number(result, kind, "count");
    return isnan(count) ? 0 : count;
}

double plot_latency(const struct result *result, enum io_kind kind, const char *what)
{
    char path[64];
    snprintf(path, sizeof path, "latency_us|%s", what);
    return kind_number(result, kind, path);
}

bool plot_has_kind(const struct shown *shown, enum io_kind kind)
{
    for (size_t i = 0; i < shown->count; i++)
        if (plot_count(&shown->results[i], kind) > 0)
            return true;
    return false;
}

void plot_free_tables(struct table *tables, size_t count)
{
    for (size_t i = 0; i < count; i++)
        table_free(&tables[i]);
}

size_t plot_read_tables(const struct shown *shown, const char *name, struct table tables[PLOT_RESULTS_MAX],
                        double *seconds)
{
    size_t count = 0;
    while (count < MIN(shown->count, PLOT_RESULTS_MAX) &&
           result_read_table(&shown->results[count], name, &tables[count])) {
        double own = result_number(&shown->results[count++], "sim|time_s");
        *seconds = MAX(*seconds, own);
    }
    if (count == shown->count)
        return count;
    plot_free_tables(tables, count);
    return 0;
}

void plot_set_time_axes(struct figure *figure, double seconds)
{
    for (unsigned i = 0; i < figure->panel_count; i++) {
        axis_set_time(&figure->panels[i]->x, seconds);
        if (i + 1 < figure->panel_count)
            figure->panels[i]->x.label[0] = '\0';
    }
}

double plot_largest(const struct figure_panel *panel)
{
    double largest = 0;
    for (size_t i = 0; i < panel->series_count; i++)
        for (size_t k = 0; k < panel->series[i].count; k++)
            largest = fmax(largest, panel->series[i].points[k].y);
    return largest;
}

void plot_set_share_axis(struct figure_axis *axis, double largest)
{
    if (largest < 20)
        axis_set_linear(axis, "busy (%)", largest);
    else
        axis_set_span(axis, "busy (%)", 0, 100);
    axis->hi *= largest < 20 ? 1 : 1.02;
}

void plot_blank_name(const char *name, char title[FIGURE_TEXT])
{
    snprintf(title, FIGURE_TEXT, "%s", name);
    for (char *c = title; *c != '\0'; c++)
        if (*c == '_')
            *c = ' ';
}
