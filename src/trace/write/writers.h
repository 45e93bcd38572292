// What writers share. Internal to the trace room.
#ifndef SQTAIL_TRACE_WRITE_WRITERS_H
#define SQTAIL_TRACE_WRITE_WRITERS_H

#include "trace/write/convert.h"

// The writer of that name, or NULL with the reason.
const struct trace_writer_ops *trace_writer_find(struct diag *diag, const char *format);

// Whether all that was written has got there: 0, or -1 with the reason.
int trace_written(struct diag *diag, FILE *to);

// What was needed of requests and a format has no place for.
struct trace_losses {
    uint64_t counts[LOSS_COUNT];
    uint32_t device; // of the first request
    bool begun;      // there was one
};

void trace_losses_count(struct trace_losses *losses, const struct trace_writer_ops *writer,
                        const struct trace_request *request);
void trace_losses_tell(const struct trace_losses *losses, const struct trace_writer_ops *writer, struct diag *diag,
                       const char *path);

#endif
