// Reading a load curve back, to go on with it.
//
// What was measured is the same again for the same configuration, seed, load and program; then, and only then, it need
// not be measured again. Numbers are written with 12 digits, so that reading and writing them gives the same text.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "config/config_json.h"
#include "report/folder/folder_internal.h"
#include "report/report_curve.h"
#include "util/alloc.h"
#include "util/macros.h"
#include "util/version.h"

const char *report_curve_point_name(const struct report_curve_load *load, const char *seed,
                                    char name[REPORT_CURVE_POINT_BYTES])
{
    snprintf(name, REPORT_CURVE_POINT_BYTES, "points/%s-%" PRIu64 "%s%s", load->rate_iops > 0 ? "rate" : "iodepth",
             load->rate_iops > 0 ? load->rate_iops : load->iodepth, seed == NULL ? "" : "-seed-",
             seed == NULL ? "" : seed);
    return name;
}

static json_t *load(const char *folder, const char *name)
{
    char *path = xformat("%s/%s", folder, name);
    json_t *json = json_load_file(path, 0, NULL);
    free(path);
    return json;
}

// --- points --------------------------------------------------------------------------------------------------------

static double real_of(json_t *object, const char *name)
{
    return json_number_value(json_object_get(object, name));
}

// Counts beyond what JSON readers agree on are strings; means over seeds need not be whole.
static uint64_t whole_of(json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    return json_is_string(value) ? strtoull(json_string_value(value), NULL, 10)
                                 : (uint64_t)json_number_value(value);
}

static struct report_latency latency_of(json_t *json)
{
    struct report_latency latency = {.mean = real_of(json, "mean"), .min = real_of(json, "min"),
                                     .max = real_of(json, "max")};
    for (int i = 0; i < REPORT_PERCENTILES; i++)
        latency.percentile[i] = real_of(json, report_percentiles[i].name);
    return latency;
}

struct report_curve_point report_curve_figures(const struct report_curve_point *point, json_t *of)
{
    return (struct report_curve_point){
        .iodepth = point->iodepth,
        .offered_iops = point->offered_iops,
        .count = whole_of(of, "count"),
        .errors = whole_of(of, "errors"),
        .iops = real_of(of, "iops"),
        .bandwidth_mb_s = real_of(of, "bandwidth_mb_s"),
        .latency = latency_of(json_object_get(of, "latency_us")),
    };
}

// Beside the total: each kind of command with its stages, how busy the parts were, write amplification.
static json_t *parts_of(json_t *summary, json_t *load, json_t *total)
{
    json_t *parts = json_object();
    static const char *const names[] = {"utilization", "ftl", "steady"};
    json_object_set(parts, "stages_us", json_object_get(total, "stages_us"));
    json_object_set(parts, "commands", json_object_get(load, "commands"));
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (json_object_get(summary, names[i]) != NULL)
            json_object_set(parts, names[i], json_object_get(summary, names[i]));
    return parts;
}

// What an open loop was offered is told of the job, or of the whole.
static double offered_of(json_t *summary, json_t *load, const char *varied)
{
    return real_of(varied != NULL ? load : json_object_get(summary, "host"), "offered_iops");
}

static int point_of(json_t *json, const char *varied, const struct report_curve_load *at,
                    struct report_curve_point *point)
{
    json_t *load = varied == NULL ? json : json_object_get(json_object_get(json, "jobs"), varied);
    json_t *total = json_object_get(load, "total");
    if (!json_is_true(json_object_get(json, "complete")) || total == NULL)
        return -1;
    *point = report_curve_figures(&(struct report_curve_point){.iodepth = at->iodepth}, total);
    point->offered_iops = at->rate_iops > 0 ? offered_of(json, load, varied) : 0;
    point->events = whole_of(json_object_get(json, "sim"), "events");
    point->parts = parts_of(json, load, total);
    return 0;
}

int report_curve_point_read(FILE *summary, const char *varied, const struct report_curve_load *load,
                            struct report_curve_point *point)
{
    json_t *json = json_loadf(summary, 0, NULL);
    int result = point_of(json, varied, load, point);
    json_decref(json);
    return result;
}

void report_curve_point_free(struct report_curve_point *point)
{
    json_decref(point->parts);
    point->parts = NULL;
}

static bool is_text(json_t *json, const char *name, const char *text)
{
    const char *there = json_string_value(json_object_get(json, name));
    return there != NULL && strcmp(there, text) == 0;
}

static bool has_config(json_t *json, const struct config *config)
{
    char id[CONFIG_HASH_BYTES];
    config_hash(config, id);
    return is_text(json, "config_id", id);
}

int report_curve_point_find(const char *folder, const char *name, const char *config_id, const char *varied,
                            const struct report_curve_load *at, struct report_curve_point *point)
{
    char *path = xformat("%s/%s", folder, name);
    json_t *json = load(path, "summary.json");
    int result = is_text(json, "config_id", config_id) ? point_of(json, varied, at, point) : -1;
    json_decref(json);
    free(path);
    return result;
}

// --- the curve -----------------------------------------------------------------------------------------------------

static const char *difference_of(const struct report_curve *curve, json_t *json)
{
    json_t *tool = json_object_get(json, "tool");
    if (whole_of(json, "seed") != curve->seed)
        return "seed";
    if (!has_config(json, curve->config))
        return "configuration";
    if (!is_text(json, "job", curve->job))
        return "job";
    if ((json_object_get(json, "until") == NULL) != (curve->until == NULL))
        return "until when it is measured";
    if (!is_text(tool, "version", version_release) || !is_text(tool, "commit", version_commit))
        return "version of sqtail";
    return NULL;
}

enum report_curve_there report_curve_look(const struct report_curve *curve, const char *folder,
                                          const char **difference)
{
    json_t *json = load(folder, "curve.json"), *run = load(folder, "summary.json");
    enum report_curve_there there = REPORT_CURVE_NONE;
    *difference = NULL;
    if (is_text(json, "schema", REPORT_CURVE_SCHEMA)) {
        *difference = difference_of(curve, json);
        there = *difference != NULL                                ? REPORT_CURVE_OTHER
                : json_is_true(json_object_get(json, "complete")) ? REPORT_CURVE_COMPLETE
                                                                   : REPORT_CURVE_INCOMPLETE;
    } else if (run != NULL) {
        *difference = "kind: it is a run";
        there = REPORT_CURVE_OTHER;
    }
    json_decref(json);
    json_decref(run);
    return there;
}
