// FLUSH: done when all that was buffered before its submit is programmed. A READ with FUA waits here, too, and goes on
// in read.c.
//
// The buffer's list is in order of arrival, so a flush is done when the oldest entry left arrived after it. With
// power loss protection buffered data are as good as written, and a flush takes its firmware time only.
#include "ftl/serve/explain.h"

static bool flushed(const struct buffer *buffer, const struct ftl_request *request)
{
    return buffer->oldest == NONE || buffer->entries[buffer->oldest].sequence > request->core.until;
}

void flush_advance(struct serve *serve)
{
    struct list *flushes = &serve->buffer->flushes;
    while (!list_empty(flushes)) {
        struct ftl_request *request = container_of(flushes->head, struct ftl_request, link);
        if (!flushed(serve->buffer, request))
            return;
        list_pop(flushes);
        explain_flush_ends(serve, request, serve->last);
        request->core.then(request);
    }
}

void flush_wait(struct serve *serve, struct ftl_request *request, void (*then)(struct ftl_request *request))
{
    struct buffer *buffer = serve->buffer;
    request->core.then = then;
    breakdown_enter(request->path, STAGE_FLUSH_WAIT, sim_now(serve->base->sim));
    explain_flush_begins(serve, request);
    list_push(&buffer->flushes, &request->link);
    buffer->forced = MAX(buffer->forced, request->core.until);
    agenda_raise(&serve->base->agenda, AGENDA_FLUSH | AGENDA_DISPATCH);
}

static void finish(struct ftl_request *request)
{
    struct serve *serve = request->core.state;
    breakdown_enter(request->path, STAGE_COMPLETION, sim_now(serve->base->sim));
    serve_finish(serve, request);
}

static void start(void *context)
{
    struct ftl_request *request = context;
    flush_wait(request->core.state, request, finish);
}

void flush_submit(struct serve *serve, struct ftl_request *request)
{
    struct base *base = serve->base;
    base->stats.flushes++;
    request->core.until = base->config.power_loss_protection ? 0 : serve->buffer->sequence;
    serve_work(serve, request, base->config.t_flush, start);
}
