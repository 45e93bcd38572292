// Reading events whatever the format: input, detection, reader, count of faults.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/format.h"
#include "trace/input.h"
#include "util/alloc.h"

struct trace_events {
    struct trace_input input;
    struct trace_faults faults;
    const struct trace_format_ops *ops;
    void *reader;
};

const char *trace_event_name(const struct trace_event *event)
{
    static const char *const names[] = {
#define NAME(number, id, name) [number] = name,
        BLKTRACE_ACTION_LIST(NAME)
#undef NAME
    };
    if (trace_event_is_message(event))
        return "m";
    unsigned action = trace_event_action(event);
    return action < ARRAY_SIZE(names) ? names[action] : NULL;
}

// The format that was named, or else is found by content.
static const struct trace_format_ops *choose_format(struct trace_events *events, const char *format, const char **more)
{
    *more = NULL;
    if (format != NULL)
        return trace_format_named(events->faults.diag, format, more);
    const struct trace_format_ops *found = trace_format_detect(&events->input);
    if (found == NULL)
        trace_tell_unknown(events->faults.diag, &events->input);
    return found;
}

static struct trace_events *start(struct trace_events *events, int opened, const char *format)
{
    const char *more;
    if (opened != 0)
        goto fail;
    events->ops = choose_format(events, format, &more);
    if (events->ops == NULL)
        goto fail;
    events->reader = events->ops->open(events->ops, more, &events->input, &events->faults);
    if (events->reader != NULL)
        return events;
fail:
    trace_events_close(events);
    return NULL;
}

struct trace_events *trace_events_open(struct diag *diag, const char *path, uint64_t skip_bad, const char *format)
{
    struct trace_events *events = xcalloc(1, sizeof *events);
    events->faults = (struct trace_faults){.diag = diag, .allowed = skip_bad};
    return start(events, trace_input_open(&events->input, diag, path), format);
}

struct trace_events *trace_events_open_memory(struct diag *diag, const char *path, const void *bytes, size_t size,
                                              uint64_t skip_bad, const char *format)
{
    struct trace_events *events = xcalloc(1, sizeof *events);
    events->faults = (struct trace_faults){.diag = diag, .allowed = skip_bad};
    return start(events, trace_input_open_memory(&events->input, diag, path, bytes, size), format);
}

static void name_remedy(const struct trace_faults *faults, const char *path)
{
    if (faults->found > faults->allowed)
        diag_warning(faults->diag, (struct place){.file = path},
                     "--skip-bad %llu passes over so many malformed records or lines and reads the rest",
                     (unsigned long long)faults->found);
}

void trace_events_close(struct trace_events *events)
{
    if (events == NULL)
        return;
    name_remedy(&events->faults, events->input.path);
    if (events->reader != NULL)
        events->ops->close(events->reader);
    trace_input_destroy(&events->input);
    free(events);
}

int trace_next_event(struct trace_events *events, struct trace_event *event)
{
    memset(event, 0, sizeof *event);
    int result = events->ops->next(events->reader, event);
    if (result == 0 && events->faults.found > events->faults.allowed)
        return -1;
    return result;
}

void trace_events_name_process(const struct trace_events *events, struct trace_event *event)
{
    if (event->process == NULL && events->ops->name_process != NULL)
        events->ops->name_process(events->reader, event);
}

const char *trace_events_format(const struct trace_events *events)
{
    return events->ops->name;
}

const struct trace_input *trace_events_input(const struct trace_events *events)
{
    return &events->input;
}

uint64_t trace_events_skipped(const struct trace_events *events)
{
    return events->faults.found;
}

uint64_t trace_events_unread(const struct trace_events *events)
{
    return events->faults.unread;
}

uint64_t trace_events_disordered(const struct trace_events *events)
{
    return events->faults.disordered;
}

uint64_t trace_events_unaligned(const struct trace_events *events)
{
    return events->faults.unaligned;
}

uint64_t trace_events_passed(const struct trace_events *events)
{
    return events->faults.passed;
}

int trace_events_fault(struct trace_events *events, const struct trace_event *event, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct place place = {.file = event->file};
    if (events->ops->lines) {
        place.line = event->place;
        return trace_fault(&events->faults, place, "%s", text);
    }
    return trace_fault(&events->faults, place, "record at byte %llu: %s", (unsigned long long)event->place, text);
}
