// Room in the write buffer, and what is put there.
//
// Room is granted in whole units, as much as there is, so a write larger than the buffer is granted in turns, first
// come first served. A WRITE ZEROES needs it for the units at its edges, and no data from the host.
#include "ftl/serve/explain.h"
#include "ftl/serve/extent.h"
#include "ftl/serve/serve.h"

static bool waits_for_flash(const struct serve *serve, const struct ftl_request *request)
{
    return serve->buffer->write_through || (request->fua && !serve->base->config.power_loss_protection);
}

// All data of the request are buffered.
void grant_all_arrived(struct serve *serve, struct ftl_request *request)
{
    tick_t now = sim_now(serve->base->sim);
    explain_room_ends(serve, request);
    if (waits_for_flash(serve, request) && request->core.pending > 0) {
        breakdown_enter(request->path, STAGE_FLUSH_WAIT, now);
        explain_flush_begins(serve, request);
        serve->buffer->forced = serve->buffer->sequence;
        return;
    }
    breakdown_enter(request->path, STAGE_COMPLETION, now);
    serve_finish_later(serve, request);
}

// One unit for which room was granted is there.
void grant_insert(struct serve *serve, struct ftl_request *request, uint64_t lpn)
{
    struct buffer *buffer = serve->buffer;
    struct ftl_request *waiter = waits_for_flash(serve, request) ? request : NULL;
    if (waiter != NULL)
        request->core.pending++;
    serve->base->stats.host_units_written++;
    if (buffer_insert(buffer, lpn, map_version_next(serve->map, lpn), waiter) && !list_empty(&buffer->waiting))
        agenda_raise_later(&serve->base->agenda, AGENDA_FLUSH | AGENDA_GRANT | AGENDA_DISPATCH);
    linger_arrived(serve);
}

static void grant_data(struct serve *serve, struct ftl_request *request)
{
    struct base *base = serve->base;
    struct buffer *buffer = serve->buffer;
    uint64_t granted = extent_units_within(base, request, request->core.granted);
    uint64_t total = extent_units(base, request);
    uint32_t units = (uint32_t)MIN(total - granted, (uint64_t)buffer_room(buffer));
    uint64_t bytes = extent_bytes_within(base, request, granted + units) - request->core.granted;
    buffer->used += units;
    buffer->arriving += units;
    request->core.granted += bytes;
    if (granted + units == total)
        list_pop(&buffer->waiting);
    explain_room_ends(serve, request);
    breakdown_enter(request->path, STAGE_DATA_IN, sim_now(base->sim));
    request->ready(request, bytes);
}

// The first edge left of a WRITE ZEROES; no data move.
static void grant_edge(struct serve *serve, struct ftl_request *request)
{
    struct buffer *buffer = serve->buffer;
    uint64_t edges[2];
    extent_edges(serve->base, request, edges);
    unsigned edge = (request->core.edges & 1) != 0 ? 0 : 1;
    buffer->used++;
    buffer->arriving++;
    grant_insert(serve, request, edges[edge]);
    request->core.edges &= ~(1u << edge);
    if (request->core.edges != 0)
        return;
    list_pop(&buffer->waiting);
    request->core.arrived = request->bytes;
    grant_all_arrived(serve, request);
}

void grant_room(struct serve *serve)
{
    struct buffer *buffer = serve->buffer;
    while (!list_empty(&buffer->waiting) && buffer_room(buffer) > 0) {
        struct ftl_request *request = container_of(buffer->waiting.head, struct ftl_request, link);
        if (request->kind == FTL_WRITE)
            grant_data(serve, request);
        else
            grant_edge(serve, request);
    }
}

void grant_wait(struct serve *serve, struct ftl_request *request)
{
    struct buffer *buffer = serve->buffer;
    if (!list_empty(&buffer->waiting) || buffer_room(buffer) < extent_units(serve->base, request))
        serve->base->stats.buffer_waits++;
    explain_room_begins(serve, request);
    list_push(&buffer->waiting, &request->link);
    if (buffer_room(buffer) > 0)
        grant_room(serve);
    if (destage_wanted(serve))
        agenda_raise(&serve->base->agenda, AGENDA_DISPATCH);
}
