// A recording in memory stands in for the trace room's.
#ifndef SQTAIL_TESTS_HOST_FAKE_TRACE_H
#define SQTAIL_TESTS_HOST_FAKE_TRACE_H

#include "trace/source.h"

struct trace {
    struct request_source source;
    struct trace_info info;
    struct trace_request *requests;
    uint64_t next;
};

#endif
