// Intrusive first-in first-out lists: the link lives in the object, so queueing never allocates.
#ifndef SQTAIL_UTIL_LIST_H
#define SQTAIL_UTIL_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "util/macros.h"

struct list_link {
    struct list_link *next;
};

// An empty list is all zeroes.
struct list {
    struct list_link *head;
    struct list_link *tail;
};

static inline bool list_empty(const struct list *list)
{
    return list->head == NULL;
}

static inline void list_push(struct list *list, struct list_link *link)
{
    link->next = NULL;
    if (list->head == NULL)
        list->head = link;
    else
        list->tail->next = link;
    list->tail = link;
}

static inline void list_push_front(struct list *list, struct list_link *link)
{
    link->next = list->head;
    if (list->head == NULL)
        list->tail = link;
    list->head = link;
}

// The first link, taken off the list; NULL when the list is empty.
static inline struct list_link *list_pop(struct list *list)
{
    struct list_link *link = list->head;
    if (link != NULL)
        list->head = link->next;
    return link;
}

#endif
