// The recordings of a run, each with its own words: --trace "PATH speed=2 offset=50%".
#ifndef SQTAIL_CLI_SESSION_RECORDINGS_H
#define SQTAIL_CLI_SESSION_RECORDINGS_H

#include "cli/session/session.h"
#include "host/job/jobs.h"

struct recording {
    char *text;                 // that its words lie in
    const char *path;
    char name[LOAD_NAME_BYTES];
    struct session_options own; // the command's, and its words
    struct trace *trace;
};

struct recordings {
    struct recording *list;
    uint32_t count;
};

// Opens what --trace gives and makes a load of each, all of them or none: parts[0 .. count - 1]. Returns 0, or -1 with
// the reasons in `diag`; to be closed in both cases, after the loads have been destroyed.
int recordings_open(struct recordings *recordings, const struct session_options *session, struct load_part *parts,
                    struct diag *diag);
void recordings_close(struct recordings *recordings);

// Whether one is played by its queued events, so by its bios rather than its requests.
bool recordings_are_queued(const struct recordings *recordings);

// Whether one could not be read again as it was read first; the reason is told.
bool recordings_failed(const struct recordings *recordings);

#endif
