// Opening recordings: events by trace/events.c, requests from them by trace/build/build.c.
#include "trace/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/build/build.h"
#include "trace/input/input.h"
#include "trace/source.h"
#include "trace/trace_internal.h"
#include "util/alloc.h"
#include "util/macros.h"

struct trace {
    struct request_source source;
    struct trace_info info;
    char *path;
    struct diag *diag;
    struct trace_events *events;
    struct builder *builder; // of the requests being read; NULL: the next is the first
    unsigned action;
    uint64_t window;
    uint64_t given;
    bool failed;
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

// What names the recording; all else is counted.
static void name_recording(struct trace *trace)
{
    trace->info = (struct trace_info){.path = trace->path, .format = trace_events_format(trace->events),
                                      .files = trace_events_input(trace->events)->count};
}

static int survey(struct trace *trace, const struct trace_options *options)
{
    int result;
    do {
        struct builder *builder = build_begin(trace->events, trace->action, trace->window);
        name_recording(trace);
        result = build_survey(builder, trace->diag, options, &trace->info);
        build_end(builder);
    } while (result != 0 && trace_events_again(trace->events));
    return result != 0 ? -1 : trace_input_hash(trace_events_input(trace->events), trace->diag, trace->info.sha256);
}

static const struct request_source_ops request_source_ops;

static struct trace *open_events(struct diag *diag, const char *path, unsigned action,
                                 const struct trace_options *options, struct trace_events *events)
{
    if (events == NULL)
        return NULL;
    struct trace *trace = xcalloc(1, sizeof *trace);
    *trace = (struct trace){.source = {.ops = &request_source_ops}, .path = xstrdup(path), .diag = diag, .events = events, .action = action,
                            .window = options == NULL || options->window == 0 ? TRACE_WINDOW : options->window};
    if (survey(trace, options) == 0)
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
    build_end(trace->builder);
    trace_events_close(trace->events);
    free(trace->path);
    free((void *)trace->info.devices);
    free(trace);
}

const struct trace_info *trace_get_info(const struct trace *trace)
{
    return &trace->info;
}

static bool fail(struct trace *trace)
{
    if (!trace->failed)
        diag_error(trace->diag, (struct place){.file = trace->path},
                   "read again, it has other requests than before: was it changed meanwhile?");
    trace->failed = true;
    return false;
}

static bool start(struct trace *trace)
{
    trace->given = 0;
    if (trace_events_rewind(trace->events) != 0)
        return fail(trace);
    trace->builder = build_begin(trace->events, trace->action, trace->window);
    return true;
}

bool trace_next(struct trace *trace, struct trace_request *request)
{
    if (trace->failed || (trace->builder == NULL && !start(trace)) || trace->given == trace->info.requests)
        return false;
    trace->given++;
    const uint32_t *only = trace->info.every_device ? NULL : &trace->info.device;
    return build_next(trace->builder, only, request) > 0 || fail(trace);
}

void trace_rewind(struct trace *trace)
{
    build_end(trace->builder);
    trace->builder = NULL;
}

bool trace_failed(const struct trace *trace)
{
    return trace->failed;
}

// ---- as a source -------------------------------------------------------------------------------------------------

static struct trace *trace_of(const struct request_source *source)
{
    return container_of(source, struct trace, source);
}

static bool source_next(struct request_source *source, struct trace_request *request)
{
    return trace_next(trace_of(source), request);
}

static void source_rewind(struct request_source *source)
{
    trace_rewind(trace_of(source));
}

static bool source_failed(const struct request_source *source)
{
    return trace_failed(trace_of(source));
}

static const struct request_source_ops request_source_ops = {
    .next = source_next, .rewind = source_rewind, .failed = source_failed};

struct request_source *trace_as_source(struct trace *trace)
{
    return &trace->source;
}
