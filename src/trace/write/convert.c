// Conversion of recordings, and the registry of the formats that can be written.
#include "trace/write/convert.h"

#include <errno.h>
#include <string.h>

#include "trace/source.h"
#include "trace/trace_event.h"
#include "trace/write/request_events.h"
#include "trace/write/unfold.h"
#include "util/macros.h"

extern const struct trace_writer_ops trace_writer_blkparse;
extern const struct trace_writer_ops trace_writer_blktrace;
extern const struct trace_writer_ops trace_writer_csv;
extern const struct trace_writer_ops trace_writer_fio;

const struct trace_writer_ops *const trace_writers[] = {
    &trace_writer_blkparse,
    &trace_writer_blktrace,
    &trace_writer_csv,
    &trace_writer_fio,
    NULL,
};

enum { NAMES_MAX = 16 };

static const struct trace_writer_ops *find_writer(struct diag *diag, const char *format)
{
    const char *names[NAMES_MAX + 1] = {NULL};
    for (size_t i = 0; trace_writers[i] != NULL && i < NAMES_MAX; i++) {
        if (strcmp(trace_writers[i]->name, format) == 0)
            return trace_writers[i];
        names[i] = trace_writers[i]->name;
    }
    const char *near = diag_nearest(format, names);
    diag_error(diag, (struct place){.file = "--format"}, "cannot write format '%s'%s%s%s", format,
               near == NULL ? "" : "; did you mean '", near == NULL ? "" : near, near == NULL ? "" : "'?");
    return NULL;
}

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

static int check_written(struct diag *diag, FILE *to)
{
    if (fflush(to) == 0 && !ferror(to))
        return 0;
    return diag_error(diag, (struct place){.file = "output"}, "cannot write: %s", strerror(errno));
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
    return result != 0 || diag_error_count(diag) != errors ? -1 : check_written(diag, to);
}

// ---- requests ----------------------------------------------------------------------------------------------------

static bool needs_latency(const struct trace_request *request)
{
    return request->latency_ns != TRACE_LATENCY_UNKNOWN;
}

static bool needs_fua(const struct trace_request *request)
{
    return request->fua;
}

static bool needs_zeroes(const struct trace_request *request)
{
    return request->kind == IO_WRITE_ZEROES;
}

static bool needs_nanoseconds(const struct trace_request *request)
{
    return request->time_ns % 1000 != 0;
}

static bool needs_ranges(const struct trace_request *request)
{
    return request->range_count > 1;
}

// Needed by none that is alone: count_losses() looks beside it.
static bool needs_device(const struct trace_request *request)
{
    (void)request;
    return false;
}

static bool (*const needs[LOSS_COUNT])(const struct trace_request *) = {
    [LOSS_LATENCY] = needs_latency,         [LOSS_FUA] = needs_fua,       [LOSS_ZEROES] = needs_zeroes,
    [LOSS_NANOSECONDS] = needs_nanoseconds, [LOSS_RANGES] = needs_ranges,
    [LOSS_DEVICES] = needs_device,
};

struct losses {
    uint64_t counts[LOSS_COUNT];
    uint32_t device; // of the first request
    bool begun;
};

static void count_losses(struct losses *losses, const struct trace_writer_ops *writer,
                         const struct trace_request *request)
{
    losses->device = losses->begun ? losses->device : request->device;
    losses->begun = true;
    for (size_t i = 0; i < LOSS_COUNT; i++)
        losses->counts[i] += (writer->loses >> i & 1) != 0 && needs[i](request);
    losses->counts[LOSS_DEVICES] += (writer->loses >> LOSS_DEVICES & 1) != 0 && request->device != losses->device;
}

static void tell_losses(struct diag *diag, const char *path, const struct trace_writer_ops *writer,
                        const uint64_t counts[LOSS_COUNT])
{
    static const char *const names[] = {
#define NAME(id, name) name,
        TRACE_LOSS_LIST(NAME)
#undef NAME
    };
    for (size_t i = 0; i < LOSS_COUNT; i++)
        if (counts[i] != 0)
            diag_warning(diag, (struct place){.file = path}, "%s has no place for %s: %llu request%s", writer->name,
                         names[i], (unsigned long long)counts[i], counts[i] == 1 ? "" : "s");
}

// What is written of requests: to where, and what it has no place for.
struct writing {
    struct diag *diag;
    const char *name; // of what is read
    const struct trace_writer_ops *writer;
    void *state;
    FILE *to;
    struct losses losses;
};

static int write_requests(struct writing *w, struct request_source *source)
{
    struct trace_request request;
    while (request_source_next(source, &request)) {
        w->writer->request(w->state, &request, w->to);
        count_losses(&w->losses, w->writer, &request);
    }
    return 0;
}

// As source, counting on the way what will be lost.
struct counted {
    struct request_source base;
    struct writing *writing;
};

static bool next_counted(struct request_source *source, struct trace_request *request)
{
    struct writing *w = container_of(source, struct counted, base)->writing;
    if (!request_source_next(source->inner, request))
        return false;
    count_losses(&w->losses, w->writer, request);
    return true;
}

static int write_as_events(struct writing *w, struct request_source *source)
{
    static const struct request_source_ops ops = {.next = next_counted};
    struct counted counted = {.base = {.ops = &ops, .inner = source}, .writing = w};
    struct request_events events = {.source = &counted.base};
    struct trace_unfold *unfold = trace_unfold_create(request_events_next, &events);
    const char *reason = NULL;
    struct trace_event event;
    while (reason == NULL && trace_unfold_next(unfold, &event) > 0) {
        reason = w->writer->event(w->state, &event, w->to);
        if (reason != NULL)
            diag_error(w->diag, (struct place){.file = w->name}, "the request at %.9f s: %s", (double)event.time_ns / 1e9,
                       reason);
    }
    trace_unfold_destroy(unfold);
    return reason == NULL ? 0 : -1;
}

int trace_write(struct diag *diag, struct request_source *source, const char *name, const char *format, FILE *to)
{
    struct writing w = {.diag = diag, .name = name, .writer = find_writer(diag, format), .to = to};
    if (w.writer == NULL)
        return -1;
    w.state = w.writer->begin == NULL ? NULL : w.writer->begin(to);
    int failed = w.writer->event != NULL ? write_as_events(&w, source) : write_requests(&w, source);
    if (w.writer->finish != NULL)
        w.writer->finish(w.state, to);
    if (w.writer->end != NULL)
        w.writer->end(w.state);
    if (failed != 0 || request_source_failed(source))
        return -1;
    if (!w.losses.begun)
        diag_warning(diag, (struct place){.file = name}, "no request is left: what is written holds none");
    tell_losses(diag, name, w.writer, w.losses.counts);
    return check_written(diag, to);
}

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
    const struct trace_writer_ops *writer = find_writer(diag, format);
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
