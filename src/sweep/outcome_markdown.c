// sweep.md: the table of settings with their differences from the baseline, the choice between two metrics, and what
// moves what.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/text/number_text.h"
#include "report/text/text_table.h"
#include "sweep/outcome.h"
#include "util/alloc.h"

static const char *name_of(const struct sweep_outcome *outcome, size_t column)
{
    return outcome->table->columns[column].name;
}

static const char *value_text(const struct sweep_outcome *outcome, size_t column, double value,
                              char text[NUMBER_TEXT_BYTES])
{
    return sweep_is_time(name_of(outcome, column)) ? time_text(value, text) : number_text(value, text);
}

// --- cells ---------------------------------------------------------------------------------------------------------

static const struct sweep_setting *baseline_of(const struct sweep_outcome *outcome, const struct sweep_setting *setting)
{
    size_t base = outcome->baseline[setting->point->at[outcome->plan->workload]];
    return base == SWEEP_NO_VALUE ? NULL : &outcome->settings[base];
}

// Whether the seeds alone may have made the difference.
static bool is_noise(const struct mean_interval *value, const struct mean_interval *base)
{
    double width = sqrt(value->half_width * value->half_width + base->half_width * base->half_width);
    return isfinite(width) && fabs(value->mean - base->mean) <= width;
}

static void put_difference(const struct mean_interval *value, const struct mean_interval *base, FILE *to)
{
    if (base->mean == 0 || !isfinite(base->mean))
        return;
    double percent = 100 * (value->mean / base->mean - 1);
    if (fabs(percent) < 0.05)
        fputs(" (0 %)", to);
    else
        fprintf(to, " (%s%+.*f %%)", is_noise(value, base) ? "~" : "", fabs(percent) < 100 ? 1 : 0, percent);
}

static bool rests_on_too_few(const struct sweep_outcome *outcome, const struct sweep_setting *setting, size_t column)
{
    for (size_t i = 0; i < setting->row_count; i++) {
        const struct sweep_row *row = &outcome->table->rows[setting->rows[i]];
        if (column < row->count && row->few[column])
            return true;
    }
    return false;
}

static char *value_cell(const struct sweep_outcome *outcome, const struct sweep_setting *setting, size_t column)
{
    char *cell = NULL, text[NUMBER_TEXT_BYTES];
    size_t size = 0;
    FILE *to = open_memstream(&cell, &size);
    struct mean_interval value = sweep_setting_value(outcome, setting, column);
    const struct sweep_setting *base = baseline_of(outcome, setting);
    fputs(isfinite(value.mean) ? value_text(outcome, column, value.mean, text) : "-", to);
    if (rests_on_too_few(outcome, setting, column))
        fputc('*', to);
    if (isfinite(value.half_width))
        fprintf(to, " ± %s", value_text(outcome, column, value.half_width, text));
    if (base != NULL && base != setting && isfinite(value.mean)) {
        struct mean_interval its = sweep_setting_value(outcome, base, column);
        put_difference(&value, &its, to);
    }
    fclose(to);
    return cell;
}

// --- settings ------------------------------------------------------------------------------------------------------

static void add_axis_columns(const struct sweep_outcome *outcome, struct text_table *table)
{
    for (size_t a = 0; a < outcome->plan->axis_count; a++)
        if (sweep_axis_varies(outcome->plan, a))
            text_table_add_column(table, outcome->plan->axes[a].name, false);
}

static void add_axis_cells(const struct sweep_outcome *outcome, const struct sweep_setting *setting,
                           struct text_table *table)
{
    for (size_t a = 0; a < outcome->plan->axis_count; a++)
        if (sweep_axis_varies(outcome->plan, a))
            text_table_add(table, xstrdup(sweep_point_value(outcome->plan, setting->point, a)));
}

static void add_metric_columns(const struct sweep_outcome *outcome, struct text_table *table)
{
    for (size_t i = 0; i < outcome->shown_count; i++)
        text_table_add_column(table, name_of(outcome, outcome->shown[i]), true);
}

static void add_setting(const struct sweep_outcome *outcome, const struct sweep_setting *setting,
                        struct text_table *table)
{
    add_axis_cells(outcome, setting, table);
    for (size_t i = 0; i < outcome->shown_count; i++)
        text_table_add(table, value_cell(outcome, setting, outcome->shown[i]));
}

static void put_settings(const struct sweep_outcome *outcome, size_t workload, FILE *to)
{
    struct text_table *table = text_table_create();
    add_axis_columns(outcome, table);
    add_metric_columns(outcome, table);
    text_table_add_column(table, "", false);
    for (size_t s = 0; s < outcome->setting_count; s++) {
        const struct sweep_setting *setting = &outcome->settings[s];
        if (setting->point->at[outcome->plan->workload] != workload)
            continue;
        add_setting(outcome, setting, table);
        text_table_add(table, xformat("%s%s%s", s == outcome->baseline[workload] ? "baseline" : "",
                                      s == outcome->baseline[workload] && setting->on_front ? ", " : "",
                                      setting->on_front ? "front" : ""));
    }
    text_table_print(table, to);
    text_table_destroy(table);
}

static void put_load(const struct sweep_value *value, FILE *to)
{
    fprintf(to, "\n## %s: %s", value->name, value->load.trace != NULL ? value->load.trace : "");
    for (size_t i = 0; i < value->load.jobs.count; i++)
        fprintf(to, "%s%s", i == 0 ? "" : " | ", value->load.jobs.at[i]);
    fputs("\n\n", to);
}

// --- the choice ----------------------------------------------------------------------------------------------------

static void put_front(const struct sweep_outcome *outcome, size_t workload, FILE *to)
{
    size_t count, *front = sweep_front(outcome, workload, &count);
    struct text_table *table = text_table_create();
    add_axis_columns(outcome, table);
    for (size_t i = 0; i < 2 && count > 0; i++)
        text_table_add_column(table, name_of(outcome, outcome->choice[i]), true);
    for (size_t i = 0; i < count; i++) {
        add_axis_cells(outcome, &outcome->settings[front[i]], table);
        for (size_t k = 0; k < 2; k++)
            text_table_add(table, value_cell(outcome, &outcome->settings[front[i]], outcome->choice[k]));
    }
    if (count > 0) {
        fprintf(to, "\nThe choice between %s and %s: no other setting is better in one and as good in the other.\n\n",
                name_of(outcome, outcome->choice[0]), name_of(outcome, outcome->choice[1]));
        text_table_print(table, to);
    }
    text_table_destroy(table);
    free(front);
}

// --- what moves what -----------------------------------------------------------------------------------------------

static char *effect_cell(const struct sweep_effect *effect)
{
    if (!isfinite(effect->median))
        return xstrdup("-");
    if (effect->most - effect->median < 0.0005)
        return xformat("%.1f %%", 100 * effect->median);
    return xformat("%.1f %% (up to %.1f %%)", 100 * effect->median, 100 * effect->most);
}

static void put_effects(const struct sweep_outcome *outcome, FILE *to)
{
    size_t axes[SWEEP_AXES_MAX], count = sweep_axes_by_effect(outcome, axes);
    if (count == 0)
        return;
    struct text_table *table = text_table_create();
    text_table_add_column(table, "axis", false);
    add_metric_columns(outcome, table);
    for (size_t i = 0; i < count; i++) {
        text_table_add(table, xstrdup(outcome->plan->axes[axes[i]].name));
        for (size_t m = 0; m < outcome->shown_count; m++)
            text_table_add(table, effect_cell(sweep_effect_of(outcome, axes[i], m)));
    }
    fputs("\n## What moves what\n\nBy how much the largest value along an axis lies above the smallest, all else "
          "equal: the\nmedian over all else, and the most.\n\n", to);
    text_table_print(table, to);
    text_table_destroy(table);
}

// --- all -----------------------------------------------------------------------------------------------------------

static bool has_seeds(const struct sweep_outcome *outcome)
{
    return outcome->plan->axes[outcome->plan->seed].count > 1;
}

static bool any_rests_on_too_few(const struct sweep_outcome *outcome)
{
    for (size_t s = 0; s < outcome->setting_count; s++)
        for (size_t i = 0; i < outcome->shown_count; i++)
            if (rests_on_too_few(outcome, &outcome->settings[s], outcome->shown[i]))
                return true;
    return false;
}

static void put_notes(const struct sweep_outcome *outcome, FILE *to)
{
    if (has_seeds(outcome))
        fputs("\n± and ~: means over seeds and their 95 % intervals; a difference within the noise of the seeds.\n",
              to);
    if (any_rests_on_too_few(outcome))
        fputs("\n\\* rests on fewer than ten requests.\n", to);
    if (!outcome->complete)
        fputs("\n**Not complete**: points are missing.\n", to);
}

void sweep_write_markdown(const struct sweep_outcome *outcome, size_t settings_max, FILE *to)
{
    const struct sweep_axis *workloads = &outcome->plan->axes[outcome->plan->workload];
    fprintf(to, "# %zu settings of %s\n", outcome->setting_count, outcome->title);
    for (size_t w = 0; w < workloads->count; w++) {
        put_load(&workloads->values[w], to);
        if (outcome->setting_count <= settings_max)
            put_settings(outcome, w, to);
        if (outcome->setting_count > 2)
            put_front(outcome, w, to);
    }
    put_effects(outcome, to);
    put_notes(outcome, to);
}
