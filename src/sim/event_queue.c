// What the event queue does not do at every event.
#include "sim/event_queue.h"

void event_queue_init(struct event_queue *queue)
{
    *queue = (struct event_queue){0};
    pool_init(&queue->events, sizeof(struct event));
}

void event_queue_destroy(struct event_queue *queue)
{
    pool_destroy(&queue->events);
}

void event_queue_unlink(struct event_queue *queue, uint32_t slot, struct event *head)
{
    struct event *tail = queue->tails[slot], *event = head->next;
    if (slot < EVENT_LEVEL_SLOTS) { // the others have its time, and stay
        tail->next = event;
        return;
    }
    event_queue_vacate_first(queue, slot);
    for (struct event *next; event != head; event = next) {
        next = event->next;
        event_queue_place(queue, event);
    }
}
