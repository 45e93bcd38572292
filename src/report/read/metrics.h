// The metrics of a result that was read back, or of several that differ in nothing but their seeds.
//
// A metric is named by its path in summary.json, without "commands", "latency_us" and "stages_us", which say nothing
// that the rest does not: "read.p99.9", "read.stage.die_wait", "read.tail.p99.9-max.die_wait.gc",
// "ftl.write_amplification", "writer.write.iops" of a job that is called writer. Those of a curve or a sweep begin with
// their point: "iodepth-32.p99", "nand.channels:4,nand.t_r:+20%.read.p99". Units at the end of a name may be left out.
#ifndef SQTAIL_REPORT_READ_METRICS_H
#define SQTAIL_REPORT_READ_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "util/diag.h"

enum { METRIC_NAME_BYTES = 256, METRIC_POINT_BYTES = 160 };

// Of one seed.
struct metric_value {
    uint64_t seed;
    double value;
};

struct metric {
    char name[METRIC_NAME_BYTES];
    const char *bare;       // the name without its point: "read.p99"
    const char *last;       // what is behind the kind of command, or the part of the drive: "p99", "stage.die_wait"
    const char *unit;       // "us", "1/s", "MB/s"; "" where the name says all
    bool higher_is_better;
    bool rests_on_few;      // a percentile with too few requests beyond it
    bool only_by_full_name; // "p99" alone does not mean this one: the total of a single kind
    uint64_t iodepth;       // of its point; 0: none
    double offered_iops;    // likewise
    uint64_t count;         // commands that it is of; 0: not known
    bool has_interval;
    double low, high;       // where it lies, as far as one run can tell
    struct metric_value *values;
    size_t value_count;
    double value;           // the mean over all seeds
    size_t bare_at, last_at;
};

// One summary.json or curve.json.
struct metrics_source {
    char *path;
    json_t *json; // all of it
    uint64_t seed;
};

enum metrics_kind { METRICS_OF_RUN, METRICS_OF_CURVE, METRICS_OF_SWEEP };
const char *metrics_kind_name(enum metrics_kind kind);

struct metrics {
    char *path; // as it was given
    enum metrics_kind kind;
    struct metrics_source *sources;
    size_t source_count;
    struct metric *at;
    size_t count;
    struct metric **by_name; // sorted
};

// Reads the folder of a run, a curve or a sweep, the JSON file in it, or all results that lie in a folder. Returns 0, or
// a negative number with the reason in `diag`: no result, another schema, not complete. To be destroyed only after
// success.
int metrics_read(struct metrics *metrics, const char *path, struct diag *diag);
void metrics_destroy(struct metrics *metrics);

// With how many seeds was measured.
size_t metrics_seed_count(const struct metrics *metrics);

// Whether `word` names it: all of its name, or that without a unit at its end.
bool metric_is_called(const struct metric *metric, const char *word);

// The first that is called so; the one of exactly this name, which is found fast among many. NULL: none.
const struct metric *metrics_find(const struct metrics *metrics, const char *name);
const struct metric *metrics_named(const struct metrics *metrics, const char *name);

#endif
