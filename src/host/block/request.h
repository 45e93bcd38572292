// What the block layer takes and what it makes of it: bios, and requests that hold parts of one or several.
#ifndef SQTAIL_HOST_BLOCK_REQUEST_H
#define SQTAIL_HOST_BLOCK_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/tick.h"
#include "spec/io.h"
#include "util/list.h"

#define BLOCK_NO_TAG UINT32_MAX

struct block;

// One transfer that somebody asks for. Whoever submits it fills in the first part and keeps it until it is done.
struct block_bio {
    enum io_kind kind;
    uint32_t how;         // enum io_how
    bool fua, preflush;
    uint32_t cpu;
    uint32_t task;        // whose plug it goes to, and who sleeps when there is no tag
    uint64_t offset, bytes; // 0 for IO_FLUSH
    uint32_t range_count; // IO_TRIM of several ranges: these, instead of the above; else 0
    const struct io_range *ranges;
    bool failed;          // once done

    // the layer's own
    struct block *block;
    struct list_link link; // among those whose task sleeps
    uint64_t position, left;
    uint32_t open;         // its parts in requests, and one more until the last is in one
};

struct block_part {
    struct block_part *next;
    struct block_bio *bio;
    struct io_range range;
    bool split;            // off a bio that goes on
};

enum flush_step { FLUSH_PRE = 1, FLUSH_DATA = 2, FLUSH_POST = 4 };

struct hardware_queue;

struct block_request {
    struct block_request *prev, *next; // in the list that it is in
    enum io_kind kind;
    uint32_t how;
    bool fua, preflush;
    bool no_merge;         // nothing more may be merged into it
    uint8_t flush_left;    // enum flush_step: steps that are left; 0: no matter of the flush machine
    uint32_t cpu, task;
    uint64_t offset, bytes; // of a trim of several ranges the first one's offset, and the sum
    uint32_t segments;     // in memory; of a trim its ranges
    struct block_part *first, *last;
    struct hardware_queue *queue;
    uint32_t tag, scheduler_tag; // or BLOCK_NO_TAG
    tick_t made, inserted, issued;
    // the scheduler's
    struct block_request *sort_prev, *sort_next;
    tick_t deadline;
    bool has_token;
};

// Lists in both directions, so that a request leaves from anywhere. An empty one is all zeroes.
struct request_list {
    struct block_request *head, *tail;
    uint32_t count;
};

static inline void request_push(struct request_list *list, struct block_request *request)
{
    request->prev = list->tail;
    request->next = NULL;
    *(list->tail == NULL ? &list->head : &list->tail->next) = request;
    list->tail = request;
    list->count++;
}

static inline void request_push_front(struct request_list *list, struct block_request *request)
{
    request->prev = NULL;
    request->next = list->head;
    *(list->head == NULL ? &list->tail : &list->head->prev) = request;
    list->head = request;
    list->count++;
}

static inline void request_remove(struct request_list *list, struct block_request *request)
{
    *(request->prev == NULL ? &list->head : &request->prev->next) = request->next;
    *(request->next == NULL ? &list->tail : &request->next->prev) = request->prev;
    list->count--;
}

// The first, taken off; NULL where there is none.
static inline struct block_request *request_pop(struct request_list *list)
{
    struct block_request *first = list->head;
    if (first != NULL)
        request_remove(list, first);
    return first;
}

#endif
