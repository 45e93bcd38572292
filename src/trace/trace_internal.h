// What the trace room and its tests share beyond trace/trace.h.
#ifndef SQTAIL_TRACE_TRACE_INTERNAL_H
#define SQTAIL_TRACE_TRACE_INTERNAL_H

#include <stddef.h>

#include "trace/trace.h"

// As trace_open, of bytes in memory that are called `path` in messages; they may be compressed.
struct trace *trace_open_memory(struct diag *diag, const char *path, const void *bytes, size_t size,
                                const struct trace_options *options);

#endif
