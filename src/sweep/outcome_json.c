// sweep.json.
#include <math.h>
#include <stdlib.h>

#include <jansson.h>

#include "report/data/summary_json.h"
#include "sweep/outcome.h"

static json_t *texts_json(const struct text_list *texts)
{
    json_t *json = json_array();
    for (size_t i = 0; i < texts->count; i++)
        json_array_append_new(json, report_json_text(texts->at[i]));
    return json;
}

static json_t *axis_json(const struct sweep_axis *axis)
{
    json_t *json = json_array();
    for (size_t v = 0; v < axis->count; v++)
        json_array_append_new(json, report_json_text(axis->values[v].name));
    return json;
}

static json_t *axes_json(const struct sweep_plan *plan)
{
    json_t *json = json_object();
    for (size_t a = 0; a < plan->axis_count; a++)
        json_object_set_new(json, plan->axes[a].name, axis_json(&plan->axes[a]));
    return json;
}

static json_t *workloads_json(const struct sweep_plan *plan)
{
    const struct sweep_axis *axis = &plan->axes[plan->workload];
    json_t *json = json_object();
    for (size_t v = 0; v < axis->count; v++) {
        const struct sweep_load *load = &axis->values[v].load;
        json_object_set_new(json, axis->values[v].name,
                            load->trace != NULL ? report_json_text(load->trace) : texts_json(&load->jobs));
    }
    return json;
}

static json_t *point_json(const struct sweep_plan *plan, const struct sweep_row *row)
{
    json_t *json = json_object(), *values = json_object();
    for (size_t a = 0; a < plan->axis_count; a++)
        if (row->point->at[a] != SWEEP_NO_VALUE)
            json_object_set_new(values, plan->axes[a].name, report_json_text(sweep_point_value(plan, row->point, a)));
    json_object_set_new(json, "id", json_string(row->id));
    json_object_set_new(json, "there", json_boolean(row->there));
    json_object_set_new(json, "values", values);
    return json;
}

static json_t *points_json(const struct sweep_table *table)
{
    json_t *json = json_array();
    for (size_t i = 0; table != NULL && i < table->row_count; i++)
        json_array_append_new(json, point_json(table->plan, &table->rows[i]));
    return json;
}

static const char *id_of(const struct sweep_outcome *outcome, size_t setting)
{
    return outcome->table->rows[outcome->settings[setting].rows[0]].id;
}

// Of each workload a list of ids, those of the first seed.
static json_t *fronts_json(const struct sweep_outcome *outcome)
{
    const struct sweep_axis *workloads = &outcome->plan->axes[outcome->plan->workload];
    json_t *json = json_object();
    for (size_t w = 0; w < workloads->count; w++) {
        size_t count, *front = sweep_front(outcome, w, &count);
        json_t *ids = json_array();
        for (size_t i = 0; i < count; i++)
            json_array_append_new(ids, json_string(id_of(outcome, front[i])));
        json_object_set_new(json, workloads->values[w].name, ids);
        free(front);
    }
    return json;
}

static json_t *baselines_json(const struct sweep_outcome *outcome)
{
    const struct sweep_axis *workloads = &outcome->plan->axes[outcome->plan->workload];
    json_t *json = json_object();
    for (size_t w = 0; w < workloads->count; w++)
        if (outcome->baseline[w] != SWEEP_NO_VALUE)
            json_object_set_new(json, workloads->values[w].name, json_string(id_of(outcome, outcome->baseline[w])));
    return json;
}

static json_t *effect_json(const struct sweep_effect *effect)
{
    json_t *json = json_object();
    json_object_set_new(json, "median", isfinite(effect->median) ? json_real(effect->median) : json_null());
    json_object_set_new(json, "most", isfinite(effect->most) ? json_real(effect->most) : json_null());
    return json;
}

static json_t *effects_json(const struct sweep_outcome *outcome)
{
    json_t *json = json_object();
    for (size_t a = 0; a < outcome->plan->axis_count; a++) {
        json_t *axis = json_object();
        for (size_t i = 0; i < outcome->shown_count; i++)
            json_object_set_new(axis, outcome->table->columns[outcome->shown[i]].name,
                                effect_json(sweep_effect_of(outcome, a, i)));
        if (sweep_axis_varies(outcome->plan, a))
            json_object_set(json, outcome->plan->axes[a].name, axis);
        json_decref(axis);
    }
    return json;
}

static void set_findings(json_t *json, const struct sweep_outcome *outcome)
{
    json_object_set_new(json, "points", points_json(outcome->table));
    if (outcome->effects == NULL)
        return;
    json_object_set_new(json, "baseline", baselines_json(outcome));
    json_object_set_new(json, "front", fronts_json(outcome));
    json_object_set_new(json, "effects", effects_json(outcome));
}

void sweep_write_json(const struct sweep_outcome *outcome, FILE *to)
{
    const struct sweep_plan *plan = outcome->plan;
    json_t *json = json_object();
    json_object_set_new(json, "schema", json_string(SWEEP_SCHEMA));
    json_object_set_new(json, "tool", report_tool_json());
    json_object_set_new(json, "complete", json_boolean(outcome->complete));
    json_object_set_new(json, "set", texts_json(&plan->sets));
    json_object_set_new(json, "axes", axes_json(plan));
    json_object_set_new(json, "workloads", workloads_json(plan));
    set_findings(json, outcome);
    report_dump_json(json, to);
    json_decref(json);
}
