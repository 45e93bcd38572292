// Commands of `sqtail trace` that make a recording of others: open, filter, write.
#ifndef SQTAIL_CLI_TRACE_TRACE_FILTER_H
#define SQTAIL_CLI_TRACE_TRACE_FILTER_H

#include "cli/options.h"
#include "cli/trace/trace_reading.h"
#include "trace/source.h"

struct trace_writing_options {
    const char *format, *output;
};

// The rows of a command whose options struct S has a trace_writing_options named `writing`.
#define TRACE_WRITING_ROWS(S)                                                                                          \
    {"format", 'f', OPTION_TEXT, offsetof(S, writing.format), "NAME",                                                  \
     "Format to write (default csv); see sqtail list trace. That of the recording is named by --from."},               \
    {"output", 'o', OPTION_TEXT, offsetof(S, writing.output), "FILE", "File to write (default: standard output)."},

enum { TRACE_FILTER_INPUTS_MAX = 64 };

// Filters that stand on `count` recordings, which are open as long as they are. NULL with the reason in `diag`.
typedef struct request_source *trace_filter_fn(struct diag *diag, struct request_source *const *inputs, uint32_t count,
                                               const void *options);

struct trace_filtering {
    const struct trace_reading_options *reading;
    const struct trace_writing_options *writing;
    trace_filter_fn *filter;
};

// Opens the recordings that the command's arguments name, all of them read alike. Returns 0, or -1 with the reasons.
int trace_filter(struct diag *diag, const struct invocation *call, const struct trace_filtering *filtering);

#endif
