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

static void forget(struct trace *trace)
{
    free(trace->built.requests);
    free(trace->built.ranges);
    trace->built = (struct build_result){0};
}

// What names the recording; all else is counted.
static void name_recording(struct trace *trace, const struct trace_events *events)
{
    trace->info = (struct trace_info){.path = trace->path, .format = trace_events_format(events),
                                      .files = trace_events_input(events)->count};
}

static int read_requests(struct trace *trace, struct diag *diag, struct trace_events *events, unsigned action,
                         const struct trace_options *options)
{
    int result;
    do {
        forget(trace);
        name_recording(trace, events);
        result = trace_build(&trace->built, diag, events, &trace->info, action, options);
    } while (result != 0 && trace_events_again(events));
    return result != 0 ? -1 : trace_input_hash(trace_events_input(events), diag, trace->info.sha256);
}

static struct trace *open_events(struct diag *diag, const char *path, unsigned action,
                                 const struct trace_options *options, struct trace_events *events)
{
    if (events == NULL)
        return NULL;
    struct trace *trace = xcalloc(1, sizeof *trace);
    trace->path = xstrdup(path);
    int result = read_requests(trace, diag, events, action, options);
    trace_events_close(events);
    if (result == 0)
        return trace;
    trace_close(trace);
    return NULL;
}

static struct trace_reading reading_of(const struct trace_options *options)
{
    if (options == NULL)
        return (struct trace_reading){0};
    return (struct trace_reading){.skip_bad = options->skip_bad, .format = options->format,
                                  .window = options->window};
}

struct trace *trace_open(struct diag *diag, const char *path, const struct trace_options *options)
{
    unsigned action = chosen_action(diag, path, options);
    struct trace_reading reading = reading_of(options);
    if (action == 0)
        return NULL;
    return open_events(diag, path, action, options, trace_events_begin(diag, path, &reading));
}

struct trace *trace_open_memory(struct diag *diag, const char *path, const void *bytes, size_t size,
                                const struct trace_options *options)
{
    unsigned action = chosen_action(diag, path, options);
    struct trace_reading reading = reading_of(options);
    if (action == 0)
        return NULL;
    return open_events(diag, path, action, options,
                       trace_events_begin_memory(diag, path, bytes, size, &reading));
}

void trace_close(struct trace *trace)
{
    if (trace == NULL)
        return;
    forget(trace);
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
