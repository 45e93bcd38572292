// Whole requests as events. A write that flushes first is one event, which blktrace has a category for.
#include "trace/write/request_events.h"

static const uint64_t categories[IO_KIND_COUNT] = {
    [IO_READ] = BLKTRACE_IS_READ,
    [IO_WRITE] = BLKTRACE_IS_WRITE,
    [IO_FLUSH] = BLKTRACE_IS_FLUSH,
    [IO_TRIM] = BLKTRACE_IS_DISCARD | BLKTRACE_IS_WRITE,
    [IO_WRITE_ZEROES] = BLKTRACE_IS_WRITE_ZEROES | BLKTRACE_IS_WRITE,
};

static uint64_t action_of(const struct trace_request *request)
{
    return BLKTRACE_ISSUE | BLKTRACE_IS_ISSUED | BLKTRACE_IS_FS | categories[request->kind] |
           (request->fua ? BLKTRACE_IS_FUA : 0) | (request->preflush ? BLKTRACE_IS_FLUSH : 0) |
           (request->sync ? BLKTRACE_IS_SYNC : 0) | (request->meta ? BLKTRACE_IS_META : 0) |
           (request->ahead ? BLKTRACE_IS_AHEAD : 0);
}

int request_events_next(void *request_events, struct trace_event *event)
{
    struct request_events *e = request_events;
    const struct trace_request *request = &e->request;
    if (e->given >= request->range_count) {
        if (!request_source_next(e->source, &e->request))
            return 0;
        e->given = 0;
    }
    struct io_range range = {request->offset, request->bytes};
    if (request->range_count != 0)
        range = request->ranges[e->given];
    e->given++;
    *event = (struct trace_event){
        .time_ns = request->time_ns, .sector = range.offset / BLKTRACE_SECTOR_BYTES, .bytes = range.bytes,
        .action = action_of(request), .device = request->device, .recorder = TRACE_RECORDER_UNKNOWN,
        .pid = request->pid, .cpu = request->cpu, .whole = true, .latency_ns = request->latency_ns};
    return 1;
}
