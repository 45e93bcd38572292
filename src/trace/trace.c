// Opening recordings: events by trace/events.c, requests from them by trace/build.c.
#include "trace/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/build.h"
#include "trace/input.h"
#include "trace/trace_internal.h"
#include "util/alloc.h"

struct trace {
    struct trace_info info;
    char *path;
    struct build_result built;
};

static unsigned chosen_action(struct diag *diag, const char *path, const struct trace_options *options)
{
    if (options == NULL || options->action == '\0' || options->action == 'D')
        return BLKTRACE_ISSUE;
    if (options->action == 'Q')
        return BLKTRACE_QUEUE;
    diag_error(diag, (struct place){.file = path}, "cannot replay events '%c', only 'D' or 'Q'", options->action);
    return 0;
}

static struct trace *open_events(struct diag *diag, const char *path, unsigned action,
                                 const struct trace_options *options, struct trace_events *events)
{
    if (events == NULL)
        return NULL;
    struct trace *trace = xcalloc(1, sizeof *trace);
    trace->path = xstrdup(path);
    const struct trace_input *input = trace_events_input(events);
    trace->info.path = trace->path;
    trace->info.format = trace_events_format(events);
    trace->info.files = input->count;
    memcpy(trace->info.sha256, input->sha256, sizeof trace->info.sha256);
    int result = trace_build(&trace->built, diag, events, &trace->info, action, options);
    trace_events_close(events);
    if (result == 0)
        return trace;
    trace_close(trace);
    return NULL;
}

struct trace *trace_open(struct diag *diag, const char *path, const struct trace_options *options)
{
    unsigned action = chosen_action(diag, path, options);
    if (action == 0)
        return NULL;
    return open_events(diag, path, action, options,
                       trace_events_open(diag, path, options == NULL ? 0 : options->skip_bad,
                       options == NULL ? NULL : options->format));
}

struct trace *trace_open_memory(struct diag *diag, const char *path, const void *bytes, size_t size,
                                const struct trace_options *options)
{
    unsigned action = chosen_action(diag, path, options);
    if (action == 0)
        return NULL;
    return open_events(diag, path, action, options,
                       trace_events_open_memory(diag, path, bytes, size, options == NULL ? 0 : options->skip_bad,
                       options == NULL ? NULL : options->format));
}

void trace_close(struct trace *trace)
{
    if (trace == NULL)
        return;
    free(trace->built.requests);
    free(trace->built.ranges);
    free(trace->path);
    free(trace);
}

const struct trace_info *trace_get_info(const struct trace *trace)
{
    return &trace->info;
}

const struct trace_request *trace_get_request(const struct trace *trace, uint64_t index)
{
    return &trace->built.requests[index];
}
