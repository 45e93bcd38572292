#include "fake_trace.h"

#include "util/macros.h"

const struct trace_info *trace_get_info(const struct trace *trace)
{
    return &trace->info;
}

bool trace_next(struct trace *trace, struct trace_request *request)
{
    if (trace->next == trace->info.requests)
        return false;
    *request = trace->requests[trace->next++];
    return true;
}

void trace_rewind(struct trace *trace)
{
    trace->next = 0;
}

static bool source_next(struct request_source *source, struct trace_request *request)
{
    return trace_next(container_of(source, struct trace, source), request);
}

static void source_rewind(struct request_source *source)
{
    trace_rewind(container_of(source, struct trace, source));
}

struct request_source *trace_as_source(struct trace *trace)
{
    static const struct request_source_ops ops = {.next = source_next, .rewind = source_rewind};
    trace->source.ops = &ops;
    return &trace->source;
}
