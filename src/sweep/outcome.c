// What comes of a sweep, from its table.
#define _GNU_SOURCE // qsort_r
#include "sweep/outcome.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"
#include "util/macros.h"

// --- settings ------------------------------------------------------------------------------------------------------

static bool same_setting(const struct sweep_plan *plan, const struct sweep_point *a, const struct sweep_point *b)
{
    for (size_t i = 0; i < plan->axis_count; i++)
        if (i != plan->seed && a->at[i] != b->at[i])
            return false;
    return true;
}

// Seeds and workloads vary fastest: a setting's rows are met before as many others begin as there are workloads.
static struct sweep_setting *setting_of(struct sweep_outcome *outcome, const struct sweep_point *point)
{
    size_t workloads = outcome->plan->axes[outcome->plan->workload].count;
    for (size_t back = 1; back <= MIN(workloads, outcome->setting_count); back++) {
        struct sweep_setting *setting = &outcome->settings[outcome->setting_count - back];
        if (same_setting(outcome->plan, setting->point, point))
            return setting;
    }
    outcome->settings = xgrow(outcome->settings, outcome->setting_count, sizeof *outcome->settings);
    struct sweep_setting *setting = &outcome->settings[outcome->setting_count++];
    *setting = (struct sweep_setting){.point = point};
    return setting;
}

static void find_settings(struct sweep_outcome *outcome)
{
    for (size_t i = 0; i < outcome->table->row_count; i++) {
        const struct sweep_row *row = &outcome->table->rows[i];
        if (!row->there)
            continue;
        struct sweep_setting *setting = setting_of(outcome, row->point);
        setting->rows = xgrow(setting->rows, setting->row_count, sizeof *setting->rows);
        setting->rows[setting->row_count++] = i;
    }
}

struct mean_interval sweep_setting_value(const struct sweep_outcome *outcome, const struct sweep_setting *setting,
                                         size_t column)
{
    double *values = xcalloc(setting->row_count, sizeof *values);
    uint64_t count = 0;
    for (size_t i = 0; i < setting->row_count; i++) {
        double value = sweep_table_value(outcome->table, setting->rows[i], column);
        if (isfinite(value))
            values[count++] = value;
    }
    struct mean_interval interval = {NAN, NAN, NAN};
    if (count > 0)
        interval = mean_interval_of(values, count, 0.05);
    free(values);
    return interval;
}

static double mean_of(const struct sweep_outcome *outcome, size_t setting, size_t column)
{
    return sweep_setting_value(outcome, &outcome->settings[setting], column).mean;
}

// --- metrics -------------------------------------------------------------------------------------------------------

static bool column_is_used(const struct sweep_table *table, size_t column)
{
    for (size_t i = 0; i < table->row_count; i++)
        if (sweep_table_value(table, i, column) > 0)
            return true;
    return false;
}

static int tell_no_metric(const struct sweep_outcome *outcome, const char *name, struct diag *diag)
{
    const struct sweep_table *table = outcome->table;
    const char **names = xcalloc(table->column_count + 1, sizeof *names);
    for (size_t c = 0; c < table->column_count; c++)
        names[c] = table->columns[c].name;
    const char *nearest = diag_nearest(name, names);
    struct place place = {.file = outcome->plan->path != NULL ? outcome->plan->path : "sqtail"};
    diag_error(diag, place, "no point has a metric '%s'%s%s%s", name, nearest == NULL ? "" : "; did you mean '",
               nearest == NULL ? "" : nearest, nearest == NULL ? "; the table's heading names them all" : "'?");
    free(names);
    return -1;
}

static int find_shown(struct sweep_outcome *outcome, struct diag *diag)
{
    static const char *const usual[] = {"iops", "mean", "p99", "p99.9", "write_amplification"};
    const struct text_list *asked = &outcome->plan->metrics;
    for (size_t i = 0; i < (asked->count > 0 ? asked->count : ARRAY_SIZE(usual)); i++) {
        size_t column = sweep_table_find(outcome->table, asked->count > 0 ? asked->at[i] : usual[i]);
        if (asked->count > 0 && column == SWEEP_NO_VALUE)
            return tell_no_metric(outcome, asked->at[i], diag);
        if (outcome->shown_count < SWEEP_SHOWN_MAX && column != SWEEP_NO_VALUE &&
            (asked->count > 0 || column_is_used(outcome->table, column)))
            outcome->shown[outcome->shown_count++] = column;
    }
    return 0;
}

static int find_choice(struct sweep_outcome *outcome, struct diag *diag)
{
    static const char *const usual[] = {"iops", "p99"};
    const struct text_list *asked = &outcome->plan->pareto;
    for (size_t i = 0; i < ARRAY_SIZE(usual); i++) {
        const char *name = asked->count > 0 ? asked->at[i] : usual[i];
        outcome->choice[i] = sweep_table_find(outcome->table, name);
        if (outcome->choice[i] == SWEEP_NO_VALUE && asked->count > 0)
            return tell_no_metric(outcome, name, diag);
    }
    return 0;
}

// --- baselines -----------------------------------------------------------------------------------------------------

static bool is_base(const struct sweep_outcome *outcome, const struct sweep_setting *setting)
{
    if (outcome->plan->baseline.count > 0)
        return sweep_rule_holds(outcome->plan, &outcome->plan->baseline, setting->point);
    return outcome->table->rows[setting->rows[0]].is_base;
}

// The first setting that is one; else the first of the workload.
static void find_baselines(struct sweep_outcome *outcome)
{
    size_t workloads = outcome->plan->axes[outcome->plan->workload].count;
    outcome->baseline = xcalloc(workloads, sizeof *outcome->baseline);
    for (size_t w = 0; w < workloads; w++) {
        size_t first = SWEEP_NO_VALUE, base = SWEEP_NO_VALUE;
        for (size_t s = outcome->setting_count; s-- > 0;) {
            if (outcome->settings[s].point->at[outcome->plan->workload] != w)
                continue;
            first = s;
            if (is_base(outcome, &outcome->settings[s]))
                base = s;
        }
        outcome->baseline[w] = base != SWEEP_NO_VALUE ? base : first;
    }
}

// --- the choice ----------------------------------------------------------------------------------------------------

// Higher is better, whatever the metric.
static double merit(const struct sweep_outcome *outcome, size_t setting, size_t choice)
{
    size_t column = outcome->choice[choice];
    double mean = mean_of(outcome, setting, column);
    return outcome->table->columns[column].higher_is_better ? mean : -mean;
}

static bool dominates(const struct sweep_outcome *outcome, size_t a, size_t b)
{
    double first = merit(outcome, a, 0) - merit(outcome, b, 0), second = merit(outcome, a, 1) - merit(outcome, b, 1);
    return outcome->settings[a].point->at[outcome->plan->workload] ==
               outcome->settings[b].point->at[outcome->plan->workload] &&
           first >= 0 && second >= 0 && (first > 0 || second > 0);
}

// Best first; among equals, the better in the other.
static int compare_merit(const void *a, const void *b, void *context)
{
    const struct sweep_outcome *outcome = context;
    size_t one = *(const size_t *)a, other = *(const size_t *)b;
    for (size_t choice = 0; choice < 2; choice++) {
        double difference = merit(outcome, one, choice) - merit(outcome, other, choice);
        if (difference != 0)
            return difference > 0 ? -1 : 1;
    }
    return (one > other) - (one < other);
}

static size_t *settings_by_merit(const struct sweep_outcome *outcome, size_t workload, size_t *count)
{
    size_t *order = xcalloc(outcome->setting_count + 1, sizeof *order);
    *count = 0;
    for (size_t s = 0; s < outcome->setting_count; s++)
        if ((workload == SWEEP_NO_VALUE || outcome->settings[s].point->at[outcome->plan->workload] == workload) &&
            isfinite(merit(outcome, s, 0)) && isfinite(merit(outcome, s, 1)))
            order[(*count)++] = s;
    qsort_r(order, *count, sizeof *order, compare_merit, (void *)outcome);
    return order;
}

// In order of the first metric, a setting is on the front when it is better in the second than all before it, or as
// good as the one before it in both.
static void find_front(struct sweep_outcome *outcome, size_t workload)
{
    size_t count, last = SWEEP_NO_VALUE;
    size_t *order = settings_by_merit(outcome, workload, &count);
    for (size_t i = 0; i < count; i++) {
        bool better = last == SWEEP_NO_VALUE || merit(outcome, order[i], 1) > merit(outcome, last, 1);
        bool equal = !better && merit(outcome, order[i], 1) == merit(outcome, last, 1) &&
                     !dominates(outcome, last, order[i]);
        outcome->settings[order[i]].on_front = better || equal;
        if (better)
            last = order[i];
    }
    free(order);
}

static bool has_choice(const struct sweep_outcome *outcome)
{
    return outcome->choice[0] != SWEEP_NO_VALUE && outcome->choice[1] != SWEEP_NO_VALUE;
}

size_t *sweep_front(const struct sweep_outcome *outcome, size_t workload, size_t *count)
{
    *count = 0;
    if (!has_choice(outcome))
        return NULL;
    size_t all, *order = settings_by_merit(outcome, workload, &all);
    for (size_t i = 0; i < all; i++)
        if (outcome->settings[order[i]].on_front)
            order[(*count)++] = order[i];
    return order;
}

// --- what moves what -----------------------------------------------------------------------------------------------

struct along {
    const struct sweep_outcome *outcome;
    size_t axis;
};

// Settings that differ along the axis alone come together.
static int compare_others(const void *a, const void *b, void *context)
{
    const struct along *along = context;
    size_t one = *(const size_t *)a, other = *(const size_t *)b;
    const struct sweep_point *p = along->outcome->settings[one].point, *q = along->outcome->settings[other].point;
    for (size_t i = 0; i < along->outcome->plan->axis_count; i++)
        if (i != along->axis && i != along->outcome->plan->seed && p->at[i] != q->at[i])
            return p->at[i] < q->at[i] ? -1 : 1;
    return (one > other) - (one < other);
}

static bool same_others(const struct along *along, size_t one, size_t other)
{
    const struct sweep_point *p = along->outcome->settings[one].point, *q = along->outcome->settings[other].point;
    for (size_t i = 0; i < along->outcome->plan->axis_count; i++)
        if (i != along->axis && i != along->outcome->plan->seed && p->at[i] != q->at[i])
            return false;
    return true;
}

static int compare_reals(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

static struct sweep_effect effect_of(double *spans, size_t count)
{
    if (count == 0)
        return (struct sweep_effect){NAN, NAN};
    qsort(spans, count, sizeof *spans, compare_reals);
    return (struct sweep_effect){(spans[(count - 1) / 2] + spans[count / 2]) / 2, spans[count - 1]};
}

// From the smallest to the largest value of settings order[from .. to - 1]; NAN where that is no share.
static double span_of(const struct sweep_outcome *outcome, const size_t *order, size_t from, size_t to, size_t column)
{
    double least = INFINITY, most = -INFINITY;
    for (size_t i = from; i < to; i++) {
        double mean = mean_of(outcome, order[i], column);
        least = fmin(least, mean);
        most = fmax(most, mean);
    }
    return to - from > 1 && least > 0 && isfinite(least) ? most / least - 1 : (double)NAN;
}

static struct sweep_effect find_effect(const struct along *along, const size_t *order, size_t column)
{
    size_t count = along->outcome->setting_count, spans_count = 0;
    double *spans = xcalloc(count + 1, sizeof *spans);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && same_others(along, order[from], order[to]);)
            to++;
        double span = span_of(along->outcome, order, from, to, column);
        if (isfinite(span))
            spans[spans_count++] = span;
    }
    struct sweep_effect effect = effect_of(spans, spans_count);
    free(spans);
    return effect;
}

bool sweep_axis_varies(const struct sweep_plan *plan, size_t axis)
{
    return axis != plan->seed && axis != plan->workload && plan->axes[axis].count > 1;
}

static void find_effects(struct sweep_outcome *outcome)
{
    size_t *order = xcalloc(outcome->setting_count + 1, sizeof *order);
    outcome->effects = xcalloc(outcome->plan->axis_count * SWEEP_SHOWN_MAX, sizeof *outcome->effects);
    for (size_t a = 0; a < outcome->plan->axis_count; a++) {
        struct along along = {outcome, a};
        for (size_t s = 0; s < outcome->setting_count; s++)
            order[s] = s;
        qsort_r(order, outcome->setting_count, sizeof *order, compare_others, &along);
        for (size_t i = 0; i < outcome->shown_count; i++)
            outcome->effects[a * SWEEP_SHOWN_MAX + i] = find_effect(&along, order, outcome->shown[i]);
    }
    free(order);
}

const struct sweep_effect *sweep_effect_of(const struct sweep_outcome *outcome, size_t axis, size_t shown)
{
    return &outcome->effects[axis * SWEEP_SHOWN_MAX + shown];
}

// Of the metrics that are shown, the one by which axes are ordered: the latter of the choice, if it is shown.
static size_t ordering_metric(const struct sweep_outcome *outcome)
{
    for (size_t i = 0; i < outcome->shown_count; i++)
        if (outcome->shown[i] == outcome->choice[1])
            return i;
    return 0;
}

static int compare_effects(const void *a, const void *b, void *context)
{
    const struct sweep_outcome *outcome = context;
    size_t one = *(const size_t *)a, other = *(const size_t *)b, metric = ordering_metric(outcome);
    double mine = sweep_effect_of(outcome, one, metric)->median, its = sweep_effect_of(outcome, other, metric)->median;
    if (isfinite(mine) != isfinite(its))
        return isfinite(mine) ? -1 : 1;
    if (isfinite(mine) && mine != its)
        return mine > its ? -1 : 1;
    return (one > other) - (one < other);
}

size_t sweep_axes_by_effect(const struct sweep_outcome *outcome, size_t axes[SWEEP_AXES_MAX])
{
    size_t count = 0;
    for (size_t a = 0; a < outcome->plan->axis_count; a++)
        if (sweep_axis_varies(outcome->plan, a))
            axes[count++] = a;
    qsort_r(axes, count, sizeof *axes, compare_effects, (void *)outcome);
    return count;
}

// --- all -----------------------------------------------------------------------------------------------------------

int sweep_outcome_find(struct sweep_outcome *outcome, const struct sweep_plan *plan, const struct sweep_table *table,
                       struct diag *diag)
{
    *outcome = (struct sweep_outcome){.plan = plan, .table = table, .complete = true, .choice = {SWEEP_NO_VALUE,
                                                                                                  SWEEP_NO_VALUE}};
    for (size_t i = 0; i < table->row_count; i++)
        outcome->complete &= table->rows[i].there;
    find_settings(outcome);
    if (outcome->setting_count > 0 && (find_shown(outcome, diag) | find_choice(outcome, diag)) != 0)
        return -1;
    find_baselines(outcome);
    for (size_t w = 0; outcome->setting_count > 0 && has_choice(outcome) && w < plan->axes[plan->workload].count; w++)
        find_front(outcome, w);
    find_effects(outcome);
    return 0;
}

void sweep_outcome_free(struct sweep_outcome *outcome)
{
    for (size_t s = 0; s < outcome->setting_count; s++)
        free(outcome->settings[s].rows);
    free(outcome->settings);
    free(outcome->baseline);
    free(outcome->effects);
}
