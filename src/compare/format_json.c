// A comparison as JSON.
#include <math.h>
#include <string.h>

#include "compare/differences.h"
#include "compare/format.h"
#include "report/data/summary_json.h"

static json_t *real_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *side_json(const struct metrics *metrics)
{
    json_t *json = json_object(), *seeds = json_array();
    for (size_t i = 0; metrics->count > 0 && i < metrics->at[0].value_count; i++)
        json_array_append_new(seeds, report_whole_json(metrics->at[0].values[i].seed));
    json_object_set_new(json, "path", report_json_text(metrics->path));
    json_object_set_new(json, "seeds", seeds);
    return json;
}

// {key: [base, new, ...]}, values as JSON text.
static json_t *differences_json(const struct comparison *c)
{
    struct differences found = differences_of(c);
    json_t *json = json_object();
    for (size_t i = 0; i < found.count; i++) {
        json_t *values = json_array();
        json_array_append_new(values, report_json_text(found.at[i].base));
        for (size_t k = 0; k < c->new_count; k++)
            json_array_append_new(values, report_json_text(found.at[i].values[k]));
        json_object_set_new(json, found.at[i].key, values);
    }
    differences_free(&found);
    return json;
}

static json_t *compared_json(const struct compared_row *row, const struct compared *new)
{
    json_t *json = json_object();
    bool both = row->base != NULL && new->metric != NULL;
    json_object_set_new(json, "value", new->metric == NULL ? json_null() : json_real(new->metric->value));
    json_object_set_new(json, "difference", both ? json_real(new->difference) : json_null());
    json_object_set_new(json, "change", both ? real_or_null(new->change) : json_null());
    json_object_set_new(json, "noise", new->noise < 0 ? json_null() : json_real(new->noise));
    json_object_set_new(json, "verdict", json_string(verdict_word(new->verdict)));
    return json;
}

static json_t *row_json(const struct comparison *c, const struct compared_row *row)
{
    json_t *json = json_object(), *news = json_array();
    double reach = row->base == NULL ? -1 : metric_reach(row->base);
    json_object_set_new(json, "metric", json_string(row->metric->name));
    json_object_set_new(json, "unit", json_string(row->metric->unit));
    json_object_set_new(json, "higher_is_better", json_boolean(row->metric->higher_is_better));
    json_object_set_new(json, "base", row->base == NULL ? json_null() : json_real(row->base->value));
    json_object_set_new(json, "known_to", reach < 0 ? json_null() : json_real(reach));
    if (row->threshold->share >= 0)
        json_object_set_new(json, "threshold_share", json_real(row->threshold->share));
    if (row->threshold->distance >= 0)
        json_object_set_new(json, "threshold_distance", json_real(row->threshold->distance));
    for (size_t i = 0; i < c->new_count; i++)
        json_array_append_new(news, compared_json(row, &row->news[i]));
    json_object_set_new(json, "new", news);
    return json;
}

static void write_json(const struct comparison *c, const struct format_options *options, FILE *to)
{
    json_t *json = json_object(), *news = json_array(), *rows = json_array();
    (void)options;
    for (size_t i = 0; i < c->new_count; i++)
        json_array_append_new(news, side_json(&c->news[i]));
    for (size_t i = 0; i < c->row_count; i++)
        json_array_append_new(rows, row_json(c, &c->rows[i]));
    json_object_set_new(json, "schema", json_string(COMPARE_SCHEMA));
    json_object_set_new(json, "tool", report_tool_json());
    json_object_set_new(json, "confidence", json_real(c->confidence));
    json_object_set_new(json, "base", side_json(&c->base));
    json_object_set_new(json, "new", news);
    json_object_set_new(json, "config_changes", differences_json(c));
    json_object_set_new(json, "metrics", rows);
    json_object_set_new(json, "compared", json_integer((json_int_t)c->compared));
    if (c->more_points > 0)
        json_object_set_new(json, "more_points", json_integer((json_int_t)c->more_points));
    json_object_set_new(json, "in_noise", json_integer((json_int_t)c->in_noise));
    json_object_set_new(json, "failed", json_integer((json_int_t)c->failed));
    report_dump_json(json, to);
    json_decref(json);
}

const struct compare_format format_json = {
    .name = "json",
    .help = "everything, for programs",
    .write = write_json,
};
