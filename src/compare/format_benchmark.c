// The new results, or a base alone, as an array of {name, unit, value, range, extra}: what trackers of benchmarks keep
// (customSmallerIsBetter and customBiggerIsBetter of benchmark-action/github-action-benchmark). Their format has no
// direction of its own, so that smaller and bigger are a format each.
#include <math.h>
#include <string.h>

#include "compare/cells.h"
#include "compare/format.h"
#include "report/data/summary_json.h"
#include "stats/confidence.h"
#include "util/alloc.h"

// Half the width of the 95 % interval; negative: not known.
static double range_of(const struct metric *metric)
{
    double *values = xcalloc(metric->value_count, sizeof *values);
    for (size_t i = 0; i < metric->value_count; i++)
        values[i] = metric->values[i].value;
    double width = metric->value_count > 1 ? mean_interval_of(values, metric->value_count, 0.05).half_width
                                           : metric_reach(metric);
    free(values);
    return width;
}

static void add_entry(json_t *array, const struct metrics *side, bool several, const struct metric *metric)
{
    char seeds[CELL_BYTES];
    json_t *json = json_object();
    char *name = several ? xformat("%s %s", side->path, metric->name) : xstrdup(metric->name);
    double range = range_of(metric);
    json_object_set_new(json, "name", report_json_text(name));
    json_object_set_new(json, "unit", json_string(metric->unit));
    json_object_set_new(json, "value", json_real(metric->value));
    if (range >= 0)
        json_object_set_new(json, "range", json_sprintf("± %.4g", range));
    json_object_set_new(json, "extra", json_string(cell_seeds(side, seeds)));
    json_array_append_new(array, json);
    free(name);
}

static void add_side(json_t *array, const struct comparison *c, const struct metrics *side, bool bigger)
{
    for (size_t i = 0; i < c->row_count; i++) {
        const struct metric *metric = metrics_named(side, c->rows[i].metric->name);
        if (metric != NULL && metric->higher_is_better == bigger)
            add_entry(array, side, c->new_count > 1, metric);
    }
}

static void write_entries(const struct comparison *c, bool bigger, FILE *to)
{
    json_t *array = json_array();
    for (size_t i = 0; i < c->new_count; i++)
        add_side(array, c, &c->news[i], bigger);
    if (c->new_count == 0)
        add_side(array, c, &c->base, bigger);
    report_dump_json(array, to);
    json_decref(array);
}

static void write_smaller(const struct comparison *c, const struct format_options *options, FILE *to)
{
    (void)options;
    write_entries(c, false, to);
}

static void write_bigger(const struct comparison *c, const struct format_options *options, FILE *to)
{
    (void)options;
    write_entries(c, true, to);
}

const struct compare_format format_benchmark = {
    .name = "benchmark",
    .help = "for benchmark trackers, what is better when smaller",
    .takes_one = true,
    .write = write_smaller,
};

const struct compare_format format_benchmark_bigger = {
    .name = "benchmark-bigger",
    .help = "for benchmark trackers, what is better when bigger",
    .takes_one = true,
    .write = write_bigger,
};
