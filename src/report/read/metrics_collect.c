// Which numbers of a result are metrics, and which way is better.
#include "report/read/metrics_collect.h"

#include <stdlib.h>
#include <string.h>

#include "report/text/number_text.h"
#include "report/report.h"
#include "util/alloc.h"
#include "util/macros.h"

// --- names ---------------------------------------------------------------------------------------------------------

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static const struct unit {
    const char *end, *unit;
    bool higher_is_better;
} units[] = {
    {"iops", "1/s", true}, {"_mb_s", "MB/s", true}, {"_us", "us", false}, {"_per_s", "1/s", true},
    {"_s", "s", false}, {"_bytes", "B", false},
};

static const struct unit *unit_of(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(units); i++)
        if (ends_with(name, units[i].end))
            return &units[i];
    return NULL;
}

static bool names(const char *name, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(name, word, length) != 0)
        return false;
    const struct unit *unit = unit_of(name);
    return name[length] == '\0' || (unit != NULL && unit->end[0] == '_' && strcmp(name + length, unit->end) == 0);
}

bool metric_is_called(const struct metric *metric, const char *word)
{
    return names(metric->name, word);
}

// --- collecting ----------------------------------------------------------------------------------------------------

static struct metric *find(struct collector *c, const char *name)
{
    struct metrics *metrics = c->metrics;
    size_t count = metrics->count - c->from;
    for (size_t i = 0; i < count; i++) {
        struct metric *metric = &metrics->at[c->from + (c->next - c->from + i) % count];
        if (strcmp(metric->name, name) == 0)
            return metric;
    }
    return NULL;
}

static struct metric *append(struct collector *c, const char *scope, const char *name)
{
    struct metrics *metrics = c->metrics;
    metrics->at = xgrow(metrics->at, metrics->count, sizeof *metrics->at);
    struct metric *metric = &metrics->at[metrics->count++];
    const struct unit *unit = unit_of(name);
    *metric = (struct metric){.unit = unit == NULL ? "" : unit->unit, .iodepth = c->iodepth,
                              .offered_iops = c->offered_iops, .only_by_full_name = c->by_full_name,
                              .higher_is_better = unit != NULL && unit->higher_is_better};
    snprintf(metric->name, sizeof metric->name, "%s%s%s%s", c->point, scope, *scope == '\0' ? "" : ".", name);
    metric->bare_at = strlen(c->point);
    metric->last_at = metric->bare_at + strlen(scope) + (*scope == '\0' ? 0 : 1);
    return metric;
}

static struct metric *add(struct collector *c, const char *scope, const char *name, double value)
{
    char full[METRIC_NAME_BYTES];
    snprintf(full, sizeof full, "%s%s%s%s", c->point, scope, *scope == '\0' ? "" : ".", name);
    struct metric *metric = find(c, full);
    if (metric == NULL)
        metric = append(c, scope, name);
    metric->values = xrealloc(metric->values, (metric->value_count + 1) * sizeof *metric->values);
    metric->values[metric->value_count++] = (struct metric_value){c->seed, value};
    c->next = (size_t)(metric - c->metrics->at) + 1;
    return metric;
}

// The numbers of an object, under `scope`, each name after `before`; in `unit`, unless that is NULL.
static void add_numbers(struct collector *c, const char *scope, const char *before, json_t *object, const char *unit)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        char name[METRIC_NAME_BYTES];
        if (!json_is_number(value))
            continue;
        snprintf(name, sizeof name, "%s%s", before, key);
        struct metric *metric = add(c, scope, name, json_number_value(value));
        metric->unit = unit == NULL ? metric->unit : unit;
    }
}

static bool is_percentile_of_few(const char *name, uint64_t count)
{
    for (int i = 0; i < REPORT_PERCENTILES; i++)
        if (strcmp(report_percentiles[i].name, name) == 0)
            return rests_on_few(count, report_percentiles[i].fraction);
    return false;
}

static void set_interval(struct metric *metric, json_t *intervals, const char *name)
{
    char low[32], high[32];
    snprintf(low, sizeof low, "%.20s_low", name);
    snprintf(high, sizeof high, "%.20s_high", name);
    metric->has_interval = json_is_number(json_object_get(intervals, low));
    metric->low = json_number_value(json_object_get(intervals, low));
    metric->high = json_number_value(json_object_get(intervals, high));
}

static void add_latencies(struct collector *c, const char *scope, json_t *object)
{
    json_t *count = json_object_get(object, "count"), *latency = json_object_get(object, "latency_us"), *value;
    const char *name;
    json_object_foreach(latency, name, value) {
        struct metric *metric = add(c, scope, name, json_number_value(value));
        metric->unit = "us";
        metric->count = (uint64_t)json_integer_value(count);
        metric->rests_on_few = json_is_integer(count) && is_percentile_of_few(name, metric->count);
        set_interval(metric, json_object_get(object, "interval_us"), name);
    }
}

// A kind of command, or a point of a curve.
static void add_load(struct collector *c, const char *scope, json_t *object)
{
    static const char *const rates[] = {"iops", "bandwidth_mb_s", "errors"};
    for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
        json_t *value = json_object_get(object, rates[i]);
        if (json_is_number(value))
            add(c, scope, rates[i], json_number_value(value));
    }
    add_latencies(c, scope, object);
    add_numbers(c, scope, "stage.", json_object_get(object, "stages_us"), "us");
}

static void add_total(struct collector *c, json_t *total, bool single_kind)
{
    size_t first = c->metrics->count;
    add_load(c, "total", total);
    for (size_t i = first; i < c->metrics->count; i++)
        c->metrics->at[i].only_by_full_name = single_kind;
}

// Of the commands of one class of latency: "tail.p99.9-max.mean", ".die_wait", ".die_wait.gc".
static void add_class(struct collector *c, const char *kind, json_t *class)
{
    const char *name = json_string_value(json_object_get(class, "class")), *stage;
    char before[METRIC_NAME_BYTES];
    json_t *mean = json_object_get(class, "mean_us"), *causes;
    if (name == NULL)
        return;
    snprintf(before, sizeof before, "tail.%.24s.", name);
    json_t *means = json_pack("{s:O?}", "mean", mean);
    add_numbers(c, kind, before, means, "us");
    json_decref(means);
    add_numbers(c, kind, before, json_object_get(class, "stages_us"), "us");
    json_object_foreach(json_object_get(class, "waits_us"), stage, causes) {
        snprintf(before, sizeof before, "tail.%.24s.%.40s.", name, stage);
        add_numbers(c, kind, before, causes, "us");
    }
}

static void add_tail(struct collector *c, json_t *tail)
{
    const char *kind;
    json_t *classes, *class;
    size_t i;
    json_object_foreach(tail, kind, classes)
        json_array_foreach(classes, i, class)
            add_class(c, kind, class);
}

static bool is_statistics(const char *name)
{
    static const char *const others[] = {"tool",  "config",   "source", "sim", "commands",
                                         "total", "recorded", "jobs",   "tail", "steady",
                                         "latency_us", "interval_us", "stages_us", "deviation", "interval_95"};
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        if (strcmp(name, others[i]) == 0)
            return false;
    return true;
}

// "writer.write.p99"; what an open loop was offered is its load's, not the drive's. And what a model counted: "db.ops.p99".
static void add_job(struct collector *c, const char *name, json_t *job)
{
    const char *key;
    json_t *value, *commands = json_object_get(job, "commands");
    char scope[METRIC_NAME_BYTES];
    json_object_foreach(commands, key, value) {
        snprintf(scope, sizeof scope, "%.40s.%.40s", name, key);
        add_load(c, scope, value);
    }
    json_object_foreach(job, key, value) {
        snprintf(scope, sizeof scope, "%.40s.%.40s", name, key);
        if (is_statistics(key))
            add_numbers(c, scope, "", value, NULL);
    }
}

static void add_jobs(struct collector *c, json_t *jobs)
{
    const char *name;
    json_t *job;
    json_object_foreach(jobs, name, job)
        add_job(c, name, job);
}

void metrics_add_result(struct collector *c, json_t *result)
{
    const char *name;
    json_t *value, *commands = json_object_get(result, "commands");
    c->by_full_name = c->iodepth > 0 || c->offered_iops > 0;
    json_object_foreach(commands, name, value)
        add_load(c, name, value);
    add_total(c, json_object_get(result, "total"), json_object_size(commands) == 1);
    add_tail(c, json_object_get(result, "tail"));
    c->by_full_name = false;
    add_jobs(c, json_object_get(result, "jobs"));
    json_object_foreach(result, name, value)
        if (is_statistics(name))
            add_numbers(c, name, "", value, NULL);
}

uint64_t metrics_seed_of(json_t *json, uint64_t fallback)
{
    json_t *seed = json_object_get(json, "seed");
    if (json_is_string(seed))
        return strtoull(json_string_value(seed), NULL, 10);
    return seed == NULL ? fallback : (uint64_t)json_integer_value(seed);
}

static void set_point(struct collector *c, json_t *point)
{
    c->iodepth = (uint64_t)json_integer_value(json_object_get(point, "iodepth"));
    c->offered_iops = json_number_value(json_object_get(point, "offered_iops"));
    if (c->offered_iops > 0)
        snprintf(c->point, sizeof c->point, "offered-%.12g.", c->offered_iops);
    else
        snprintf(c->point, sizeof c->point, "iodepth-%llu.", (unsigned long long)c->iodepth);
}

static void add_seed(struct collector *c, json_t *figures, uint64_t seed)
{
    c->seed = metrics_seed_of(figures, seed);
    add_load(c, "", figures);
    metrics_add_result(c, figures);
}

// Of several seeds a point holds what each gave.
static void add_point(struct collector *c, json_t *point, uint64_t seed)
{
    json_t *runs = json_object_get(point, "runs"), *run;
    size_t i;
    set_point(c, point);
    if (runs == NULL)
        add_seed(c, point, seed);
    json_array_foreach(runs, i, run)
        add_seed(c, run, seed);
}

void metrics_add_curve(struct collector *c, json_t *curve, uint64_t seed)
{
    size_t i;
    json_t *point, *saturation = json_object_get(curve, "saturation_iops");
    json_array_foreach(json_object_get(curve, "points"), i, point)
        add_point(c, point, seed);
    if (!json_is_number(saturation))
        return;
    struct collector whole = {.metrics = c->metrics, .seed = seed};
    add(&whole, "", "saturation_iops", json_number_value(saturation));
}
