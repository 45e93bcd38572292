// Reading events whatever the format: input, detection, reader, order of time, count of faults.
//
// A recording is read more than once: first to know what is in it, then for what is in it, without keeping it. Nearly
// all are in order of time, and are read as they stand. Where an event stands behind a later one the first reading
// begins again, and looks ahead from then on (trace/order.h).
//
// Time begins with the first event in order of time that is not a note.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/format.h"
#include "trace/input/input.h"
#include "trace/order.h"
#include "trace/trace.h"
#include "util/alloc.h"

struct trace_events {
    struct trace_input input;
    struct trace_faults faults; // of the first reading
    struct trace_faults muted;  // of the others
    const struct trace_format_ops *ops;
    char *format;     // as it was named, or NULL
    const char *more; // what it says of columns
    void *reader;
    uint64_t window;
    struct trace_order *order; // NULL: events are in order as they stand
    bool ended;     // the reader has no more
    bool again;     // they are not
    bool later;     // this is not the first reading
    unsigned messages; // in the diag before the first reading
    uint64_t before_ns, before_tie; // of the event before, as it stands
    bool started;
    uint64_t genesis_ns;
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

// ---- opening -----------------------------------------------------------------------------------------------------

// The format that was named, or else is found by content.
static const struct trace_format_ops *choose_format(struct trace_events *events)
{
    if (events->format != NULL)
        return trace_format_named(events->faults.diag, events->format, &events->more);
    const struct trace_format_ops *found = trace_format_detect(&events->input);
    if (found == NULL)
        trace_tell_unknown(events->faults.diag, &events->input);
    return found;
}

static struct trace_faults *faults_of(struct trace_events *events)
{
    return events->later ? &events->muted : &events->faults;
}

// What a reading begins with.
static void start_reading(struct trace_events *events)
{
    trace_order_destroy(events->order);
    events->order = events->faults.out_of_order ? trace_order_create(events->window) : NULL;
    events->ended = events->again = events->started = false;
    events->before_ns = events->before_tie = 0;
}

static int open_reader(struct trace_events *events)
{
    events->reader = events->ops->open(events->ops, events->more, &events->input, faults_of(events));
    start_reading(events);
    return events->reader == NULL ? -1 : 0;
}

static void close_reader(struct trace_events *events)
{
    if (events->reader != NULL)
        events->ops->close(events->reader);
    events->reader = NULL;
}

static struct trace_events *create(struct diag *diag, const struct trace_reading *reading)
{
    struct trace_events *events = xcalloc(1, sizeof *events);
    events->faults = (struct trace_faults){.diag = diag, .allowed = reading->skip_bad};
    events->muted = (struct trace_faults){.diag = diag_create(), .allowed = UINT64_MAX};
    events->format = reading->format == NULL ? NULL : xstrdup(reading->format);
    events->window = reading->window == 0 ? TRACE_WINDOW : reading->window;
    return events;
}

static struct trace_events *begin(struct trace_events *events, int opened)
{
    events->ops = opened == 0 ? choose_format(events) : NULL;
    events->messages = diag_mark(events->faults.diag);
    if (events->ops != NULL && open_reader(events) == 0)
        return events;
    trace_events_close(events);
    return NULL;
}

struct trace_events *trace_events_begin(struct diag *diag, const char *path, const struct trace_reading *reading)
{
    struct trace_events *events = create(diag, reading);
    return begin(events, trace_input_open(&events->input, diag, path));
}

struct trace_events *trace_events_begin_memory(struct diag *diag, const char *path, const void *bytes, size_t size,
                                               const struct trace_reading *reading)
{
    struct trace_events *events = create(diag, reading);
    return begin(events, trace_input_open_memory(&events->input, diag, path, bytes, size));
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
    close_reader(events);
    trace_order_destroy(events->order);
    trace_input_destroy(&events->input);
    diag_destroy(events->muted.diag);
    free(events->format);
    free(events);
}

// ---- events in order of time -------------------------------------------------------------------------------------

static bool is_behind(const struct trace_events *events, const struct trace_event *event)
{
    return event->time_ns != events->before_ns ? event->time_ns < events->before_ns : event->tie < events->before_tie;
}

// In two parts, each of which becomes a few stores: of the whole the compiler makes a string instruction, which takes
// longer to begin than all this takes.
static inline void clear(struct trace_event *event)
{
    enum { PART = offsetof(struct trace_event, from_device) };
    memset(event, 0, PART);
    memset((char *)event + PART, 0, sizeof *event - PART);
}

static int next_as_it_stands(struct trace_events *events, struct trace_event *event)
{
    clear(event);
    int result = events->ops->next(events->reader, event);
    if (result <= 0)
        return result;
    // Of events of which several make a request it is no news that files of several CPUs have been put together.
    faults_of(events)->disordered += event->whole && event->time_ns < events->before_ns;
    events->again = events->order == NULL && is_behind(events, event);
    events->before_ns = event->time_ns;
    events->before_tie = event->tie;
    return events->again ? -1 : 1;
}

static int next_in_order(struct trace_events *events, struct trace_event *event)
{
    while (!events->ended && !trace_order_is_full(events->order)) {
        int result = next_as_it_stands(events, event);
        if (result < 0)
            return -1;
        events->ended = result == 0;
        if (result > 0)
            faults_of(events)->late += !trace_order_put(events->order, event);
    }
    return trace_order_take(events->order, event);
}

static void make_relative(struct trace_events *events, struct trace_event *event)
{
    if (!events->started && !trace_event_is_message(event)) {
        events->started = true;
        events->genesis_ns = event->from_start ? 0 : event->time_ns;
    }
    event->time_ns = events->started && event->time_ns >= events->genesis_ns ? event->time_ns - events->genesis_ns : 0;
}

static int read_event(struct trace_events *events, struct trace_event *event)
{
    int result = events->order == NULL ? next_as_it_stands(events, event) : next_in_order(events, event);
    if (result > 0)
        make_relative(events, event);
    return result;
}

// The first reading has told already what it was.
static int fail_later(struct trace_events *events)
{
    return diag_error(events->faults.diag, (struct place){.file = events->input.path},
                      "it cannot be read another time: was it changed meanwhile?");
}

int trace_next_event(struct trace_events *events, struct trace_event *event)
{
    int result = read_event(events, event);
    if (result == 0 && (events->faults.broken || events->faults.found > events->faults.allowed))
        return -1;
    return result <= 0 && events->muted.broken ? fail_later(events) : result;
}

// ---- several readings --------------------------------------------------------------------------------------------

bool trace_events_again(struct trace_events *events)
{
    struct trace_faults *faults = &events->faults;
    if (!events->again)
        return false;
    close_reader(events);
    diag_forget(faults->diag, events->messages);
    *faults = (struct trace_faults){.diag = faults->diag, .allowed = faults->allowed, .out_of_order = true};
    return open_reader(events) == 0;
}

int trace_events_rewind(struct trace_events *events)
{
    events->later = true;
    if (events->ops->rewind == NULL) {
        close_reader(events);
        return open_reader(events);
    }
    start_reading(events);
    return events->ops->rewind(events->reader, &events->muted);
}

int trace_events_check(struct trace_events *events)
{
    struct trace_event event;
    int result;
    do
        while ((result = read_event(events, &event)) > 0)
            continue;
    while (result < 0 && trace_events_again(events));
    return result < 0 || events->faults.broken ? -1 : trace_events_rewind(events);
}

static struct trace_events *checked(struct trace_events *events)
{
    if (events == NULL || trace_events_check(events) == 0)
        return events;
    trace_events_close(events);
    return NULL;
}

struct trace_events *trace_events_open(struct diag *diag, const char *path, uint64_t skip_bad, const char *format)
{
    return checked(trace_events_begin(diag, path, &(struct trace_reading){.skip_bad = skip_bad, .format = format}));
}

struct trace_events *trace_events_open_memory(struct diag *diag, const char *path, const void *bytes, size_t size,
                                              uint64_t skip_bad, const char *format)
{
    return checked(trace_events_begin_memory(diag, path, bytes, size,
                                             &(struct trace_reading){.skip_bad = skip_bad, .format = format}));
}

// ---- what is known of them ---------------------------------------------------------------------------------------

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

uint64_t trace_events_late(const struct trace_events *events)
{
    return events->faults.late;
}

uint64_t trace_events_unaligned(const struct trace_events *events)
{
    return events->faults.unaligned;
}

uint64_t trace_events_passed(const struct trace_events *events)
{
    return events->faults.passed;
}

static int count_fault(const struct trace_events *events, struct trace_faults *faults, const struct trace_event *event,
                       const char *format, va_list arguments)
{
    char text[256];
    vsnprintf(text, sizeof text, format, arguments);
    struct place place = {.file = event->file};
    if (events->ops->lines) {
        place.line = event->place;
        return trace_fault(faults, place, "%s", text);
    }
    return trace_fault(faults, place, "record at byte %llu: %s", (unsigned long long)event->place, text);
}

int trace_events_fault(struct trace_events *events, const struct trace_event *event, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int result = count_fault(events, faults_of(events), event, format, arguments);
    va_end(arguments);
    return result;
}

int trace_events_refuse(struct trace_events *events, const struct trace_event *event, const char *reason, ...)
{
    va_list arguments;
    va_start(arguments, reason);
    int result = count_fault(events, &events->faults, event, reason, arguments);
    va_end(arguments);
    return result;
}
