// FLUSH: done when all that was buffered before its submit is programmed. A READ with FUA waits here, too, and goes on in read.c.
//
// The buffer's list is in order of arrival, so a flush is done when the oldest entry left arrived after it. With
// power loss protection buffered data are as good as written, and a flush takes its firmware time only.
#include "ftl/ftl_internal.h"

static bool flushed(const struct ftl *ftl, const struct ftl_request *request)
{
    const struct buffer *buffer = &ftl->buffer;
    return buffer->oldest == NONE || buffer->entries[buffer->oldest].sequence > request->core.sequence;
}

// Ends the flushes whose data are programmed, in order of arrival.
void flush_advance(struct ftl *ftl)
{
    struct list *flushes = &ftl->buffer.flushes;
    while (!list_empty(flushes)) {
        struct ftl_request *request = container_of(flushes->head, struct ftl_request, link);
        if (!flushed(ftl, request))
            return;
        list_pop(flushes);
        request->core.then(request);
    }
}

// The request waits until all up to its core.sequence is programmed; then goes on with it.
void flush_wait(struct ftl *ftl, struct ftl_request *request, void (*then)(struct ftl_request *request))
{
    request->core.then = then;
    breakdown_enter(request->path, STAGE_FLUSH_WAIT, sim_now(ftl->sim));
    list_push(&ftl->buffer.flushes, &request->link);
    ftl->buffer.forced = MAX(ftl->buffer.forced, request->core.sequence);
    agenda_raise(&ftl->agenda, AGENDA_FLUSH | AGENDA_DISPATCH);
}

static void finish(struct ftl_request *request)
{
    struct ftl *ftl = request->core.state;
    breakdown_enter(request->path, STAGE_COMPLETION, sim_now(ftl->sim));
    ftl_finish(ftl, request);
}

static void start(void *context)
{
    struct ftl_request *request = context;
    flush_wait(request->core.state, request, finish);
}

void flush_submit(struct ftl *ftl, struct ftl_request *request)
{
    ftl->stats.flushes++;
    request->core.sequence = ftl->config.power_loss_protection ? 0 : ftl->buffer.sequence;
    sim_at(ftl->sim, ftl_charge(ftl, ftl->config.t_flush), start, request);
}
