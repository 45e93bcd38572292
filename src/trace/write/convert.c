// Conversion of recordings: events as they stand, or requests (trace/write/write_source.c).
#include "trace/write/convert.h"

#include <string.h>

#include "trace/source.h"
#include "trace/trace_event.h"
#include "trace/write/unfold.h"
#include "trace/write/writers.h"

extern const struct trace_writer_ops trace_writer_blkparse;

struct converting {
    const struct trace_writer_ops *writer;
    struct trace_events *events;
    struct trace_unfold *unfold; // NULL: events are written as they stand
    const uint32_t *device;      // the only one; NULL: all
    uint64_t count;              // of events at most
};

static int next_named(void *events, struct trace_event *event)
{
    int result = trace_next_event(events, event);
    if (result > 0)
        trace_events_name_process(events, event);
    return result;
}

static int next_event(const struct converting *c, struct trace_event *event)
{
    return c->unfold != NULL ? trace_unfold_next(c->unfold, event) : next_named(c->events, event);
}

static int write_events(const struct converting *c, void *state, FILE *to)
{
    struct trace_event event;
    int result = 1;
    for (uint64_t count = c->count; count > 0 && (result = next_event(c, &event)) > 0;) {
        if (c->device != NULL && event.device != *c->device)
            continue;
        count--;
        const char *reason = c->writer->event(state, &event, to);
        if (reason != NULL && trace_events_refuse(c->events, &event, "%s", reason) < 0)
            return -1;
    }
    return result < 0 ? -1 : 0;
}

static struct trace_events *open_events(struct diag *diag, const char *path, const struct trace_options *options)
{
    struct trace_reading reading = {0};
    if (options != NULL)
        reading = (struct trace_reading){options->skip_bad, options->format, options->window};
    struct trace_events *events = trace_events_begin(diag, path, &reading);
    if (events == NULL || trace_events_check(events) == 0)
        return events;
    trace_events_close(events);
    return NULL;
}

static int convert_events(struct diag *diag, const char *path, const struct trace_options *options,
                          const struct trace_writer_ops *writer, uint64_t count, FILE *to)
{
    unsigned errors = diag_error_count(diag);
    uint32_t device;
    bool all = options == NULL || options->device == NULL || strcmp(options->device, "all") == 0;
    const uint32_t *only = all ? NULL : &device;
    if (only != NULL && trace_parse_device(diag, options->device, &device) != 0)
        return -1;
    struct converting c = {.writer = writer, .events = open_events(diag, path, options), .device = only,
                           .count = count};
    if (c.events == NULL)
        return -1;
    if (count == UINT64_MAX)
        c.unfold = trace_unfold_create(next_named, c.events);
    void *state = writer->begin == NULL ? NULL : writer->begin(to);
    int result = write_events(&c, state, to);
    if (writer->end != NULL)
        writer->end(state);
    if (c.unfold != NULL)
        trace_unfold_destroy(c.unfold);
    trace_events_close(c.events);
    // Damage is found on opening, even where it lies behind the events that were asked for.
    return result != 0 || diag_error_count(diag) != errors ? -1 : trace_written(diag, to);
}

// ---- requests ----------------------------------------------------------------------------------------------------

static int convert_requests(struct diag *diag, const char *path, const struct trace_options *options,
                            const char *format, FILE *to)
{
    struct trace *trace = trace_open(diag, path, options);
    if (trace == NULL)
        return -1;
    int failed = trace_write(diag, trace_as_source(trace), path, format, to);
    trace_close(trace);
    return failed;
}

int trace_convert(struct diag *diag, const char *path, const struct trace_options *options, const char *format,
                  FILE *to)
{
    const struct trace_writer_ops *writer = trace_writer_find(diag, format);
    if (writer == NULL)
        return -1;
    if (writer->event != NULL)
        return convert_events(diag, path, options, writer, UINT64_MAX, to);
    return convert_requests(diag, path, options, format, to);
}

int trace_print_head(struct diag *diag, const char *path, const struct trace_options *options, uint64_t count,
                     FILE *to)
{
    return convert_events(diag, path, options, &trace_writer_blkparse, count, to);
}
