// Events as blktrace has them, of formats whose lines are whole requests: queued, issued, and complete where the
// latency was recorded. Internal to the trace room.
#ifndef SQTAIL_TRACE_WRITE_UNFOLD_H
#define SQTAIL_TRACE_WRITE_UNFOLD_H

#include "trace/trace_event.h"

struct trace_unfold;

// Who gives the next event, as trace_next_event does.
typedef int trace_next_fn(void *context, struct trace_event *event);

struct trace_unfold *trace_unfold_create(trace_next_fn *next, void *context);
void trace_unfold_destroy(struct trace_unfold *unfold);

// As trace_next_event, in order of time.
int trace_unfold_next(struct trace_unfold *unfold, struct trace_event *event);

#endif
