// Reading results back: which numbers of a summary.json or curve.json are metrics, and which way is better.
#include "report/metrics.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report/report.h"
#include "report/number_text.h"
#include "util/alloc.h"
#include "util/macros.h"

#define RESULT_SCHEMA "sqtail.result/1"
#define CURVE_SCHEMA "sqtail.curve/1"

// --- collecting ----------------------------------------------------------------------------------------------------

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static struct metric *add(struct metrics *metrics, const char *scope, const char *name, double value)
{
    metrics->at = xrealloc(metrics->at, (metrics->count + 1) * sizeof *metrics->at);
    struct metric *metric = &metrics->at[metrics->count++];
    *metric = (struct metric){.value = value};
    metric->higher_is_better = ends_with(name, "iops") || ends_with(name, "mb_s") || strcmp(name, "bandwidth") == 0;
    snprintf(metric->name, sizeof metric->name, "%s.%s", scope, name);
    metric->last_at = MIN(strlen(scope) + 1, strlen(metric->name));
    return metric;
}

// The numbers of an object, under `scope`.
static void add_numbers(struct metrics *metrics, const char *scope, json_t *object)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
        if (json_is_number(value))
            add(metrics, scope, name, json_number_value(value));
}

static void add_one(struct metrics *metrics, const char *scope, json_t *object, const char *key, const char *name)
{
    json_t *value = json_object_get(object, key);
    if (json_is_number(value))
        add(metrics, scope, name, json_number_value(value));
}

static bool is_percentile_of_few(const char *name, uint64_t count)
{
    for (int i = 0; i < REPORT_PERCENTILES; i++)
        if (strcmp(report_percentiles[i].name, name) == 0)
            return rests_on_few(count, report_percentiles[i].fraction);
    return false;
}

// A kind of command, or a point of a curve.
static void add_load(struct metrics *metrics, const char *scope, json_t *object)
{
    add_one(metrics, scope, object, "iops", "iops");
    add_one(metrics, scope, object, "bandwidth_mb_s", "bandwidth");
    add_one(metrics, scope, object, "errors", "errors");
    size_t first = metrics->count;
    json_t *count = json_object_get(object, "count");
    add_numbers(metrics, scope, json_object_get(object, "latency_us"));
    for (size_t i = first; i < metrics->count && json_is_integer(count); i++)
        metrics->at[i].rests_on_few = is_percentile_of_few(metrics->at[i].name + metrics->at[i].last_at,
                                                           (uint64_t)json_integer_value(count));
}

static void add_total(struct metrics *metrics, json_t *total, bool single_kind)
{
    size_t first = metrics->count;
    add_load(metrics, "total", total);
    for (size_t i = first; i < metrics->count; i++)
        metrics->at[i].only_by_full_name = single_kind;
}

static bool is_statistics(const char *name)
{
    static const char *const others[] = {"tool", "config", "source", "sim", "commands", "total", "recorded", "jobs"};
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        if (strcmp(name, others[i]) == 0)
            return false;
    return true;
}

// "writer.write.p99"; what an open loop was offered is its load's, not the drive's.
static void collect_jobs(struct metrics *metrics)
{
    const char *name, *kind;
    json_t *job, *value;
    json_object_foreach(json_object_get(metrics->json, "jobs"), name, job)
        json_object_foreach(json_object_get(job, "commands"), kind, value) {
            char scope[METRIC_NAME_BYTES];
            snprintf(scope, sizeof scope, "%.40s.%.40s", name, kind);
            add_load(metrics, scope, value);
        }
}

static void collect_result(struct metrics *metrics)
{
    const char *name;
    json_t *value, *commands = json_object_get(metrics->json, "commands");
    json_object_foreach(commands, name, value)
        add_load(metrics, name, value);
    add_total(metrics, json_object_get(metrics->json, "total"), json_object_size(commands) == 1);
    collect_jobs(metrics);
    json_object_foreach(metrics->json, name, value)
        if (is_statistics(name))
            add_numbers(metrics, name, value);
}

static void collect_curve(struct metrics *metrics)
{
    size_t i;
    json_t *point;
    json_array_foreach(json_object_get(metrics->json, "points"), i, point) {
        char scope[48];
        json_t *offered = json_object_get(point, "offered_iops");
        if (offered != NULL)
            snprintf(scope, sizeof scope, "offered %.12g", json_number_value(offered));
        else
            snprintf(scope, sizeof scope, "iodepth %lld",
                     (long long)json_integer_value(json_object_get(point, "iodepth")));
        add_load(metrics, scope, point);
    }
}

// Only now: the array has moved while it grew.
static void set_last_parts(struct metrics *metrics)
{
    for (size_t i = 0; i < metrics->count; i++)
        metrics->at[i].last = metrics->at[i].name + metrics->at[i].last_at;
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

static char *json_path(const char *path, struct diag *diag)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        diag_error(diag, (struct place){.file = path}, "no such result");
        return NULL;
    }
    if (!S_ISDIR(st.st_mode))
        return xstrdup(path);
    char *found = existing(path, "summary.json");
    if (found == NULL)
        found = existing(path, "curve.json");
    if (found == NULL)
        diag_error(diag, (struct place){.file = path},
                   "is no result folder: it has no summary.json and no curve.json");
    return found;
}

static int check(struct metrics *metrics, struct diag *diag)
{
    struct place place = {.file = metrics->path};
    const char *schema = json_string_value(json_object_get(metrics->json, "schema"));
    if (schema == NULL)
        return diag_error(diag, place, "is no result of sqtail: it names no schema");
    metrics->is_curve = strcmp(schema, CURVE_SCHEMA) == 0;
    if (!metrics->is_curve && strcmp(schema, RESULT_SCHEMA) != 0)
        return diag_error(diag, place, "has schema '%s', but only '%s' and '%s' are known here", schema,
                          RESULT_SCHEMA, CURVE_SCHEMA);
    if (!json_is_true(json_object_get(metrics->json, "complete")))
        return diag_error(diag, place, "is not complete: the run was stopped before its end");
    return 0;
}

static int load(struct metrics *metrics, struct diag *diag)
{
    json_error_t error;
    metrics->json = json_load_file(metrics->path, JSON_REJECT_DUPLICATES, &error);
    if (metrics->json != NULL)
        return check(metrics, diag);
    struct place place = {.file = metrics->path};
    if (error.line > 0) {
        place.line = (uint64_t)error.line;
        place.column = (uint64_t)error.column;
    }
    return diag_error(diag, place, "%s; a result is a folder, or the summary.json or curve.json in it", error.text);
}

int metrics_read(struct metrics *metrics, const char *path, struct diag *diag)
{
    *metrics = (struct metrics){.path = json_path(path, diag)};
    if (metrics->path == NULL)
        return -1;
    if (load(metrics, diag) != 0) {
        metrics_destroy(metrics);
        return -1;
    }
    if (metrics->is_curve)
        collect_curve(metrics);
    else
        collect_result(metrics);
    set_last_parts(metrics);
    return 0;
}

void metrics_destroy(struct metrics *metrics)
{
    json_decref(metrics->json);
    free(metrics->path);
    free(metrics->at);
}

const struct metric *metrics_find(const struct metrics *metrics, const char *name)
{
    for (size_t i = 0; i < metrics->count; i++)
        if (strcmp(metrics->at[i].name, name) == 0)
            return &metrics->at[i];
    return NULL;
}
