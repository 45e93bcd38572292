// Targets from what fio writes with --output-format=json: a row for each of its jobs.
//
// Words of the job that say what the load is are taken over (rw, bs, iodepth, numjobs, rwmixread, rate, rate_iops,
// random_distribution, size and offset in percent); how long it ran is for the calibration to say. Metrics: mean of
// lat_ns, as sqtail measures from a request's arrival; percentiles of clat_ns, the only ones that fio has unless it is
// asked for others; iops; bandwidth. Those of reads are read.mean and so on where a job writes, too.
//
// Left out: jobs that ran beside each other are rows of their own; what is told in two parts cannot be put together.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "calibrate/targets.h"
#include "util/alloc.h"
#include "util/macros.h"

static const char *const words[] = {"rw",   "bs",        "iodepth",             "numjobs", "rwmixread",
                                    "rate", "rate_iops", "random_distribution", NULL};

static void put_words(json_t *options, FILE *to, json_t *but)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        const char *value = json_string_value(json_object_get(options, words[i]));
        if (value != NULL && json_object_get(but, words[i]) == NULL)
            fprintf(to, "%s%s=%s", ftell(to) > 0 ? " " : "", words[i], value);
    }
}

// A job's own options come over the global ones.
static char *words_of(json_t *fio, json_t *job)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    json_t *own = json_object_get(job, "job options");
    put_words(json_object_get(fio, "global options"), to, own);
    put_words(own, to, NULL);
    fclose(to);
    return text;
}

struct fio_metric {
    const char *name;       // here
    const char *object;     // in fio's: "lat_ns"; NULL: in the direction itself
    const char *percentile; // key in its percentiles, or NULL
    const char *key;
    double scale;
};

static const struct fio_metric metrics[] = {
    {"mean", "lat_ns", NULL, "mean", 1e-3},          {"p50", "clat_ns", "50.000000", NULL, 1e-3},
    {"p90", "clat_ns", "90.000000", NULL, 1e-3},     {"p95", "clat_ns", "95.000000", NULL, 1e-3},
    {"p99", "clat_ns", "99.000000", NULL, 1e-3},     {"p99.9", "clat_ns", "99.900000", NULL, 1e-3},
    {"p99.99", "clat_ns", "99.990000", NULL, 1e-3},  {"iops", NULL, NULL, "iops", 1},
    {"bandwidth", NULL, NULL, "bw_bytes", 1e-6},
};

static double value_of(json_t *direction, const struct fio_metric *metric)
{
    json_t *object = metric->object == NULL ? direction : json_object_get(direction, metric->object);
    if (metric->percentile != NULL)
        return json_number_value(json_object_get(json_object_get(object, "percentile"), metric->percentile));
    return json_number_value(json_object_get(object, metric->key));
}

// Percentiles that fewer than ten requests lie beyond are nobody's target, unless they are named.
static bool rests_on_few(const struct targets_source *source, json_t *direction, const struct fio_metric *metric)
{
    double ios = json_number_value(json_object_get(direction, "total_ios"));
    double percent = metric->percentile == NULL ? 0 : strtod(metric->percentile, NULL);
    return source->use->count == 0 && ios * (100 - percent) / 100 < 10;
}

static int add_direction(const struct targets_source *source, size_t row, json_t *direction, const char *prefix)
{
    struct place place = source->problem->rows[row].place;
    int result = 0;
    for (size_t i = 0; i < ARRAY_SIZE(metrics); i++) {
        double value = metrics[i].scale * value_of(direction, &metrics[i]);
        char *name = xformat("%s%s", prefix, metrics[i].name);
        bool used = targets_uses(source, name) || targets_uses(source, metrics[i].name);
        if (used && value > 0 && !rests_on_few(source, direction, &metrics[i]))
            result |= calibrate_add_value(source->problem, row, name, value, source->weight, place, source->diag);
        free(name);
    }
    return result;
}

static bool has_requests(json_t *job, const char *direction)
{
    return json_number_value(json_object_get(json_object_get(job, direction), "total_ios")) > 0;
}

static int add_job(const struct targets_source *source, json_t *fio, json_t *job)
{
    bool reads = has_requests(job, "read"), writes = has_requests(job, "write");
    char *text = words_of(fio, job);
    size_t row = targets_add_row(source, (struct place){.file = source->path}, text);
    struct calibrate_row *added = &source->problem->rows[row];
    added->place.file = source->problem->path;
    free(text);
    int result = reads ? add_direction(source, row, json_object_get(job, "read"), writes ? "read." : "") : 0;
    return result | (writes ? add_direction(source, row, json_object_get(job, "write"), reads ? "write." : "") : 0);
}

int targets_read_fio(const struct targets_source *source)
{
    json_error_t error;
    json_t *fio = json_load_file(source->path, 0, &error), *jobs = json_object_get(fio, "jobs"), *job;
    struct place place = {source->path, error.line > 0 ? (uint64_t)error.line : 0, 0};
    size_t before = source->problem->target_count, i;
    int result = 0;
    if (fio == NULL)
        return diag_error(source->diag, place, "%s; wanted is what fio writes with --output-format=json", error.text);
    json_array_foreach(jobs, i, job)
        result |= add_job(source, fio, job);
    if (result == 0 && source->problem->target_count == before)
        result = diag_error(source->diag, (struct place){.file = source->path}, "no job with a target in it");
    json_decref(fio);
    return result;
}
