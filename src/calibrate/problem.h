// What is to be calibrated: a drive, keys with bounds, and measured targets.
#ifndef SQTAIL_CALIBRATE_PROBLEM_H
#define SQTAIL_CALIBRATE_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "util/diag.h"
#include "util/text_list.h"

enum { CALIBRATE_KEYS_MAX = 16, CALIBRATE_JOBS_MAX = 16 };

// A key to be found, within bounds.
struct calibrate_key {
    char *name; // "nand.t_r"
    struct place place;
    char *low_text, *high_text;   // as given: "30us", or "x0.5" of the value that the configuration has
    bool logarithmic;             // the search goes by ratios
    bool scale_given;
    // Once bound to a configuration:
    const struct config_field *field;
    bool relative;
    double low, high; // in the type's smallest step (ps, bytes), or factors
    double start;     // where the configuration has it, 0 .. 1 of the way; negative: outside the bounds
};

// One run: the jobs, and what differs from the configuration.
struct calibrate_row {
    struct place place;
    char *name; // for people: "iodepth=16"
    struct text_list jobs, sets;
};

// One number that the run of a row is to give.
struct calibrate_target {
    size_t row;
    char *shown;  // as given: "mean", "reader.read.p99"
    char *metric; // as a result has it: "total.mean"
    double value; // us, 1/s, MB/s or 1
    double weight;
    struct place place;
};

struct calibrate_problem {
    char *path;   // of the file
    char *config; // path or name of the drive's configuration
    struct text_list sets, seeds, jobs;
    struct calibrate_key keys[CALIBRATE_KEYS_MAX];
    size_t key_count;
    struct calibrate_row *rows;
    size_t row_count;
    struct calibrate_target *targets;
    size_t target_count;
};

// Reads the file. Returns 0, or -1 with all reasons in `diag`; to be destroyed in both cases.
int calibrate_problem_read(struct calibrate_problem *problem, const char *path, struct diag *diag);
void calibrate_problem_destroy(struct calibrate_problem *problem);

// --- for who reads rows --------------------------------------------------------------------------------------------

// A row with the problem's jobs, whose words give way to those of `job` (several, "..."; NULL: none). Returns its
// index.
size_t calibrate_add_row(struct calibrate_problem *problem, struct place place, const struct text_list *jobs);

// A target of a row; `text` is its value with a unit. Returns 0, or -1 with the reason.
int calibrate_add_target(struct calibrate_problem *problem, size_t row, const char *metric, const char *text,
                         double weight, struct place place, struct diag *diag);

// The same of a value that is in us, 1/s, MB/s or 1.
int calibrate_add_value(struct calibrate_problem *problem, size_t row, const char *metric, double value,
                        double weight, struct place place, struct diag *diag);

// Whether a metric's value is a latency.
bool calibrate_is_latency(const char *metric);

#endif
