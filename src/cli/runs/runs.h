// Many runs, each in a process of its own: how curves, calibrations and sweeps make theirs.
//
// Runs begin as copies of a process that has drives in their initial states, as long as later runs begin from the same
// state; a state that only one has is prepared in its own process.
#ifndef SQTAIL_CLI_RUNS_RUNS_H
#define SQTAIL_CLI_RUNS_RUNS_H

#include "cli/session/session.h"

struct runs {
    size_t count;     // begun in their order
    size_t at_once;
    const char *line; // command line that reproduces them all; or, where that is NULL:
    char *(*line_of)(void *context, size_t run); // each one's own; to be freed
    void *context;
    // What a run is: fills in options that are all zero; their texts must stay until runs_make returns.
    void (*describe)(void *context, size_t run, struct session_options *options);
    // What its drive's initial state follows from, as text (session_initial_state). NULL: the drive it is of.
    const char *(*state)(void *context, size_t run);
    // In the run's process: keeps what was measured, of a run that came to its end. Returns 0, or -1 with the reasons.
    int (*keep)(void *context, size_t run, const struct report_input *input, struct diag *diag);
    // In this one: it has ended; `status` is waitpid's. Returns the exit code; other than 0: no more are begun.
    int (*ended)(void *context, size_t run, int status);
    // It is about to begin. NULL: of no interest.
    void (*begins)(void *context, size_t run);
    // Called now and then while runs are under way. NULL: no.
    void (*waiting)(void *context);
    // What messages call a run, such as "at depth 8".
    void (*name)(void *context, size_t run, FILE *to);
};

// Returns the exit code. When one fails, or the user asks to end, no more are begun, and those that run come to their
// end.
int runs_make(const struct runs *runs);

// Tells on standard error that a run has failed, unless the user asked to end. Returns the exit code that `status`,
// not 0, stands for.
int runs_blame(const struct runs *runs, size_t run, int status);

#endif
