// Reading results back.
#include "report/read/metrics.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report/read/metrics_collect.h"
#include "report/read/metrics_sweep.h"
#include "report/read/result_read.h"
#include "util/alloc.h"
#include "util/macros.h"

#define RESULT_SCHEMA "sqtail.result/1"
#define CURVE_SCHEMA "sqtail.curve/1"
#define SWEEP_SCHEMA "sqtail.sweep/1"

// Returns 0, or -1 with the reasons.
static int collect(struct metrics *metrics, struct metrics_source *source, struct diag *diag)
{
    struct collector c = {.metrics = metrics, .seed = source->seed};
    if (metrics->kind == METRICS_OF_SWEEP)
        return metrics_add_sweep(metrics, source, diag);
    if (metrics->kind == METRICS_OF_CURVE)
        metrics_add_curve(&c, source->json, source->seed);
    else
        metrics_add_result(&c, source->json);
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(const struct metric *const *)a)->name, (*(const struct metric *const *)b)->name);
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
    metrics->by_name = xcalloc(metrics->count + 1, sizeof(struct metric *));
    for (size_t i = 0; i < metrics->count; i++)
        metrics->by_name[i] = &metrics->at[i];
    qsort(metrics->by_name, metrics->count, sizeof(struct metric *), compare_names);
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
    static const char *const names[] = {"summary.json", "curve.json", "sweep.json"};
    char *found = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(names) && found == NULL; i++)
        found = existing(folder, names[i]);
    return found;
}

// The index of its schema among those of kinds, or -1.
static int kind_of(const char *schema)
{
    static const char *const schemas[] = {RESULT_SCHEMA, CURVE_SCHEMA, SWEEP_SCHEMA};
    for (int kind = 0; kind < (int)ARRAY_SIZE(schemas); kind++)
        if (strcmp(schemas[kind], schema) == 0)
            return kind;
    return -1;
}

const char *metrics_kind_name(enum metrics_kind kind)
{
    static const char *const names[] = {"run", "curve", "sweep"};
    return names[kind];
}

static int check(struct metrics *metrics, const struct metrics_source *source, struct diag *diag)
{
    struct place place = {.file = source->path};
    const char *schema = json_string_value(json_object_get(source->json, "schema"));
    if (schema == NULL)
        return diag_error(diag, place, "is no result of sqtail: it names no schema");
    int kind = kind_of(schema);
    if (kind < 0)
        return diag_error(diag, place, "has schema '%s', but only '" RESULT_SCHEMA "', '" CURVE_SCHEMA "' and '"
                          SWEEP_SCHEMA "' are known here", schema);
    if (!json_is_true(json_object_get(source->json, "complete")))
        return diag_error(diag, place, "is not complete: the %s was stopped before its end", metrics_kind_name(kind));
    if (metrics->source_count > 1 && (kind == METRICS_OF_SWEEP || (enum metrics_kind)kind != metrics->kind))
        return diag_error(diag, place, "lies beside results of another kind: only runs, or curves, are repetitions");
    metrics->kind = kind;
    return 0;
}

static int load(struct metrics *metrics, struct metrics_source *source, struct diag *diag)
{
    json_error_t error;
    source->json = json_load_file(source->path, JSON_REJECT_DUPLICATES, &error);
    source->seed = metrics_seed_of(source->json, 0);
    if (source->json != NULL)
        return check(metrics, source, diag);
    struct place place = {.file = source->path};
    if (error.line > 0) {
        place.line = (uint64_t)error.line;
        place.column = (uint64_t)error.column;
    }
    return diag_error(diag, place, "%s; a result is a folder, or the summary.json, curve.json or sweep.json in it",
                      error.text);
}

// Takes `path`.
static int read_source(struct metrics *metrics, char *path, struct diag *diag)
{
    metrics->sources = xrealloc(metrics->sources, (metrics->source_count + 1) * sizeof *metrics->sources);
    struct metrics_source *source = &metrics->sources[metrics->source_count++];
    *source = (struct metrics_source){.path = path};
    if (load(metrics, source, diag) != 0)
        return -1;
    return collect(metrics, source, diag);
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
    if (result_is_of_pts(metrics->path))
        return diag_error(diag, (struct place){.file = metrics->path}, "%s", result_of_pts_text);
    return diag_error(diag, (struct place){.file = metrics->path}, "is no result folder: it has no summary.json, "
                      "curve.json or sweep.json, nor has any folder in it");
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
    free(metrics->by_name);
    free(metrics->sources);
    free(metrics->path);
    free(metrics->at);
}

static int compare_name(const void *name, const void *metric)
{
    return strcmp(name, (*(const struct metric *const *)metric)->name);
}

const struct metric *metrics_named(const struct metrics *metrics, const char *name)
{
    const struct metric *const *found =
        bsearch(name, metrics->by_name, metrics->count, sizeof(struct metric *), compare_name);
    return found == NULL ? NULL : *found;
}

const struct metric *metrics_find(const struct metrics *metrics, const char *name)
{
    for (size_t i = 0; i < metrics->count; i++)
        if (metric_is_called(&metrics->at[i], name))
            return &metrics->at[i];
    return NULL;
}
