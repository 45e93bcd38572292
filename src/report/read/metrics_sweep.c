// The metrics of a sweep: those of its points, each named by where it lies on the axes: "nand.channels:4,nand.t_r:x2.".
// Points that differ in their seeds alone have one name, and are the values of one metric.
#include "report/read/metrics_sweep.h"

#include <stdlib.h>
#include <string.h>

#include "report/read/metrics_collect.h"
#include "util/alloc.h"
#include "util/macros.h"

#define SEED "seed"
#define WORKLOAD "workload"

struct placed {
    json_t *point; // of sweep.json
    size_t index;
    size_t group;  // index of the first of this name
    char name[METRIC_POINT_BYTES];
};

struct sweep_reader {
    struct metrics *metrics;
    struct metrics_source *source;
    struct diag *diag;
    struct placed *points;
    size_t count;
    json_t *loads, *config;
};

// --- names ---------------------------------------------------------------------------------------------------------

// A workload is told where there are several.
static bool is_told(const struct sweep_reader *reader, const char *axis)
{
    bool several = json_object_size(json_object_get(reader->source->json, "workloads")) > 1;
    return strcmp(axis, SEED) != 0 && (several || strcmp(axis, WORKLOAD) != 0);
}

static int name_point(const struct sweep_reader *reader, struct placed *placed)
{
    const char *axis;
    json_t *value;
    int length = 0;
    json_object_foreach(json_object_get(placed->point, "values"), axis, value)
        if (is_told(reader, axis) && length < METRIC_POINT_BYTES)
            length += snprintf(placed->name + length, METRIC_POINT_BYTES - (size_t)length, "%s%s:%s",
                               length == 0 ? "" : ",", axis, json_string_value(value));
    if (length + 1 >= METRIC_POINT_BYTES)
        return diag_error(reader->diag, (struct place){.file = reader->source->path},
                          "the point %s... has a name of more than %d characters", placed->name,
                          METRIC_POINT_BYTES - 2);
    if (length > 0)
        strcpy(placed->name + length, ".");
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    const struct placed *one = a, *other = b;
    int order = strcmp(one->name, other->name);
    return order != 0 ? order : (one->index > other->index) - (one->index < other->index);
}

static int compare_groups(const void *a, const void *b)
{
    const struct placed *one = a, *other = b;
    if (one->group != other->group)
        return one->group < other->group ? -1 : 1;
    return (one->index > other->index) - (one->index < other->index);
}

// Points of one name come together, in the order of the first of each.
static void group_points(struct sweep_reader *reader)
{
    struct placed *points = reader->points;
    qsort(points, reader->count, sizeof *points, compare_names);
    for (size_t i = 0; i < reader->count; i++) {
        bool same = i > 0 && strcmp(points[i].name, points[i - 1].name) == 0;
        points[i].group = same ? points[i - 1].group : points[i].index;
    }
    qsort(points, reader->count, sizeof *points, compare_groups);
}

static int list_points(struct sweep_reader *reader)
{
    json_t *points = json_object_get(reader->source->json, "points");
    int result = 0;
    reader->count = json_array_size(points);
    reader->points = xcalloc(reader->count + 1, sizeof *reader->points);
    for (size_t i = 0; i < reader->count; i++) {
        reader->points[i] = (struct placed){.point = json_array_get(points, i), .index = i};
        result |= name_point(reader, &reader->points[i]);
    }
    group_points(reader);
    return result;
}

// --- what is kept of each point ------------------------------------------------------------------------------------

static json_t *counts_of(json_t *commands)
{
    json_t *counts = json_object(), *kind;
    const char *name;
    json_object_foreach(commands, name, kind)
        json_object_set_new(counts, name, json_pack("{s:O?}", "count", json_object_get(kind, "count")));
    return counts;
}

static json_t *load_of(json_t *result)
{
    json_t *total = json_object_get(result, "total");
    json_t *load = json_pack("{s:O?, s:o, s:{s:O?}}", "source", json_object_get(result, "source"), "commands",
                             counts_of(json_object_get(result, "commands")), "total", "count",
                             json_object_get(total, "count"));
    if (json_object_get(result, "steady") != NULL)
        json_object_set_new(load, "steady", json_true());
    return load;
}

static void keep_load(struct sweep_reader *reader, const char *name, uint64_t seed, json_t *result)
{
    char text[24];
    json_t *seeds = json_object_get(reader->loads, name);
    if (seeds == NULL) {
        seeds = json_object();
        json_object_set_new(reader->loads, name, seeds);
    }
    snprintf(text, sizeof text, "%llu", (unsigned long long)seed);
    json_object_set_new(seeds, text, load_of(result));
}

// Removes what `other` has not, or not so.
static void keep_common(json_t *object, json_t *other)
{
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(object, next, key, value) {
        json_t *its = json_object_get(other, key);
        if (json_is_object(value) && json_is_object(its))
            keep_common(value, its);
        else if (!json_equal(value, its))
            json_object_del(object, key);
    }
}

static void keep_config(struct sweep_reader *reader, json_t *result)
{
    json_t *config = json_object_get(result, "config");
    if (reader->config == NULL)
        reader->config = json_deep_copy(config);
    else
        keep_common(reader->config, config);
}

// --- reading -------------------------------------------------------------------------------------------------------

static json_t *read_point(const struct sweep_reader *reader, const struct placed *placed)
{
    const char *path = reader->source->path, *slash = strrchr(path, '/');
    const char *id = json_string_value(json_object_get(placed->point, "id"));
    char *file = xformat("%.*spoints/%s/summary.json", slash == NULL ? 0 : (int)(slash - path) + 1, path,
                         id == NULL ? "" : id);
    json_error_t error;
    json_t *json = json_load_file(file, 0, &error);
    if (json == NULL)
        diag_error(reader->diag, (struct place){.file = file}, "%s; a sweep is compared by the results of its points",
                   error.text);
    free(file);
    return json;
}

static int add_point(struct sweep_reader *reader, struct collector *c, const struct placed *placed)
{
    json_t *result = read_point(reader, placed);
    if (result == NULL)
        return -1;
    if (placed->index == placed->group)
        c->from = c->next = reader->metrics->count;
    strcpy(c->point, placed->name);
    c->seed = metrics_seed_of(result, 0);
    metrics_add_result(c, result);
    c->next = c->from;
    keep_load(reader, placed->name, c->seed, result);
    keep_config(reader, result);
    json_decref(result);
    return 0;
}

static int add_points(struct sweep_reader *reader)
{
    struct collector c = {.metrics = reader->metrics};
    for (size_t i = 0; i < reader->count; i++)
        if (add_point(reader, &c, &reader->points[i]) != 0)
            return -1;
    if (reader->metrics->count > 0)
        reader->source->seed = reader->metrics->at[0].values[0].seed;
    return 0;
}

int metrics_add_sweep(struct metrics *metrics, struct metrics_source *source, struct diag *diag)
{
    struct sweep_reader reader = {.metrics = metrics, .source = source, .diag = diag, .loads = json_object()};
    int result = list_points(&reader);
    if (result == 0)
        result = add_points(&reader);
    json_object_set_new(source->json, "loads", reader.loads);
    json_object_set_new(source->json, "config", reader.config == NULL ? json_object() : reader.config);
    free(reader.points);
    return result;
}
