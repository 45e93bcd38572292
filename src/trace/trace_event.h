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
    uint64_t time_ns;     // since the first event that is not a note; from a reader, since whenever it likes
    uint64_t tie;         // puts events of equal times in order; 0: they are as they stand
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
    bool from_start;      // from a reader: its time is since the recording's beginning, and stays
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

// How events are read.
struct trace_reading {
    uint64_t skip_bad;  // malformed records or lines to tolerate
    const char *format; // as in trace_options
    uint64_t window;    // as in trace_options
};

// Opens the recording at `path`, or the one in memory that is called `path`. NULL with the reasons in `diag`.
struct trace_events *trace_events_begin(struct diag *diag, const char *path, const struct trace_reading *reading);
struct trace_events *trace_events_begin_memory(struct diag *diag, const char *path, const void *bytes, size_t size,
                                               const struct trace_reading *reading);
void trace_events_close(struct trace_events *events);

// The same, and reads all of it once: what is malformed is known then, and which process has which name.
struct trace_events *trace_events_open(struct diag *diag, const char *path, uint64_t skip_bad, const char *format);
struct trace_events *trace_events_open_memory(struct diag *diag, const char *path, const void *bytes, size_t size,
                                              uint64_t skip_bad, const char *format);
int trace_events_check(struct trace_events *events); // 0, or -1 with the reasons in diag

// 1 and the next event; 0 at the end; negative when more was malformed than tolerated, with the reasons in diag, or
// when the first reading must begin again.
int trace_next_event(struct trace_events *events, struct trace_event *event);

// Whether reading for the first time has failed for no other reason than that events were not in order of time. It
// begins again then, from the front, and puts them in order; what was told of it is forgotten.
bool trace_events_again(struct trace_events *events);

// From the front, another time. What is malformed is neither counted nor told again. Returns 0, or -1 with the reasons
// in diag.
int trace_events_rewind(struct trace_events *events);

// Fills in event->process where the format keeps names apart from events.
void trace_events_name_process(const struct trace_events *events, struct trace_event *event);

const char *trace_events_format(const struct trace_events *events);
const struct trace_input *trace_events_input(const struct trace_events *events);
uint64_t trace_events_skipped(const struct trace_events *events);
uint64_t trace_events_unread(const struct trace_events *events); // how many events those may have been, at most
uint64_t trace_events_disordered(const struct trace_events *events); // as in trace_info
uint64_t trace_events_late(const struct trace_events *events);
uint64_t trace_events_unaligned(const struct trace_events *events);
uint64_t trace_events_passed(const struct trace_events *events); // as in trace_info

// Counts one malformed record or line: 0 when it is tolerated or when reading may go on to collect further errors,
// -1 when enough were reported. The first reading counts; the others find the same.
int trace_events_fault(struct trace_events *events, const struct trace_event *event, const char *format, ...)
    PRINTF_LIKE(3, 4);

// The same of an event that cannot be written, counted in any reading.
int trace_events_refuse(struct trace_events *events, const struct trace_event *event, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif
