// A recording in memory: the requests of an array.
#ifndef SQTAIL_TESTS_TRACE_RECORDED_H
#define SQTAIL_TESTS_TRACE_RECORDED_H

#include "trace/source.h"
#include "util/macros.h"

struct recorded {
    struct request_source source;
    const struct trace_request *requests;
    size_t count, next;
};

static inline bool recorded_next(struct request_source *source, struct trace_request *request)
{
    struct recorded *r = container_of(source, struct recorded, source);
    if (r->next == r->count)
        return false;
    *request = r->requests[r->next++];
    return true;
}

static inline void recorded_rewind(struct request_source *source)
{
    container_of(source, struct recorded, source)->next = 0;
}

static const struct request_source_ops recorded_ops = {.next = recorded_next, .rewind = recorded_rewind};

#define RECORDED_OF(array, many) {.source = {.ops = &recorded_ops}, .requests = array, .count = many}
#define RECORDED(array) RECORDED_OF(array, ARRAY_SIZE(array))

#endif
