// A format of recordings: one file, one ops table, one line in the registry.
#ifndef SQTAIL_TRACE_FORMAT_H
#define SQTAIL_TRACE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/trace_event.h"

// Malformed records or lines, shared by the layers that may find one.
struct trace_faults {
    struct diag *diag;
    uint64_t allowed;
    uint64_t found;
    uint64_t unread; // at most so many events were in what was malformed or cut off
    uint64_t passed; // what was passed over without being malformed: as trace_info's
    uint64_t disordered, unaligned; // as trace_info's
};

// Counts a fault at `place`. 0: go on; -1: enough were reported, give up.
int trace_fault(struct trace_faults *faults, struct place place, const char *format, ...) PRINTF_LIKE(3, 4);

struct trace_format_ops {
    const char *name;
    const char *help;
    bool lines; // places are line numbers, not bytes
    bool takes_more; // more than its name may be said of it
    const char *columns; // text that its columns describe (trace/columns.h); NULL: another

    // Whether the bytes, the start of a file of at least that size, are of this format.
    bool (*probe)(const struct trace_format_ops *ops, const uint8_t *bytes, size_t size);

    // Starts reading; `input` outlives the reader and holds at least one file that is not empty. NULL when nothing
    // can be read; the reasons are then in faults->diag. `more`: what the user says of the columns, or NULL.
    void *(*open)(const struct trace_format_ops *ops, const char *more, const struct trace_input *input,
                  struct trace_faults *faults);

    // The next event in order of time: 1, 0 at the end, -1 on giving up. `event` is all zero before.
    int (*next)(void *reader, struct trace_event *event);

    // Fills in event->process; may be NULL when `next` does.
    void (*name_process)(const void *reader, struct trace_event *event);

    void (*close)(void *reader);
};

// All formats, ending with NULL, in the order in which they are tried.
extern const struct trace_format_ops *const trace_formats[];

const struct trace_format_ops *trace_format_detect(const struct trace_input *input);

// The format of a description NAME or NAME: MORE; `more` becomes what follows the colon, or NULL. NULL with the
// reason in `diag`.
const struct trace_format_ops *trace_format_named(struct diag *diag, const char *text, const char **more);

// Says in `diag` what the recording, of no known format, looks like. Returns -1.
int trace_tell_unknown(struct diag *diag, const struct trace_input *input);

#endif
