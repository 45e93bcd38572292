// Requests of any source in any format. For one of events each becomes those that Linux records of it.
#include "trace/source.h"
#include "trace/trace_event.h"
#include "trace/write/request_events.h"
#include "trace/write/unfold.h"
#include "trace/write/writers.h"
#include "util/macros.h"

// What is written of requests: to where, and what it has no place for.
struct writing {
    struct diag *diag;
    const char *name; // of what is read
    const struct trace_writer_ops *writer;
    void *state;
    FILE *to;
    struct trace_losses losses;
};

static int write_requests(struct writing *w, struct request_source *source)
{
    struct trace_request request;
    while (request_source_next(source, &request)) {
        w->writer->request(w->state, &request, w->to);
        trace_losses_count(&w->losses, w->writer, &request);
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
    trace_losses_count(&w->losses, w->writer, request);
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
            diag_error(w->diag, (struct place){.file = w->name}, "the request at %.9f s: %s",
                       (double)event.time_ns / 1e9, reason);
    }
    trace_unfold_destroy(unfold);
    return reason == NULL ? 0 : -1;
}

int trace_write(struct diag *diag, struct request_source *source, const char *name, const char *format, FILE *to)
{
    struct writing w = {.diag = diag, .name = name, .writer = trace_writer_find(diag, format), .to = to};
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
    trace_losses_tell(&w.losses, w.writer, diag, name);
    return trace_written(diag, to);
}
