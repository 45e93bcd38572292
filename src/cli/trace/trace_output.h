// Where a recording is written: standard output, or a file that appears when it is whole.
#ifndef SQTAIL_CLI_TRACE_TRACE_OUTPUT_H
#define SQTAIL_CLI_TRACE_TRACE_OUTPUT_H

#include <stdio.h>

#include "util/diag.h"

typedef int trace_output_fn(void *context, struct diag *diag, FILE *to);

// Calls `write` with the file `output`, or with standard output where it is NULL. Returns what that returned, or -1
// with the reason.
int trace_output_write(const char *output, trace_output_fn *write, void *context, struct diag *diag);

#endif
