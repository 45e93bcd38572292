// The options that make a run write what its block layer did.
#ifndef SQTAIL_CLI_SESSION_RUN_BLOCK_H
#define SQTAIL_CLI_SESSION_RUN_BLOCK_H

#include "cli/session/session.h"

struct block_options {
    const char *trace; // FILE, a recording
    const char *state; // FILE, queues and their counters
};

// The rows of the options above, for a command whose options struct S has a block_options named `block`.
#define BLOCK_ROWS(S) \
    {"block-trace", 0, OPTION_TEXT, offsetof(S, block.trace), "FILE", \
     "Write what the host's block layer did as a recording that blkparse, btt and sqtail trace read; needs " \
     "host.block_layer."}, \
    {"block-state", 0, OPTION_TEXT, offsetof(S, block.state), "FILE", \
     "Write which CPU has which queue and vector, and what each queue did, as Linux's sysfs and debugfs show it; " \
     "needs host.block_layer."},

struct run_block;

// Has the session watched, if anything is asked for; NULL where nothing is.
struct run_block *run_block_begin(const struct block_options *options, struct session_options *session);
void run_block_end(struct run_block *run); // after the session

#endif
