// What `sqtail trace` prints and writes: a recording's summary, its first events, and the whole in another format.
#ifndef SQTAIL_TRACE_WRITE_CONVERT_H
#define SQTAIL_TRACE_WRITE_CONVERT_H

#include <stdint.h>
#include <stdio.h>

#include "trace/trace.h"

struct trace_event;

// What a format may have no place for. It is told how often that was needed.
#define TRACE_LOSS_LIST(X)                                                      \
    X(LATENCY, "recorded latencies")                                            \
    X(FUA, "that a write must be on the medium")                                \
    X(ZEROES, "write-zeroes, which become writes")                              \
    X(NANOSECONDS, "parts of a microsecond")                                    \
    X(RANGES, "trims of several ranges, which become several")                  \
    X(DEVICES, "which of several devices")

enum trace_loss {
#define TRACE_LOSS_ENUM(id, name) LOSS_##id,
    TRACE_LOSS_LIST(TRACE_LOSS_ENUM)
#undef TRACE_LOSS_ENUM
    LOSS_COUNT
};

// A format that can be written, of events or of requests: one of `event` and `request` is NULL.
struct trace_writer_ops {
    const char *name;
    const char *help;
    unsigned loses; // of requests: bits of enum trace_loss

    // Called once, before anything else; writes what comes first. May be NULL, then `state` is NULL throughout.
    void *(*begin)(FILE *to);

    // Writes one event, its process named where known. NULL, or why the format cannot hold it.
    const char *(*event)(void *state, const struct trace_event *event, FILE *to);
    void (*request)(void *state, const struct trace_request *request, FILE *to);

    // Called once, after all else was written; may be NULL.
    void (*finish)(void *state, FILE *to);
    void (*end)(void *state); // frees the state; may be NULL
};

// All formats that can be written, ending with NULL.
extern const struct trace_writer_ops *const trace_writers[];

// Writes the recording at `path` as `format`, the name of one of trace_writers. Returns 0, or -1 with the reasons in
// `diag`. `options` as for trace_open; its action matters only to formats of requests.
int trace_convert(struct diag *diag, const char *path, const struct trace_options *options, const char *format,
                  FILE *to);

// Writes what a source gives, whole requests, in any format. `name` is what they were read from. Returns as
// trace_convert.
int trace_write(struct diag *diag, struct request_source *source, const char *name, const char *format, FILE *to);

// What else was found in a recording: counters of trace_info, told where they are not 0. Ends with a name of NULL.
struct trace_count {
    const char *name, *shown, *meaning;
    size_t offset;
};
extern const struct trace_count trace_counts[];
uint64_t trace_count_of(const struct trace_info *info, const struct trace_count *count);

void trace_print_info(const struct trace_info *info, FILE *to);

// The first `count` events as blkparse prints them. Returns as trace_convert.
int trace_print_head(struct diag *diag, const char *path, const struct trace_options *options, uint64_t count,
                     FILE *to);

#endif
