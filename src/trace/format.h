// A format of recordings: one file, one ops table, one line in the registry.
#ifndef SQTAIL_TRACE_FORMAT_H
#define SQTAIL_TRACE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/fault.h"
#include "trace/trace_event.h"

struct trace_input;

struct trace_format_ops {
    const char *name;
    const char *help;
    bool lines; // places are line numbers, not bytes
    bool takes_more; // more than its name may be said of it
    const char *columns; // text that its columns describe (trace/read/columns.h); NULL: another

    // Whether the bytes, the start of a file, are of this format. The last line or record may be cut off.
    bool (*probe)(const struct trace_format_ops *ops, const uint8_t *bytes, size_t size);

    // Starts reading; `input` outlives the reader and holds at least one file that is not empty. NULL when nothing
    // can be read; the reasons are then in faults->diag. `more`: what the user says of the columns, or NULL.
    //
    // A recording is read more than once, each time by an `open` of its own; what is found is counted and told by
    // `faults` each time, and all but the first have one that nobody looks at.
    void *(*open)(const struct trace_format_ops *ops, const char *more, const struct trace_input *input,
                  struct trace_faults *faults);

    // The next event as it stands in the recording: 1, 0 at the end, -1 on giving up. `event` is all zero before, and
    // what it points to stays until the next call. Events are put in order of time, and time made to begin at 0, by
    // who calls it (trace/events.c).
    int (*next)(void *reader, struct trace_event *event);

    // Begins again from the front, with what was learned by the whole recording. NULL: closing and opening does.
    int (*rewind)(void *reader, struct trace_faults *faults);

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
