// How far a sweep is: on a terminal a table of the points that run, renewed in its place; else a line at each tenth.
#ifndef SQTAIL_CLI_RUNS_SWEEP_PROGRESS_H
#define SQTAIL_CLI_RUNS_SWEEP_PROGRESS_H

#include "cli/runs/sweep_runs.h"

struct sweep_progress;

// Of `count` runs, of which `runs` points to each.
struct sweep_progress *sweep_progress_create(const struct sweep_plan *plan, struct sweep_run *const *runs,
                                             size_t count, bool shown);
void sweep_progress_destroy(struct sweep_progress *progress);

void sweep_progress_begin(struct sweep_progress *progress, size_t run);
void sweep_progress_end(struct sweep_progress *progress, size_t run);

// Renews the table.
void sweep_progress_show(struct sweep_progress *progress);

#endif
