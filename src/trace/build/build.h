// Requests from events. Internal to the trace room.
#ifndef SQTAIL_TRACE_BUILD_BUILD_H
#define SQTAIL_TRACE_BUILD_BUILD_H

#include "trace/trace.h"
#include "trace/trace_event.h"

struct builder;

// Reads `events`, which outlive it, for requests of `action`: BLKTRACE_ISSUE or BLKTRACE_QUEUE. At most `window`
// requests are kept that wait for their completions.
struct builder *build_begin(struct trace_events *events, unsigned action, uint64_t window);
void build_end(struct builder *builder);

// The next request in order of time, of `device` alone where that is not NULL: 1; 0 at the end; -1 when more was malformed than tolerated, with
// the reasons told. Its ranges stay until the next call.
int build_next(struct builder *builder, const uint32_t *device, struct trace_request *request);

// Reads all that is left, for what is in it: fills in `info` but for what names the recording. Returns 0, or -1 with the
// reasons in `diag` when nothing is to be replayed.
int build_survey(struct builder *builder, struct diag *diag, const struct trace_options *options,
                 struct trace_info *info);

#endif
