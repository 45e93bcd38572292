// Reading texts of one event a line, whatever the layout of the line. Internal to the trace room.
#ifndef SQTAIL_TRACE_READ_EVENT_LINES_H
#define SQTAIL_TRACE_READ_EVENT_LINES_H

#include <stdbool.h>

#include "trace/format.h"
#include "trace/read/text_parser.h"

enum line_kind {
    LINE_EVENT,   // begins as an event does: it is one, or malformed
    LINE_SUMMARY, // begins or is part of what stands behind all events
    LINE_REMARK,  // the tool's own, and no event
    LINE_OTHER,
};

// How a line is made.
struct event_layout {
    const char *what; // "a recording of blkparse's text"
    enum line_kind (*kind)(const struct event_layout *layout, struct text_parser p);

    // Reads a line that begins as an event does, to its end; leaves `event` as far as it came where something is wrong.
    void (*parse)(const struct event_layout *layout, struct text_parser *p, struct trace_event *event);

    // Whether the event that may begin at `at` can stand behind something else: `grep -n`, a log's time and host. NULL:
    // lines are looked at from their beginning only.
    bool (*may_follow_prefix)(char before, char c);

    // How many events the line says the recorder has dropped; NULL: none says so.
    uint64_t (*lost)(struct text_parser p);

    // Called once the reader is closed; NULL: nothing is to be freed.
    void (*destroy)(const struct event_layout *layout);
};

// Whether any line is an event of that layout.
bool event_lines_probe(const struct event_layout *layout, const uint8_t *bytes, size_t size);

// As the members of trace_format_ops; the layout outlives the reader.
void *event_lines_open(const struct event_layout *layout, const struct trace_input *input,
                       struct trace_faults *faults);
int event_lines_next(void *reader, struct trace_event *event);
int event_lines_rewind(void *reader, struct trace_faults *faults);
void event_lines_close(void *reader);

#endif
