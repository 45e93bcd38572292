// Where requests come from, in order of time: a recording, or what a filter (trace/filter/) makes of another source's.
// Filters stand one upon the other and read as they are read, so that any number of them takes no memory by length.
#ifndef SQTAIL_TRACE_SOURCE_H
#define SQTAIL_TRACE_SOURCE_H

#include "trace/trace.h"

struct request_source_ops {
    // As trace_next, and the same after each rewind.
    bool (*next)(struct request_source *source, struct trace_request *request);

    // The first is next. NULL: there is nothing to do but to rewind `inner`.
    void (*rewind)(struct request_source *source);

    // Whether it ended before its time, with the reason told. NULL: never, unless `inner` did.
    bool (*failed)(const struct request_source *source);

    // Frees the source itself; `inner` is destroyed after it. NULL: it is part of something else.
    void (*destroy)(struct request_source *source);
};

// The first member of every source.
struct request_source {
    const struct request_source_ops *ops;
    struct request_source *inner; // that it reads, and owns; NULL: none, or several
};

static inline bool request_source_next(struct request_source *source, struct trace_request *request)
{
    return source->ops->next(source, request);
}

void request_source_rewind(struct request_source *source);
bool request_source_failed(const struct request_source *source);
void request_source_destroy(struct request_source *source); // NULL: nothing

#endif
