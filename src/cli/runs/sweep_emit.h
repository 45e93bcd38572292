// The missing points of a sweep as commands for somebody else to run.
#ifndef SQTAIL_CLI_RUNS_SWEEP_EMIT_H
#define SQTAIL_CLI_RUNS_SWEEP_EMIT_H

#include "cli/runs/sweep_runs.h"

// Each point is a pure command, sqtail run, that writes its result under the point's name.
#define SWEEP_EMITTERS "no|slurm|parallel|make"

void sweep_emit(const struct sweep_runs *runs, uint32_t emitter, FILE *to);

#endif
