// The metrics of a result that was read back.
#ifndef SQTAIL_REPORT_METRICS_H
#define SQTAIL_REPORT_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "util/diag.h"

enum { METRIC_NAME_BYTES = 96 };

struct metric {
    char name[METRIC_NAME_BYTES]; // "read.p99", "iodepth 32.p99", "ftl.write_amplification"
    const char *last;             // the part of it behind the scope: "p99"
    size_t last_at;               // where in the name that begins
    double value;
    bool higher_is_better;
    bool rests_on_few;            // a percentile with too few requests beyond it
    bool only_by_full_name;       // "p99" alone does not mean this one: the total of a single kind
};

struct metrics {
    char *path;   // of the JSON file
    json_t *json; // all of it
    bool is_curve;
    struct metric *at;
    size_t count;
};

// Reads a result folder, a curve folder, or the JSON file of one. Returns 0, or a negative number with the reason in
// `diag`: no result, another schema, not complete. To be destroyed only after success.
int metrics_read(struct metrics *metrics, const char *path, struct diag *diag);
void metrics_destroy(struct metrics *metrics);

const struct metric *metrics_find(const struct metrics *metrics, const char *name);

#endif
