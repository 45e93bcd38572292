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

void event_queue_settle(struct event_queue *queue, uint32_t slot, struct event *head)
{
    struct event *event = head->next;
    event_queue_vacate(queue, slot, head->time);
    for (struct event *next; event != head; event = next) {
        next = event->next;
        event_queue_place(queue, event);
    }
}
