// The end of requests.
#include "ftl/serve/serve.h"

void serve_finish(struct serve *serve, struct ftl_request *request)
{
    if (--serve->requests == 0)
        idle_begins(&serve->base->idle);
    serve->base->stats.unrecovered_reads += request->status == FTL_UNRECOVERED_READ;
    request->done(request);
}

static void finish_event(void *context)
{
    struct ftl_request *request = context;
    serve_finish(request->core.state, request);
}

void serve_finish_later(struct serve *serve, struct ftl_request *request)
{
    sim_after(serve->base->sim, 0, finish_event, request);
}

static void worked(void *context)
{
    struct ftl_request *request = context;
    struct serve *serve = request->core.state;
    breakdown_enter(request->path, STAGE_COMPLETION, sim_now(serve->base->sim));
    serve_finish(serve, request);
}

void serve_work_and_finish(struct serve *serve, struct ftl_request *request, tick_t cost)
{
    serve_work(serve, request, cost, worked);
}

// The first of the operation's logical units that are lost.
static uint64_t first_lost(const struct serve *serve, const struct page_read *read, uint64_t units)
{
    uint64_t first = UINT64_MAX, page = page_read_first_unit(read);
    for (uint64_t left = read->op.failed_units & units; left != 0; left &= left - 1)
        first = MIN(first, map_owner(serve->map, page + (unsigned)__builtin_ctzll(left)));
    return first;
}

void serve_lost(struct ftl_request *request, const struct page_read *read, uint64_t units, enum ftl_status status)
{
    const struct serve *serve = request->core.state;
    if ((read->op.failed_units & units) == 0)
        return;
    uint64_t at = MAX(first_lost(serve, read, units) << serve->base->unit_shift, request->offset);
    if (request->status == FTL_OK || at < request->error_offset)
        request->error_offset = at;
    request->status = status;
}
