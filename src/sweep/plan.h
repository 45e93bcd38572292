// What a sweep consists of: a drive, axes along which it or its load varies, and the points that come of them.
//
// A point has one value of each axis. Workloads and seeds are axes, too, the last ones. A value is a number of changes
// ("nand.t_prog=+20%"), applied one after the other to the drive as it is without any axis; those of "job." change
// words of every job.
#ifndef SQTAIL_SWEEP_PLAN_H
#define SQTAIL_SWEEP_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "util/diag.h"
#include "util/text_list.h"

enum { SWEEP_AXES_MAX = 32, SWEEP_POINTS_MAX = 100000 };

#define SWEEP_NO_VALUE SIZE_MAX // the axis does not take part
#define SWEEP_JOB_PREFIX "job."
#define SWEEP_WORKLOAD "workload"
#define SWEEP_SEED "seed"

// A load: jobs, or a recording and how it is replayed.
struct sweep_load {
    struct text_list jobs;
    char *trace;            // NULL: none
    struct text_list words; // "speed=2", of the recording
};

// The words for recordings, as who runs the points knows them.
struct sweep_words {
    const char *const *names; // end with NULL
    int (*check)(const char *word, struct place place, struct diag *diag); // "speed=2"; 0, or -1 with the reason
};

struct sweep_value {
    char *name; // "8"
    struct text_list changes;
    struct sweep_load load; // of the axis of workloads
};

// Where axes have values: "nand.channels is 8 or 16, and workload is read".
struct sweep_term {
    char *axis;
    struct text_list values;
    struct place place;
    size_t index; // of the axis, once found
};

struct sweep_rule {
    struct sweep_term *terms;
    size_t count;
};

struct sweep_axis {
    char *name; // "nand.channels"
    struct place place;
    struct sweep_value *values;
    size_t count;
    struct sweep_rule when; // it takes part where this holds; no terms: always
};

struct sweep_point {
    size_t at[SWEEP_AXES_MAX]; // value of each axis, or SWEEP_NO_VALUE
};

struct sweep_plan {
    struct sweep_words words;
    char *path;   // of the file; NULL: all was given on the command line
    char *config; // path or name of the drive's configuration
    struct text_list sets;
    struct sweep_axis axes[SWEEP_AXES_MAX];
    size_t axis_count;
    size_t workload, seed; // the axes of that name, once the plan is complete
    struct sweep_rule *excluded;
    size_t excluded_count;
    struct sweep_rule baseline;        // no terms: the drive without any change
    struct text_list metrics, pareto;  // to show; empty: the usual ones
    struct sweep_point *points;
    size_t point_count;
};

// `words`: none where no file is read.
void sweep_plan_init(struct sweep_plan *plan, struct sweep_words words);
void sweep_plan_free(struct sweep_plan *plan);

// Whether a file is a sweep's rather than a drive's: it names a configuration.
bool sweep_is_plan(const char *path);

// Adds what a file says; the grammar is at the head of plan_read.c. Returns 0, or -1 with all reasons in `diag`.
int sweep_plan_read(struct sweep_plan *plan, const char *path, struct diag *diag);

// Adds an axis "KEY=VALUE,VALUE,...". Commas within brackets part no values. Returns as sweep_plan_read.
int sweep_plan_vary(struct sweep_plan *plan, const char *text, struct diag *diag);

// Adds a value to the axis of workloads, or of seeds.
struct sweep_load *sweep_plan_add_load(struct sweep_plan *plan, const char *name);
void sweep_plan_add_seed(struct sweep_plan *plan, const char *seed);

// Once all is added: finds the axes that rules name, and all points. `seed` is that of all where none was added.
// Returns as sweep_plan_read.
int sweep_plan_complete(struct sweep_plan *plan, const char *seed, struct diag *diag);

// Whether a point has what the rule asks for.
bool sweep_rule_holds(const struct sweep_plan *plan, const struct sweep_rule *rule, const struct sweep_point *point);

// --- a point -------------------------------------------------------------------------------------------------------

// The name of its value on an axis; "" when that takes no part.
const char *sweep_point_value(const struct sweep_plan *plan, const struct sweep_point *point, size_t axis);

const struct sweep_load *sweep_point_load(const struct sweep_plan *plan, const struct sweep_point *point);

// Whether any axis but workload and seed has changes here.
bool sweep_point_is_changed(const struct sweep_plan *plan, const struct sweep_point *point);

// What changes the configuration, and the jobs with their words changed; lists that start empty.
void sweep_point_sets(const struct sweep_plan *plan, const struct sweep_point *point, struct text_list *sets);
void sweep_point_jobs(const struct sweep_plan *plan, const struct sweep_point *point, struct text_list *jobs);

// "nand.channels=8, workload=read", of the axes that have several values.
void sweep_point_print(const struct sweep_plan *plan, const struct sweep_point *point, FILE *to);

// --- for who reads plans -------------------------------------------------------------------------------------------

// NULL with the reason in `diag` when there is one of that name, or too many.
struct sweep_axis *sweep_plan_add_axis(struct sweep_plan *plan, const char *name, struct place place,
                                       struct diag *diag);
struct sweep_value *sweep_axis_add(struct sweep_axis *axis, const char *name);
struct sweep_term *sweep_rule_add(struct sweep_rule *rule, const char *axis, struct place place);

#endif
