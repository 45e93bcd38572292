// What is to be calibrated: keys, rows and targets as they are held.
#include "calibrate/problem.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/decimal.h"
#include "host/job/job_words.h"
#include "util/alloc.h"
#include "util/macros.h"

void calibrate_problem_destroy(struct calibrate_problem *p)
{
    for (size_t i = 0; i < p->key_count; i++) {
        free(p->keys[i].name);
        free(p->keys[i].low_text);
        free(p->keys[i].high_text);
    }
    for (size_t i = 0; i < p->row_count; i++) {
        free(p->rows[i].name);
        text_list_free(&p->rows[i].jobs);
        text_list_free(&p->rows[i].sets);
    }
    for (size_t i = 0; i < p->target_count; i++) {
        free(p->targets[i].shown);
        free(p->targets[i].metric);
    }
    free(p->rows);
    free(p->targets);
    text_list_free(&p->sets);
    text_list_free(&p->seeds);
    text_list_free(&p->jobs);
    free(p->config);
    free(p->path);
    *p = (struct calibrate_problem){0};
}

// --- jobs ----------------------------------------------------------------------------------------------------------

static char *join(const struct text_list *jobs)
{
    char *text = xstrdup("");
    for (size_t i = 0; i < jobs->count; i++) {
        char *longer = xformat("%s%s%s", text, i == 0 ? "" : " | ", jobs->at[i]);
        free(text);
        text = longer;
    }
    return text;
}

// Its name is what it says itself.
size_t calibrate_add_row(struct calibrate_problem *p, struct place place, const struct text_list *jobs)
{
    size_t own = jobs == NULL ? 0 : jobs->count;
    p->rows = xgrow(p->rows, p->row_count, sizeof *p->rows);
    struct calibrate_row *row = &p->rows[p->row_count];
    *row = (struct calibrate_row){.place = place};
    for (size_t i = 0; i < MAX(own, p->jobs.count); i++) {
        char *merged = job_words_merge(i < p->jobs.count ? p->jobs.at[i] : "", i < own ? jobs->at[i] : "");
        text_list_add(&row->jobs, merged);
        free(merged);
    }
    row->name = own > 0 ? join(jobs) : xstrdup("");
    return p->row_count++;
}

// --- targets -------------------------------------------------------------------------------------------------------

static const char *last_part(const char *metric)
{
    static const char *const latencies[] = {"p99.999", "p99.99", "p99.9", NULL};
    size_t length = strlen(metric);
    for (size_t i = 0; latencies[i] != NULL; i++) {
        size_t tail = strlen(latencies[i]);
        if (length >= tail && strcmp(metric + length - tail, latencies[i]) == 0)
            return metric + length - tail;
    }
    const char *dot = strrchr(metric, '.');
    return dot == NULL ? metric : dot + 1;
}

static const char *const latency_names[] = {"mean", "min", "max", "p50", "p90", "p95", "p99", "p99.9", "p99.99",
                                            "p99.999", NULL};

static bool is_among(const char *name, const char *const *list)
{
    while (*list != NULL && strcmp(name, *list) != 0)
        list++;
    return *list != NULL;
}

bool calibrate_is_latency(const char *metric)
{
    return is_among(last_part(metric), latency_names);
}

// What stands alone is of all commands, or of the core.
static char *full_name(const char *metric)
{
    static const char *const rates[] = {"iops", "bandwidth", NULL};
    if (is_among(metric, latency_names) || is_among(metric, rates))
        return xformat("total.%s", metric);
    return strcmp(metric, "write_amplification") == 0 ? xstrdup("ftl.write_amplification") : xstrdup(metric);
}

static bool is_known(const char *metric)
{
    static const char *const known[] = {"iops", "bandwidth", "write_amplification", NULL};
    return is_among(metric, known) || is_among(metric, latency_names) || last_part(metric) > metric;
}

int calibrate_add_value(struct calibrate_problem *p, size_t row, const char *metric, double value, double weight,
                        struct place place, struct diag *diag)
{
    if (!is_known(metric))
        return diag_error(diag, place, "unknown metric '%s'; metrics are mean, p50, p99, p99.9, max, iops, bandwidth, "
                          "write_amplification, or with what they are of: read.p99, reader.read.mean", metric);
    if (!isfinite(value) || value <= 0)
        return diag_error(diag, place, "a target must be above zero; errors are relative to it");
    p->targets = xgrow(p->targets, p->target_count, sizeof *p->targets);
    p->targets[p->target_count++] = (struct calibrate_target){
        .row = row, .shown = xstrdup(metric), .metric = full_name(metric), .value = value, .weight = weight,
        .place = place,
    };
    return 0;
}

static bool read_value(const char *text, bool is_time, double *value)
{
    static const struct {
        const char *unit;
        bool is_time;
        double scale;
    } units[] = {
        {"us", true, 1}, {"ms", true, 1e3}, {"s", true, 1e6}, {"ns", true, 1e-3},
        {"", false, 1},  {"k", false, 1e3}, {"M", false, 1e6}, {"MB/s", false, 1}, {"GB/s", false, 1e3},
        {"MiB/s", false, 1.048576},
    };
    size_t length = decimal_length(text, true);
    char *number = xformat("%.*s", (int)length, text);
    bool fine = length > 0 && decimal_real(number, value) == DECIMAL_OK;
    free(number);
    for (size_t i = 0; fine && i < ARRAY_SIZE(units); i++)
        if (units[i].is_time == is_time && strcmp(text + length, units[i].unit) == 0) {
            *value *= units[i].scale;
            return true;
        }
    return false;
}

int calibrate_add_target(struct calibrate_problem *p, size_t row, const char *metric, const char *text, double weight,
                         struct place place, struct diag *diag)
{
    double value;
    bool is_time = calibrate_is_latency(metric);
    if (read_value(text, is_time, &value))
        return calibrate_add_value(p, row, metric, value, weight, place, diag);
    if (!is_known(metric))
        return calibrate_add_value(p, row, metric, 1, weight, place, diag);
    return diag_error(diag, place, "'%s' is no value of %s: expected %s", text, metric,
                      is_time ? "a time with its unit, such as 59.7us"
                              : "a number, such as 540000 or 540k; MB/s of bandwidth");
}
