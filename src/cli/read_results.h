// The results that a command line names, to be shown together.
#ifndef SQTAIL_CLI_READ_RESULTS_H
#define SQTAIL_CLI_READ_RESULTS_H

#include "report/result.h"

enum { READ_RESULTS_MAX = 16 };

struct read_results {
    struct result at[READ_RESULTS_MAX];
    size_t count;
};

// Reads them, all runs or all curves, and gives them their labels. Returns 0, or -1 with the reasons in `diag`; to be
// freed in both cases.
int read_results(struct read_results *results, char **paths, size_t count, struct diag *diag);
void read_results_free(struct read_results *results);

#endif
