// What the metrics are of that are being collected.
#ifndef SQTAIL_REPORT_READ_METRICS_COLLECT_H
#define SQTAIL_REPORT_READ_METRICS_COLLECT_H

#include "report/read/metrics.h"

struct collector {
    struct metrics *metrics;
    uint64_t seed;
    char point[METRIC_POINT_BYTES]; // "iodepth-32." or ""
    uint64_t iodepth;
    double offered_iops;
    bool by_full_name; // metrics of kinds of command of a curve's point, whose own go by the short ones
    size_t from;       // no metric before this one is of the same name
    size_t next;       // where the next one probably is: one seed has what the one before had, in its order
};

// Adds the metrics of a summary.json; of a curve.json, `seed` being that of a curve without several.
void metrics_add_result(struct collector *c, json_t *result);
void metrics_add_curve(struct collector *c, json_t *curve, uint64_t seed);

// The seed that an object tells; where it tells none, `fallback`.
uint64_t metrics_seed_of(json_t *json, uint64_t fallback);

#endif
