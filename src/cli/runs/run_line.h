// A run as the command that makes it.
#ifndef SQTAIL_CLI_RUNS_RUN_LINE_H
#define SQTAIL_CLI_RUNS_RUN_LINE_H

#include "cli/session/session.h"

// "sqtail run CONFIG --set ... --output DIR"; to be freed.
char *run_line(const struct session_options *session);

// What stands behind "sqtail run" in it.
void run_line_put(const struct session_options *session, FILE *to);

#endif
