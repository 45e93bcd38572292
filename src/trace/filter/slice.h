// A part of a source: requests that are all of what is asked for.
#ifndef SQTAIL_TRACE_FILTER_SLICE_H
#define SQTAIL_TRACE_FILTER_SLICE_H

#include "trace/source.h"

enum { SLICE_CPUS_MAX = 64 };

struct slice_options {
    uint64_t from_ns, to_ns; // time: from <= time < to; to_ns 0: to the end
    bool keep_times;         // else times count from from_ns
    uint32_t kinds;          // a bit for each enum io_kind; 0: all
    uint64_t from_offset, to_offset; // bytes: that begin there, and all flushes; to_offset 0: to the end
    uint32_t cpu_count;      // 0: all
    struct slice_cpus {
        uint32_t first, last;
    } cpus[SLICE_CPUS_MAX];
    uint64_t skip;           // of all those, so many from the front,
    uint64_t count;          // and at most so many after them; 0: all
};

struct request_source *slice_create(struct request_source *inner, const struct slice_options *options);

#endif
