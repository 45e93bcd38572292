// Whole requests as events, for formats of events. Internal to the trace room.
#ifndef SQTAIL_TRACE_WRITE_REQUEST_EVENTS_H
#define SQTAIL_TRACE_WRITE_REQUEST_EVENTS_H

#include "trace/source.h"
#include "trace/trace_event.h"

struct request_events {
    struct request_source *source;
    struct trace_request request;
    uint32_t given; // of its ranges; all: the next request is due
};

// The next event, whole: 1, or 0 at the end. A trim of several ranges is several, each of which takes as long as all.
int request_events_next(void *request_events, struct trace_event *event);

#endif
