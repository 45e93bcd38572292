// The runs of a calibration: each row at each point, in processes of their own, kept by what they are of.
#ifndef SQTAIL_CLI_RUNS_CALIBRATE_RUNS_H
#define SQTAIL_CLI_RUNS_CALIBRATE_RUNS_H

#include "calibrate/problem.h"
#include "cli/session/session.h"

struct calibrate_runs {
    const struct calibrate_problem *problem;
    const char *config;    // path or name
    const char *folder;    // where results are kept
    const char *line;      // command line that reproduces them
    uint32_t kernel;       // enum session_kernel
    size_t at_once;
    size_t simulated, kept; // runs that were made, and those that were there
};

// A fit's evaluate (context: the runs). Returns 0, or the exit code.
int calibrate_runs_evaluate(void *runs, const double *points, size_t count, double *errors);

// The configuration at a point, of no row. As loaded_config_read.
int calibrate_runs_load(const struct calibrate_runs *runs, const double *point, struct loaded_config *loaded,
                        struct diag *diag);

#endif
