// The plots of a comparison: how far each metric moved, between its threshold and its noise; and the plots of the
// results themselves, over each other. Of repetitions the first is shown there.
#include "compare/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "compare/format.h"
#include "figure/axis.h"
#include "report/locale_guard.h"
#include "report/plot/plots.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { ROW_PIXELS = 24, ROWS_MAX = FIGURE_TICKS, OVERLAID_MAX = 16 };

// To the left of the changes, as a share of their half of the axis.
#define ROOM_FOR_NAMES 0.8

// --- changes -------------------------------------------------------------------------------------------------------

static bool can_be_shown(const struct compared_row *row, const struct compared *new)
{
    return row->base != NULL && new->metric != NULL && isfinite(new->change) && row->base->value != 0;
}

static double percent(const struct compared_row *row, double value)
{
    return row->base == NULL || row->base->value == 0 ? 0 : 100 * value / fabs(row->base->value);
}

static double limit_of(const struct compared_row *row)
{
    return row->base == NULL ? 0 : percent(row, threshold_limit(row->threshold, row->base->value));
}

// What the axis must hold: all thresholds and changes; of the noise what fits.
static double extent_of(const struct comparison *c, size_t rows)
{
    double most = 1e-3;
    for (size_t i = 0; i < rows; i++) {
        most = MAX(most, limit_of(&c->rows[i]));
        for (size_t n = 0; n < c->new_count; n++)
            if (can_be_shown(&c->rows[i], &c->rows[i].news[n]))
                most = MAX(most, 100 * fabs(c->rows[i].news[n].change));
    }
    return 1.15 * most;
}

static void add_box(struct figure_series *series, double from, double to, double middle, double half)
{
    struct figure_point point = {.x = from, .x2 = to, .y = middle - half, .y2 = middle + half};
    figure_add_point(series, point);
}

static void add_thresholds(struct figure_panel *panel, const struct comparison *c, size_t rows)
{
    struct figure_series *series = figure_add_series(panel, FIGURE_BOXES, FIGURE_PALE, "threshold");
    for (size_t i = 0; i < rows; i++)
        add_box(series, -limit_of(&c->rows[i]), limit_of(&c->rows[i]), (double)(rows - i), 0.42);
}

// A thin bar as wide as the noise, and a thick mark at the change.
static void add_changes(struct figure_panel *panel, const struct comparison *c, size_t rows, size_t column)
{
    double most = panel->x.hi, below = 0.6 * (((double)column + 0.5) / (double)c->new_count - 0.5);
    struct figure_series *series =
        figure_add_series(panel, FIGURE_BOXES, figure_series_colour((unsigned)column), c->news[column].path);
    for (size_t i = 0; i < rows; i++) {
        const struct compared_row *row = &c->rows[i];
        const struct compared *new = &row->news[column];
        if (!can_be_shown(row, new))
            continue;
        double at = 100 * new->change, noise = percent(row, MAX(new->noise, 0)), y = (double)(rows - i) - below;
        add_box(series, MAX(at - noise, -most), MIN(at + noise, most), y, 0.03);
        add_box(series, at - most / 250, at + most / 250, y, 0.25 / (double)c->new_count);
    }
}

static void add_names(struct figure_panel *panel, const struct comparison *c, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        struct figure_note note = {.x = panel->x.lo, .y = (double)(rows - i), .right = 6, .down = 4};
        figure_copy_text(note.text, sizeof note.text, c->rows[i].metric->name);
        figure_add_note(panel, note);
    }
}

static struct figure *build_changes(const struct comparison *c)
{
    size_t rows = MIN(c->row_count, ROWS_MAX);
    struct figure *figure = figure_create("changes", "Change of each metric: mark; noise: thin bar");
    struct figure_panel *panel = figure_add_panel(figure, (unsigned)(ROW_PIXELS * rows));
    double most = extent_of(c, rows);
    figure_add_line(figure, c->base.path);
    panel->has_rows = true;
    axis_set_span(&panel->x, "change (%)", -(1 + ROOM_FOR_NAMES) * most, most);
    axis_set_rows(&panel->y, (unsigned)rows);
    axis_add_tick(&panel->y, 1, ""); // names of metrics stand beside the changes
    add_names(panel, c, rows);
    add_thresholds(panel, c, rows);
    for (size_t n = 0; n < c->new_count; n++)
        add_changes(panel, c, rows, n);
    return figure;
}

// --- the results over each other -------------------------------------------------------------------------------------

static void write_overlaid(struct folder *folder, const struct result *results, size_t count)
{
    for (const struct plot_row *row = plot_rows; row->kind != NULL; row++) {
        struct figure *figure = row->build(&(struct shown){results, count});
        if (figure != NULL)
            plot_write(folder, "plots/", figure, FIGURE_SVG);
        figure_destroy(figure);
    }
}

static int write_results(struct folder *folder, const struct comparison *c, struct diag *diag)
{
    if (c->base.kind == METRICS_OF_SWEEP)
        return 0; // which has plots of its own
    struct result results[OVERLAID_MAX];
    size_t sides = MIN(c->new_count + 1, OVERLAID_MAX), count = 0;
    while (count < sides) {
        const struct metrics *side = count == 0 ? &c->base : &c->news[count - 1];
        if (result_read(&results[count], side->sources[0].path, diag) != 0)
            break;
        count++;
    }
    if (count == sides) {
        result_set_labels(results, count);
        write_overlaid(folder, results, count);
    }
    for (size_t i = 0; i < count; i++)
        result_destroy(&results[i]);
    return count == sides ? 0 : -1;
}

// --- all -----------------------------------------------------------------------------------------------------------

static void write_as(struct folder *folder, const char *name, const struct compare_format *format,
                     const struct comparison *c)
{
    FILE *file = folder_open(folder, name);
    if (file == NULL)
        return;
    format->write(c, &(struct format_options){.all_changes = true}, file);
    folder_close(folder, file, name);
}

static int write_folder(const struct comparison *c, const char *path, struct diag *diag)
{
    struct folder folder;
    if (folder_check(path, FOLDER_COMPARISON, diag) != 0 || folder_begin(&folder, path, diag) != 0)
        return -1;
    struct figure *changes = c->row_count > 0 ? build_changes(c) : NULL;
    if (changes != NULL)
        plot_write(&folder, "plots/", changes, FIGURE_SVG);
    figure_destroy(changes);
    folder.failed |= write_results(&folder, c, diag) != 0;
    write_as(&folder, "compare.txt", &format_text, c);
    write_as(&folder, "compare.json", &format_json, c);
    return folder_commit(&folder);
}

int comparison_write_folder(const struct comparison *c, const char *folder, struct diag *diag)
{
    struct locale_guard guard = locale_guard_enter();
    int result = write_folder(c, folder, diag);
    locale_guard_leave(guard);
    return result;
}
