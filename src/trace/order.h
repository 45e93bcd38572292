// Events in order of time, from such as are nearly so. Internal to the trace room.
#ifndef SQTAIL_TRACE_ORDER_H
#define SQTAIL_TRACE_ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "trace/trace_event.h"

struct trace_order;

// Looks `window` events ahead. The window must not be 0.
struct trace_order *trace_order_create(size_t window);
void trace_order_destroy(struct trace_order *order);

// Whether the earliest must be taken before another one is put in.
bool trace_order_is_full(const struct trace_order *order);

// Keeps the event and what it points to. Returns false where it comes too late: it is before what was taken already,
// and is taken next, at the time of that.
bool trace_order_put(struct trace_order *order, const struct trace_event *event);

// The earliest; of equal times in order of `tie`, and then as they were put in. False where there is none. What it
// points to stays until the next call.
bool trace_order_take(struct trace_order *order, struct trace_event *event);

#endif
