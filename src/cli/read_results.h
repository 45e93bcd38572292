// The results that a command line names, to be shown together.
#ifndef SQTAIL_CLI_READ_RESULTS_H
#define SQTAIL_CLI_READ_RESULTS_H

#include "cli/options.h"
#include "report/plot/plots.h"

enum { READ_RESULTS_MAX = 16 };

// What is done with them. Returns 0, or -1 with the reasons in `diag`.
typedef int show_results_fn(const struct shown *shown, const void *options, struct diag *diag);

// Reads the results that are a command's arguments, all runs or all curves, gives them their labels, and hands them to
// `show`. Prints what is to be told, and returns the exit code.
int read_results(const struct invocation *call, show_results_fn *show);

#endif
