// Reading a load curve back, to go on with it.
//
// What was measured is the same again for the same configuration, seed, load and program; then, and only then, it need
// not be measured again. Numbers are written with 12 digits, so that reading and writing them gives the same text.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "config/config_json.h"
#include "report/folder_internal.h"
#include "report/report_curve.h"
#include "util/alloc.h"
#include "util/version.h"

const char *report_curve_point_name(uint32_t iodepth, char name[REPORT_CURVE_POINT_BYTES])
{
    snprintf(name, REPORT_CURVE_POINT_BYTES, "points/iodepth-%" PRIu32, iodepth);
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

// Counts beyond what JSON readers agree on are strings.
static uint64_t whole_of(json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    return json_is_string(value) ? strtoull(json_string_value(value), NULL, 10) : (uint64_t)json_integer_value(value);
}

static struct report_latency latency_of(json_t *json)
{
    struct report_latency latency = {.mean = real_of(json, "mean"), .min = real_of(json, "min"),
                                     .max = real_of(json, "max")};
    for (int i = 0; i < REPORT_PERCENTILES; i++)
        latency.percentile[i] = real_of(json, report_percentiles[i].name);
    return latency;
}

static int point_of(json_t *json, const char *varied, uint32_t iodepth, struct report_curve_point *point)
{
    json_t *load = varied == NULL ? json : json_object_get(json_object_get(json, "jobs"), varied);
    json_t *total = json_object_get(load, "total");
    if (!json_is_true(json_object_get(json, "complete")) || total == NULL)
        return -1;
    *point = (struct report_curve_point){
        .iodepth = iodepth,
        .count = whole_of(total, "count"),
        .errors = whole_of(total, "errors"),
        .iops = real_of(total, "iops"),
        .bandwidth_mb_s = real_of(total, "bandwidth_mb_s"),
        .latency = latency_of(json_object_get(total, "latency_us")),
        .events = whole_of(json_object_get(json, "sim"), "events"),
    };
    return 0;
}

int report_curve_point_read(FILE *summary, const char *varied, uint32_t iodepth, struct report_curve_point *point)
{
    json_t *json = json_loadf(summary, 0, NULL);
    int result = point_of(json, varied, iodepth, point);
    json_decref(json);
    return result;
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

int report_curve_point_find(const struct report_curve *curve, const char *folder, uint32_t iodepth,
                            struct report_curve_point *point)
{
    char name[REPORT_CURVE_POINT_BYTES];
    char *path = xformat("%s/%s", folder, report_curve_point_name(iodepth, name));
    json_t *json = load(path, "summary.json");
    int result = has_config(json, curve->config) ? point_of(json, curve->varied, iodepth, point) : -1;
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
