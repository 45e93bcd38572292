// Requests from events. Internal to the trace room.
#ifndef SQTAIL_TRACE_BUILD_H
#define SQTAIL_TRACE_BUILD_H

#include "trace/trace.h"
#include "trace/trace_event.h"

// What was built; both arrays belong to the caller in any case.
struct build_result {
    struct trace_request *requests; // info->requests of them
    struct io_range *ranges;        // that those point to
};

// Reads all events and fills in `info` but for what names the recording. `action`: BLKTRACE_ISSUE or BLKTRACE_QUEUE.
// Returns 0, or -1 with the reasons in `diag` when more was malformed than tolerated or nothing is to be replayed.
int trace_build(struct build_result *result, struct diag *diag, struct trace_events *events, struct trace_info *info,
                unsigned action, const struct trace_options *options);

#endif
