// A whole request unfolds into what Linux records of one that meets no scheduler: queued, request taken, issued, all at
// one time since no more is known, and complete. They wait in a window until it is their turn; where more than WINDOW
// events are under way, completions come before it. Without events of the queue fio and btt find nothing in blktrace.
//
// Left out: that two lines were one request (event->more).
#include "trace/write/unfold.h"

#include <stdlib.h>

#include "trace/order.h"
#include "trace/trace.h"
#include "util/alloc.h"

enum { WINDOW = 1 << 16 };

struct trace_unfold {
    trace_next_fn *next;
    void *context;
    struct trace_order *order;
    bool whole; // the format's lines are requests; else events are passed on as they are
    bool ended;
};

struct trace_unfold *trace_unfold_create(trace_next_fn *next, void *context)
{
    struct trace_unfold *unfold = xcalloc(1, sizeof *unfold);
    unfold->next = next;
    unfold->context = context;
    unfold->order = trace_order_create(WINDOW);
    return unfold;
}

void trace_unfold_destroy(struct trace_unfold *unfold)
{
    trace_order_destroy(unfold->order);
    free(unfold);
}

// False where the request has none, or is of a kind that none completes.
static bool completion_of(const struct trace_event *event, struct trace_event *completion)
{
    *completion = *event;
    if (event->latency_ns == TRACE_LATENCY_UNKNOWN || (event->bytes == 0 && !trace_event_is(event, BLKTRACE_IS_FLUSH)))
        return false;
    completion->action &= ~(BLKTRACE_IS_ISSUED | (uint64_t)BLKTRACE_ACTION_MASK);
    completion->action |= BLKTRACE_COMPLETE | BLKTRACE_IS_COMPLETED;
    return !__builtin_add_overflow(event->time_ns, event->latency_ns, &completion->time_ns);
}

static void put_as(struct trace_unfold *unfold, const struct trace_event *issue, uint64_t action)
{
    struct trace_event event = *issue;
    event.action &= ~(BLKTRACE_IS_ISSUED | (uint64_t)BLKTRACE_ACTION_MASK);
    event.action |= action | BLKTRACE_IS_QUEUED;
    trace_order_put(unfold->order, &event);
}

static void put(struct trace_unfold *unfold, const struct trace_event *event)
{
    struct trace_event completion;
    put_as(unfold, event, BLKTRACE_QUEUE);
    put_as(unfold, event, BLKTRACE_GETRQ);
    trace_order_put(unfold->order, event);
    if (completion_of(event, &completion))
        trace_order_put(unfold->order, &completion);
}

static int fill(struct trace_unfold *unfold)
{
    struct trace_event event;
    while (!unfold->ended && !trace_order_is_full(unfold->order)) {
        int result = unfold->next(unfold->context, &event);
        if (result < 0)
            return -1;
        unfold->ended = result == 0;
        if (result > 0)
            put(unfold, &event);
    }
    return 0;
}

int trace_unfold_next(struct trace_unfold *unfold, struct trace_event *event)
{
    if (!unfold->whole) {
        int result = unfold->next(unfold->context, event);
        if (result <= 0 || !event->whole)
            return result;
        unfold->whole = true;
        put(unfold, event);
    }
    return fill(unfold) < 0 ? -1 : trace_order_take(unfold->order, event);
}
