// A window over events: a heap of keys, and beside it the events, which do not move.
//
// Who reads looks as far ahead as the window is wide. What stands further behind its place than that cannot be put
// there any more; it is let in where reading is, which keeps the order of time and the event.
#include "trace/order.h"

#include <stdlib.h>
#include <string.h>

#include "util/alloc.h"

struct key {
    uint64_t time_ns, tie;
    uint64_t number; // of the event, in the order they were put in
    size_t slot;
};

struct slot {
    struct trace_event event;
    uint8_t *bytes; // process and payload
    size_t capacity;
};

struct trace_order {
    size_t window, count;
    struct key *heap;
    struct slot *slots;
    size_t slot_count;
    size_t *free;   // slots without an event
    size_t free_count;
    uint64_t number;
    uint64_t taken_ns; // the time taken last
};

struct trace_order *trace_order_create(size_t window)
{
    struct trace_order *order = xcalloc(1, sizeof *order);
    order->window = window;
    return order;
}

void trace_order_destroy(struct trace_order *order)
{
    if (order == NULL)
        return;
    for (size_t i = 0; i < order->slot_count; i++)
        free(order->slots[i].bytes);
    free(order->slots);
    free(order->free);
    free(order->heap);
    free(order);
}

bool trace_order_is_full(const struct trace_order *order)
{
    return order->count >= order->window;
}

// ---- events ------------------------------------------------------------------------------------------------------

// Slots are made as they are needed, and each has its place in `free`.
static size_t take_slot(struct trace_order *order)
{
    if (order->free_count > 0)
        return order->free[--order->free_count];
    order->slots = xgrow(order->slots, order->slot_count, sizeof *order->slots);
    order->free = xgrow(order->free, order->slot_count, sizeof *order->free);
    order->slots[order->slot_count] = (struct slot){.bytes = NULL};
    return order->slot_count++;
}

static void keep(struct slot *slot, const struct trace_event *event)
{
    size_t process = event->process == NULL ? 0 : event->process_length, pdu = event->pdu == NULL ? 0 : event->pdu_length;
    slot->event = *event;
    if (process + pdu > slot->capacity) {
        slot->capacity = process + pdu;
        slot->bytes = xrealloc(slot->bytes, slot->capacity);
    }
    if (process != 0)
        slot->event.process = memcpy(slot->bytes, event->process, process);
    if (pdu != 0)
        slot->event.pdu = memcpy(slot->bytes + process, event->pdu, pdu);
}

// ---- keys --------------------------------------------------------------------------------------------------------

static bool is_before(const struct key *a, const struct key *b)
{
    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns;
    return a->tie != b->tie ? a->tie < b->tie : a->number < b->number;
}

static void sift_up(struct key *heap, size_t i)
{
    struct key moved = heap[i];
    for (; i > 0 && is_before(&moved, &heap[(i - 1) / 2]); i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = moved;
}

static void sift_down(struct key *heap, size_t count)
{
    struct key moved = heap[count];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < count; i = child) {
        child += child + 1 < count && is_before(&heap[child + 1], &heap[child]);
        if (!is_before(&heap[child], &moved))
            break;
        heap[i] = heap[child];
    }
    heap[i] = moved;
}

bool trace_order_put(struct trace_order *order, const struct trace_event *event)
{
    bool in_time = event->time_ns >= order->taken_ns;
    size_t at = take_slot(order);
    struct slot *slot = &order->slots[at];
    keep(slot, event);
    slot->event.time_ns = MAX(event->time_ns, order->taken_ns);
    order->heap = xgrow(order->heap, order->count, sizeof *order->heap);
    order->heap[order->count] = (struct key){slot->event.time_ns, event->tie, order->number++, at};
    sift_up(order->heap, order->count++);
    return in_time;
}

bool trace_order_take(struct trace_order *order, struct trace_event *event)
{
    if (order->count == 0)
        return false;
    size_t at = order->heap[0].slot;
    if (--order->count > 0)
        sift_down(order->heap, order->count);
    order->free[order->free_count++] = at;
    *event = order->slots[at].event;
    order->taken_ns = event->time_ns;
    return true;
}
