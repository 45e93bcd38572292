// WRITE ZEROES: whole units are unmapped, as by a trim; the partly covered ones at its edges are written.
#include "ftl/serve/extent.h"
#include "ftl/serve/serve.h"

// Edges that hold anything must be written; the others are zeroes already. One bit each.
static unsigned edges_in_use(const struct serve *serve, const struct ftl_request *request)
{
    uint64_t edges[2];
    unsigned count = extent_edges(serve->base, request, edges), marked = 0;
    for (unsigned i = 0; i < count; i++)
        if (map_lookup(serve->map, edges[i]) != MAP_NOWHERE || buffer_find(serve->buffer, edges[i]) != NONE)
            marked |= 1u << i;
    return marked;
}

static void start(void *context)
{
    struct ftl_request *request = context;
    old_contents_start(request->core.state, request);
}

void write_zeroes_submit(struct serve *serve, struct ftl_request *request)
{
    struct base *base = serve->base;
    uint64_t trimmed = trim_whole_units(serve, request->offset, request->bytes);
    request->core.edges = edges_in_use(serve, request);
    tick_t cost = base->config.t_trim + trimmed * base->config.t_trim_unit;
    if (request->core.edges != 0)
        serve_work(serve, request, cost, start);
    else
        serve_work_and_finish(serve, request, cost);
}
