// Host writes, from submit to the buffer.
//
//   firmware time -> old contents of partly written units are read (old_contents.c) -> room in the buffer (grant.c)
//   -> ready(): data move in -> buffered: done, or for FUA done when programmed -> gathered into program units
//   (destage.c)
#include "ftl/serve/explain.h"
#include "ftl/serve/extent.h"
#include "ftl/serve/serve.h"

static void start(void *context)
{
    struct ftl_request *request = context;
    old_contents_start(request->core.state, request);
}

void write_submit(struct serve *serve, struct ftl_request *request)
{
    struct base *base = serve->base;
    tick_t cost = base->config.t_write + extent_units(base, request) * base->config.t_write_unit;
    serve_work(serve, request, cost, start);
}

static void wait_for_more_room(struct serve *serve, struct ftl_request *request)
{
    breakdown_enter(request->path, STAGE_BUFFER_WAIT, sim_now(serve->base->sim));
    explain_room_begins(serve, request);
}

void write_data_in(struct serve *serve, struct ftl_request *request, uint64_t bytes)
{
    struct base *base = serve->base;
    uint64_t unit = extent_units_within(base, request, request->core.arrived);
    request->core.arrived += bytes;
    FTL_CHECK(base, request->core.arrived <= request->core.granted, "data arrive that were not asked for");
    uint64_t end = extent_units_within(base, request, request->core.arrived);
    for (; unit < end; unit++)
        grant_insert(serve, request, extent_first(base, request) + unit);
    if (request->core.arrived == request->bytes)
        grant_all_arrived(serve, request);
    else if (request->core.arrived == request->core.granted)
        wait_for_more_room(serve, request);
    if (destage_wanted(serve))
        agenda_raise(&base->agenda, AGENDA_DISPATCH);
}
