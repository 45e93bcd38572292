// Events in text: what follows the action, as blkparse and the kernel's tracers print it.
//
// Source: what blkparse 1.2.0 prints, and Linux kernel/trace/blktrace.c, whose printing it took over:
//
//     Q I D B     sector + n [process]; [process]; of passthrough requests: bytes (command) [process]
//     C R         sector + n [error]; sector [error]; of passthrough requests: (command) [error]
//     G M F S     sector + n [process]; [process]
//     P U UT      [process]; [process] requests
//     X           sector / sector [process]
//     A           sector + n <- (major,minor) sector
//     m           text
//
// With blkparse -t a time in parentheses follows the sectors; it is passed over.
#ifndef SQTAIL_TRACE_READ_EVENT_TEXT_H
#define SQTAIL_TRACE_READ_EVENT_TEXT_H

#include "trace/read/text_parser.h"
#include "trace/trace_event.h"

struct event_text {
    const char *name; // of the action
    uint64_t action;  // with the categories that the kernel gives it
    void (*tail)(struct text_parser *, struct trace_event *);
};

// The row of an action; NULL when there is none of that name.
const struct event_text *event_text_find(const char *name, size_t length);

// Begins the event of a row, or, where it is NULL, tells that the action is unknown.
void event_text_begin(struct text_parser *p, struct trace_event *event, const struct event_text *row);

// The word at hand is an action: takes it and begins its event.
const struct event_text *event_text_action(struct text_parser *p, struct trace_event *event);

// ACTION RWBS TAIL, to the end of the line.
void event_text_rest(struct text_parser *p, struct trace_event *event);

// The end of a line: what stands there is too much.
void event_text_end(struct text_parser *p, struct trace_event *event);

// Parts of tails.
void event_text_error(struct text_parser *p, struct trace_event *event);   // [error]
void event_text_process(struct text_parser *p, struct trace_event *event); // [process]
void event_text_range(struct text_parser *p, struct trace_event *event);   // sector + n
void event_text_payload(struct text_parser *p, struct trace_event *event); // (command), where there is one

#endif
