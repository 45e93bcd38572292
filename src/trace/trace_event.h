// What every reader gives: the events of a recording in order of time, in blktrace's own terms.
//
// Internal to the trace room and its tests; who replays uses trace/trace.h.
#ifndef SQTAIL_TRACE_TRACE_EVENT_H
#define SQTAIL_TRACE_TRACE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "spec/blktrace.h"
#include "util/diag.h"

struct trace_input;

#define TRACE_RECORDER_UNKNOWN UINT32_MAX

struct trace_event {
    uint64_t time_ns;     // since the first event that is not a note
    uint64_t sector;
    uint64_t bytes;
    uint64_t action;      // as in a record of version 8: enum blktrace_action, categories above
    uint64_t value;       // U, UT: requests unplugged; X: the sector where the second part starts
    uint64_t from_sector; // A: before the remap
    const char *file;     // that the event was read from
    uint64_t place;       // byte in that file, or line
    uint32_t from_device; // A: before the remap
    uint32_t device;      // A: after the remap
    uint32_t recorder;    // the device whose events are numbered by `sequence`; TRACE_RECORDER_UNKNOWN
    uint32_t sequence;
    uint32_t pid;
    uint32_t cpu;
    uint32_t process_length;
    const char *process;  // not terminated; NULL where the recording has no name for the process
    const uint8_t *pdu;   // payload: the text of a message, the command of a passthrough request
    uint32_t pdu_length;
    uint16_t error;
    bool whole;           // a request with all that is known of it: no completion follows
    bool more;            // whole: and the next event is of the same request
    uint64_t latency_ns;  // whole: TRACE_LATENCY_UNKNOWN where there is none
};

static inline unsigned trace_event_action(const struct trace_event *event)
{
    return (unsigned)(event->action & BLKTRACE_ACTION_MASK);
}

static inline bool trace_event_is(const struct trace_event *event, uint64_t category)
{
    return (event->action & category) != 0;
}

static inline bool trace_event_is_message(const struct trace_event *event)
{
    return trace_event_is(event, BLKTRACE_IS_NOTIFY);
}

// blkparse's name, such as "Q" or "UT"; "m" for a message, NULL for an action that it does not know.
const char *trace_event_name(const struct trace_event *event);

// Opens the recording at `path`, or the one in memory that is called `path`; `format` as in trace_options. NULL with the reasons in `diag`.
struct trace_events *trace_events_open(struct diag *diag, const char *path, uint64_t skip_bad,
                                       const char *format);
struct trace_events *trace_events_open_memory(struct diag *diag, const char *path, const void *bytes, size_t size,
                                              uint64_t skip_bad, const char *format);
void trace_events_close(struct trace_events *events);

// 1 and the next event; 0 at the end; -1 when more was malformed than tolerated, with the reasons in diag.
int trace_next_event(struct trace_events *events, struct trace_event *event);

// Fills in event->process where the format keeps names apart from events.
void trace_events_name_process(const struct trace_events *events, struct trace_event *event);

const char *trace_events_format(const struct trace_events *events);
const struct trace_input *trace_events_input(const struct trace_events *events);
uint64_t trace_events_skipped(const struct trace_events *events);
uint64_t trace_events_unread(const struct trace_events *events); // how many events those may have been, at most
uint64_t trace_events_disordered(const struct trace_events *events); // as in trace_info
uint64_t trace_events_unaligned(const struct trace_events *events);
uint64_t trace_events_passed(const struct trace_events *events); // as in trace_info

// Counts one malformed record or line: 0 when it is tolerated or when reading may go on to collect further errors,
// -1 when enough were reported. `place` as in struct trace_event.
int trace_events_fault(struct trace_events *events, const struct trace_event *event, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif
