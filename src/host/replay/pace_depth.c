// As fast as a depth allows: a closed loop in recorded order, which ignores recorded times.
#include "host/replay/pace.h"

#include <stdlib.h>

#include "host/tokens.h"
#include "util/alloc.h"

struct depth {
    struct pace base;
    uint32_t iodepth;
    struct token_ring tokens;
    tick_t think_time;
    struct trace_request ahead;
    bool has_ahead;
};

static struct depth *depth_of(const struct pace *pace)
{
    return container_of(pace, struct depth, base);
}

static void set_due(struct depth *depth)
{
    const struct token *token = token_ring_first(&depth->tokens);
    depth->base.due = !depth->has_ahead || token == NULL ? TICK_NEVER : token->free_at;
}

static void depth_start(struct pace *pace, const struct workload_start *start)
{
    struct depth *depth = depth_of(pace);
    depth->think_time = start->think_time;
    for (uint32_t i = 0; i < depth->iodepth; i++)
        token_ring_push(&depth->tokens, start->now, 0);
    pace->first = &depth->ahead;
    depth->has_ahead = request_source_next(pace->source->requests, &depth->ahead);
    set_due(depth);
}

static void depth_issued(struct pace *pace, tick_t now, struct workload_request *request)
{
    struct depth *depth = depth_of(pace);
    (void)now, (void)request;
    depth->has_ahead = request_source_next(pace->source->requests, &depth->ahead);
    token_ring_pop(&depth->tokens);
    set_due(depth);
}

static void depth_completed(struct pace *pace, tick_t now, const struct workload_request *request)
{
    struct depth *depth = depth_of(pace);
    (void)request;
    token_ring_push(&depth->tokens, now + depth->think_time, 0);
    set_due(depth);
}

static void depth_destroy(struct pace *pace)
{
    struct depth *depth = depth_of(pace);
    token_ring_destroy(&depth->tokens);
    free(depth);
}

static struct pace *depth_create(const struct pace_options *options)
{
    struct depth *depth = xcalloc(1, sizeof *depth);
    depth->iodepth = options->iodepth;
    token_ring_init(&depth->tokens, options->iodepth);
    return &depth->base;
}

const struct pace_ops pace_depth = {
    .name = "depth",
    .help = "in recorded order with N requests in flight (--iodepth N), whatever the recorded times",
    .needs_iodepth = true,
    .ignores_times = true,
    .create = depth_create,
    .start = depth_start,
    .issued = depth_issued,
    .completed = depth_completed,
    .destroy = depth_destroy,
};
