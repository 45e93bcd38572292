// What the commands of `sqtail trace` share: how a recording is read, and how a command ends.
#ifndef SQTAIL_CLI_TRACE_TRACE_READING_H
#define SQTAIL_CLI_TRACE_TRACE_READING_H

#include "cli/options.h"
#include "trace/trace.h"

struct trace_reading_options {
    uint32_t action; // 0 D, 1 Q
    uint64_t skip_bad, look_ahead;
    const char *device, *from;
};

// The rows of a command whose options struct S has a trace_reading_options named `reading`.
#define TRACE_READING_ROWS(S)                                                                                          \
    {"action", 0, OPTION_CHOICE, offsetof(S, reading.action), "D|Q",                                                   \
     "blktrace events that count as requests: D, issued, or Q, queued."},                                              \
    {"skip-bad", 0, OPTION_NUMBER, offsetof(S, reading.skip_bad), "N",                                                 \
     "Tolerate up to N malformed records, and count them."},                                                           \
    {"device", 0, OPTION_TEXT, offsetof(S, reading.device), "MAJOR,MINOR|all",                                         \
     "Of several devices the one whose requests or events count (default: requests of a stack's lowest, all "          \
     "events)."},                                                                                                      \
    {"from", 0, OPTION_TEXT, offsetof(S, reading.from), "NAME|COLUMNS",                                                \
     "Format of the recording (default: by its content), or \"columns: time=1:us offset=3:sectors bytes=4 op=5\"."},   \
    {"look-ahead", 0, OPTION_COUNT, offsetof(S, reading.look_ahead), "N",                                              \
     "Events that reading looks ahead, to put a recording in order of time and to find the completions of requests "  \
     "(default 131072)."},

struct trace_options trace_reading_of(const struct trace_reading_options *options);

// Runs `what` with a diag, which is printed; it returns 0, or a negative number with the reasons in the diag.
int trace_command(const struct invocation *call, int (*what)(struct diag *diag, const struct invocation *call));

#endif
