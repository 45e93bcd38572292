// What comes of a sweep: means over seeds, differences from a baseline, the choice between two metrics, and how far
// each axis moves each metric.
#ifndef SQTAIL_SWEEP_OUTCOME_H
#define SQTAIL_SWEEP_OUTCOME_H

#include "report/folder/folder.h"
#include "stats/confidence.h"
#include "sweep/table.h"

#define SWEEP_SCHEMA "sqtail.sweep/1"

enum { SWEEP_SHOWN_MAX = 16 };

// Points that differ in their seeds alone.
struct sweep_setting {
    const struct sweep_point *point; // of the first
    size_t *rows;                    // of those whose result is there
    size_t row_count;
    bool on_front; // no other one of its workload is better in one of the two metrics, and not worse in the other
};

// By how much the largest value of a metric along an axis lies above the smallest, with all other axes held: 0.2 is
// 20 %. Where the smallest is 0 there is no such share, and it does not count.
struct sweep_effect {
    double median, most; // of all ways to hold the others; NAN: there is none
};

struct sweep_outcome {
    const struct sweep_plan *plan;
    const struct sweep_table *table;
    const char *title; // of the drive
    bool complete;
    size_t shown[SWEEP_SHOWN_MAX]; // columns
    size_t shown_count;
    size_t choice[2]; // columns between which there is a choice; SWEEP_NO_VALUE: there are none such
    struct sweep_setting *settings; // of which there is a result at least
    size_t setting_count;
    size_t *baseline;             // by workload: its setting, or SWEEP_NO_VALUE
    struct sweep_effect *effects; // by axis and shown metric
};

// Returns 0, or -1 with the reason in `diag`: a metric that is not there. To be freed in both cases.
int sweep_outcome_find(struct sweep_outcome *outcome, const struct sweep_plan *plan, const struct sweep_table *table,
                       struct diag *diag);
void sweep_outcome_free(struct sweep_outcome *outcome);

// A metric of a setting over its seeds.
struct mean_interval sweep_setting_value(const struct sweep_outcome *outcome, const struct sweep_setting *setting,
                                         size_t column);

const struct sweep_effect *sweep_effect_of(const struct sweep_outcome *outcome, size_t axis, size_t shown);

// Whether an axis has several values and belongs to the drive or to its jobs.
bool sweep_axis_varies(const struct sweep_plan *plan, size_t axis);

// The front of a workload, or SWEEP_NO_VALUE for all, from one end to the other: indices of settings, to be freed.
size_t *sweep_front(const struct sweep_outcome *outcome, size_t workload, size_t *count);

// The axes of the drive and the jobs, by how far they move the second metric of the choice. Returns how many.
size_t sweep_axes_by_effect(const struct sweep_outcome *outcome, size_t axes[SWEEP_AXES_MAX]);

// sweep.json: the plan and its points, and what came of them; without a table the plan alone.
void sweep_write_json(const struct sweep_outcome *outcome, FILE *to);

// sweep.md. `settings_max`: no table of more settings than that, but where it is.
void sweep_write_markdown(const struct sweep_outcome *outcome, size_t settings_max, FILE *to);

// Scripts and data of plots, of two settings or more.
void sweep_plot(const struct sweep_outcome *outcome, struct folder *folder);

#endif
