// Reading results back: which numbers of a summary.json or curve.json are metrics, and which way is better.
#include "report/metrics.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report/number_text.h"
#include "report/report.h"
#include "util/alloc.h"
#include "util/macros.h"

#define RESULT_SCHEMA "sqtail.result/1"
#define CURVE_SCHEMA "sqtail.curve/1"

// What the metrics are of that are being collected.
struct collector {
    struct metrics *metrics;
    uint64_t seed;
    char point[48]; // "iodepth-32." or ""
    uint64_t iodepth;
    double offered_iops;
    bool by_full_name; // metrics of kinds of command of a point, whose own go by the short ones
    size_t next; // where the next metric probably is: one seed has what the one before had, in its order
};

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
    {"iops", "1/s", true}, {"_mb_s", "MB/s", true}, {"_us", "us", false}, {"_s", "s", false}, {"_bytes", "B", false},
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
    for (size_t i = 0; i < metrics->count; i++) {
        size_t at = (c->next + i) % metrics->count;
        if (strcmp(metrics->at[at].name, name) == 0)
            return &metrics->at[at];
    }
    return NULL;
}

static struct metric *append(struct collector *c, const char *scope, const char *name)
{
    struct metrics *metrics = c->metrics;
    metrics->at = xrealloc(metrics->at, (metrics->count + 1) * sizeof *metrics->at);
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

// "writer.write.p99"; what an open loop was offered is its load's, not the drive's.
static void add_jobs(struct collector *c, json_t *jobs)
{
    const char *name, *kind;
    json_t *job, *value;
    json_object_foreach(jobs, name, job)
        json_object_foreach(json_object_get(job, "commands"), kind, value) {
            char scope[METRIC_NAME_BYTES];
            snprintf(scope, sizeof scope, "%.40s.%.40s", name, kind);
            add_load(c, scope, value);
        }
}

static void add_result(struct collector *c, json_t *result)
{
    const char *name;
    json_t *value, *commands = json_object_get(result, "commands");
    c->by_full_name = c->point[0] != '\0';
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

static uint64_t seed_of(json_t *json, uint64_t fallback)
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
    c->seed = seed_of(figures, seed);
    add_load(c, "", figures);
    add_result(c, figures);
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

static void add_curve(struct collector *c, json_t *curve, uint64_t seed)
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

static void collect(struct metrics *metrics, const struct metrics_source *source)
{
    struct collector c = {.metrics = metrics, .seed = source->seed};
    if (metrics->is_curve)
        add_curve(&c, source->json, source->seed);
    else
        add_result(&c, source->json);
}

// Only now: the array has moved while it grew.
static void finish(struct metrics *metrics)
{
    for (size_t i = 0; i < metrics->count; i++) {
        struct metric *metric = &metrics->at[i];
        metric->bare = metric->name + MIN(metric->bare_at, strlen(metric->name));
        metric->last = metric->name + MIN(metric->last_at, strlen(metric->name));
        for (size_t k = 0; k < metric->value_count; k++)
            metric->value += metric->values[k].value / (double)metric->value_count;
    }
}

// --- reading -------------------------------------------------------------------------------------------------------

static char *existing(const char *folder, const char *name)
{
    char *path = xformat("%s/%s", folder, name);
    struct stat st;
    if (stat(path, &st) == 0)
        return path;
    free(path);
    return NULL;
}

// The JSON file of a result folder; NULL when it is none.
static char *json_in(const char *folder)
{
    char *found = existing(folder, "summary.json");
    return found != NULL ? found : existing(folder, "curve.json");
}

static int check(struct metrics *metrics, const struct metrics_source *source, struct diag *diag)
{
    struct place place = {.file = source->path};
    const char *schema = json_string_value(json_object_get(source->json, "schema"));
    if (schema == NULL)
        return diag_error(diag, place, "is no result of sqtail: it names no schema");
    bool is_curve = strcmp(schema, CURVE_SCHEMA) == 0;
    if (!is_curve && strcmp(schema, RESULT_SCHEMA) != 0)
        return diag_error(diag, place, "has schema '%s', but only '%s' and '%s' are known here", schema,
                          RESULT_SCHEMA, CURVE_SCHEMA);
    if (!json_is_true(json_object_get(source->json, "complete")))
        return diag_error(diag, place, "is not complete: the run was stopped before its end");
    if (metrics->source_count > 1 && is_curve != metrics->is_curve)
        return diag_error(diag, place, "lies beside results of another kind: runs and curves are no repetitions");
    metrics->is_curve = is_curve;
    return 0;
}

static int load(struct metrics *metrics, struct metrics_source *source, struct diag *diag)
{
    json_error_t error;
    source->json = json_load_file(source->path, JSON_REJECT_DUPLICATES, &error);
    source->seed = seed_of(source->json, 0);
    if (source->json != NULL)
        return check(metrics, source, diag);
    struct place place = {.file = source->path};
    if (error.line > 0) {
        place.line = (uint64_t)error.line;
        place.column = (uint64_t)error.column;
    }
    return diag_error(diag, place, "%s; a result is a folder, or the summary.json or curve.json in it", error.text);
}

// Takes `path`.
static int read_source(struct metrics *metrics, char *path, struct diag *diag)
{
    metrics->sources = xrealloc(metrics->sources, (metrics->source_count + 1) * sizeof *metrics->sources);
    struct metrics_source *source = &metrics->sources[metrics->source_count++];
    *source = (struct metrics_source){.path = path};
    if (load(metrics, source, diag) != 0)
        return -1;
    collect(metrics, source);
    return 0;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

// All results in a folder that is none itself, in the order of their names.
static int read_all(struct metrics *metrics, struct diag *diag)
{
    struct dirent **entries = NULL;
    int count = scandir(metrics->path, &entries, is_visible, alphasort), result = 0;
    for (int i = 0; i < count; i++) {
        char *folder = xformat("%s/%s", metrics->path, entries[i]->d_name), *found = json_in(folder);
        if (found != NULL && read_source(metrics, found, diag) != 0)
            result = -1;
        free(folder);
        free(entries[i]);
    }
    free(entries);
    if (metrics->source_count > 0)
        return result;
    return diag_error(diag, (struct place){.file = metrics->path}, "is no result folder: it has no summary.json and "
                      "no curve.json, nor has any folder in it");
}

static int read_any(struct metrics *metrics, struct diag *diag)
{
    struct stat st;
    if (stat(metrics->path, &st) != 0)
        return diag_error(diag, (struct place){.file = metrics->path}, "no such result");
    if (!S_ISDIR(st.st_mode))
        return read_source(metrics, xstrdup(metrics->path), diag);
    char *found = json_in(metrics->path);
    return found != NULL ? read_source(metrics, found, diag) : read_all(metrics, diag);
}

int metrics_read(struct metrics *metrics, const char *path, struct diag *diag)
{
    *metrics = (struct metrics){.path = xstrdup(path)};
    if (read_any(metrics, diag) != 0) {
        metrics_destroy(metrics);
        *metrics = (struct metrics){0};
        return -1;
    }
    finish(metrics);
    return 0;
}

size_t metrics_seed_count(const struct metrics *metrics)
{
    size_t most = 1;
    for (size_t i = 0; i < metrics->count; i++)
        most = MAX(most, metrics->at[i].value_count);
    return most;
}

void metrics_destroy(struct metrics *metrics)
{
    for (size_t i = 0; i < metrics->source_count; i++) {
        json_decref(metrics->sources[i].json);
        free(metrics->sources[i].path);
    }
    for (size_t i = 0; i < metrics->count; i++)
        free(metrics->at[i].values);
    free(metrics->sources);
    free(metrics->path);
    free(metrics->at);
}

const struct metric *metrics_find(const struct metrics *metrics, const char *name)
{
    for (size_t i = 0; i < metrics->count; i++)
        if (metric_is_called(&metrics->at[i], name))
            return &metrics->at[i];
    return NULL;
}
