// A point of a curve over several seeds: means of all figures, and how far they may be from what more seeds would give
// (stats/confidence.h).
#include <math.h>
#include <stdlib.h>

#include "report/report_curve.h"
#include "report/data/summary_json.h"
#include "stats/confidence.h"
#include "util/alloc.h"

// The figures of all seeds, side by side.
struct seeds {
    json_t **at;
    size_t count;
};

static json_t *mean_json(const struct seeds *seeds);

// The same member of each.
static json_t *mean_of_members(const struct seeds *seeds)
{
    struct seeds members = {.at = xcalloc(seeds->count, sizeof(json_t *)), .count = seeds->count};
    json_t *mean = json_object(), *value;
    const char *name;
    json_object_foreach(seeds->at[0], name, value) {
        for (size_t i = 0; i < seeds->count; i++)
            members.at[i] = json_object_get(seeds->at[i], name);
        json_object_set_new(mean, name, mean_json(&members));
    }
    free(members.at);
    return mean;
}

static struct mean_interval interval_of(const struct seeds *seeds)
{
    double *values = xcalloc(seeds->count, sizeof *values);
    for (size_t i = 0; i < seeds->count; i++)
        values[i] = json_number_value(seeds->at[i]);
    struct mean_interval interval = mean_interval_of(values, seeds->count, 0.05);
    free(values);
    return interval;
}

// Of numbers their mean; of objects, that of each member; of anything else, the first.
static json_t *mean_json(const struct seeds *seeds)
{
    bool objects = true, numbers = true;
    for (size_t i = 0; i < seeds->count; i++) {
        objects &= json_is_object(seeds->at[i]);
        numbers &= json_is_number(seeds->at[i]);
    }
    if (objects)
        return mean_of_members(seeds);
    return numbers ? json_real(interval_of(seeds).mean) : json_incref(seeds->at[0]);
}

static json_t *figures_json(const struct report_curve_point *point)
{
    json_t *json = json_object();
    json_object_set_new(json, "count", report_whole_json(point->count));
    json_object_set_new(json, "errors", report_whole_json(point->errors));
    json_object_set_new(json, "iops", json_real(point->iops));
    json_object_set_new(json, "bandwidth_mb_s", json_real(point->bandwidth_mb_s));
    json_object_set_new(json, "latency_us", report_latency_json(&point->latency));
    return json;
}

typedef double spread_fn(const struct mean_interval *interval);

static double deviation_of(const struct mean_interval *interval)
{
    return interval->deviation;
}

static double half_width_of(const struct mean_interval *interval)
{
    return interval->half_width;
}

// The shape of figures, with their spread in place of each.
static json_t *spread_json(const struct seeds *seeds, spread_fn *spread)
{
    if (!json_is_object(seeds->at[0])) {
        struct mean_interval interval = interval_of(seeds);
        return json_real(spread(&interval));
    }
    struct seeds members = {.at = xcalloc(seeds->count, sizeof(json_t *)), .count = seeds->count};
    json_t *json = json_object(), *value;
    const char *name;
    json_object_foreach(seeds->at[0], name, value) {
        for (size_t i = 0; i < seeds->count; i++)
            members.at[i] = json_object_get(seeds->at[i], name);
        json_object_set_new(json, name, spread_json(&members, spread));
    }
    free(members.at);
    return json;
}

static json_t *join_parts(const struct report_curve_point *const *points, size_t count)
{
    struct seeds parts = {.at = xcalloc(count, sizeof(json_t *)), .count = count};
    for (size_t i = 0; i < count; i++)
        parts.at[i] = points[i]->parts;
    json_t *joined = mean_json(&parts);
    free(parts.at);
    return joined;
}

// Figures are means, but for the numbers of requests and errors, which are sums.
struct report_curve_point report_curve_join(const struct report_curve_point *const *points, const uint64_t *seeds,
                                            size_t count)
{
    struct report_curve_point joined = *points[0];
    if (count == 1) {
        json_incref(joined.parts);
        return joined;
    }
    struct seeds figures = {.at = xcalloc(count, sizeof(json_t *)), .count = count};
    json_t *runs = json_array();
    joined.events = joined.count = joined.errors = 0;
    for (size_t i = 0; i < count; i++) {
        figures.at[i] = figures_json(points[i]);
        json_t *run = json_pack("{s:o}", "seed", report_whole_json(seeds[i]));
        json_object_update(run, figures.at[i]);
        json_object_update(run, points[i]->parts);
        json_array_append_new(runs, run);
        joined.events += points[i]->events;
        joined.count += points[i]->count;
        joined.errors += points[i]->errors;
    }
    json_t *mean = mean_json(&figures);
    struct report_curve_point values = report_curve_figures(&joined, mean);
    values.events = joined.events;
    values.count = joined.count;
    values.errors = joined.errors;
    values.parts = join_parts(points, count);
    json_object_set_new(values.parts, "runs", runs);
    json_object_set_new(values.parts, "deviation", spread_json(&figures, deviation_of));
    json_object_set_new(values.parts, "interval_95", spread_json(&figures, half_width_of));
    json_decref(mean);
    for (size_t i = 0; i < count; i++)
        json_decref(figures.at[i]);
    free(figures.at);
    return values;
}
