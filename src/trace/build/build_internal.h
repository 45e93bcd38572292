// What the files that make requests from events share.
#ifndef SQTAIL_TRACE_BUILD_BUILD_INTERNAL_H
#define SQTAIL_TRACE_BUILD_BUILD_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/build/build.h"
#include "trace/build/discards.h"
#include "trace/pair_map.h"
#include "trace/build/pending.h"
#include "trace/build/plugs.h"
#include "trace/build/queuers.h"
#include "trace/build/sequences.h"

enum { VOID = UINT32_MAX };

#define NONE UINT64_MAX

// A request, as long as something may still be learned of it.
struct draft {
    struct trace_request request;
    struct io_range *ranges; // its own, that request.ranges are once it is given
    uint32_t range_count;
    uint32_t device;
    uint32_t parts;      // not completed; VOID: given back to the kernel
    bool whole;          // no completion follows
    bool in_steps;       // of builder.in_steps: what it was made of may complete, too
    bool shared;         // its completion may be another one's
    bool unfollowed;     // a discard of which is not known what was queued
    bool open_plug;      // the last one in a plug of which it is not known when it ends
    uint64_t reissue;    // the request that may be this one again, or NONE
};

// What is counted of the requests to a device: as in trace_info, where those of the chosen one go.
struct device_counts {
    uint64_t requests, completed, unanswered, untrusted, preflushes, unfollowed;
    uint64_t by_kind[IO_KIND_COUNT], bytes_by_kind[IO_KIND_COUNT];
    uint64_t end_offset, granularity;
    bool has_empty;
    uint64_t slowest_ns; // recorded latency
    bool *cpus;          // that issued any
    uint32_t cpu_limit;
};

struct device {
    uint32_t number;
    bool remapped;   // requests to it went on to another device
    bool queued;     // it has events of the queue
    uint64_t issues;
    struct device_counts counts; // of a survey
};

// Requests are numbered in order of time. Those from `first` on are in memory, in a ring.
struct builder {
    struct trace_events *events;
    struct trace_info info; // what is counted of events; all else is counted of requests
    unsigned action; // BLKTRACE_ISSUE or BLKTRACE_QUEUE
    uint64_t now_ns;
    bool more;       // the request added last is not whole yet
    bool ended;      // all events are read
    struct draft *drafts;
    uint64_t capacity, window;
    uint64_t first, count;
    struct draft given; // the one given last
    struct pending pending;
    uint64_t sweep_at;  // pending ones: time to forget those of requests that are no longer in memory
    struct discards discards;
    struct plugs plugs;
    struct queuers queuers;
    struct sequences sequences;
    struct pair_map in_steps; // (sector, device) -> the last write there that the kernel may do in several steps
    struct device *devices;
    uint64_t device_count;
    struct pair_map device_index;
};

// The device of that number, new when there was none. Valid until the next call.
struct device *build_device(struct builder *b, uint32_t number);

// Which device's requests are replayed: fills in info->device, every_device and device_count, and brings the devices to
// the front that requests went to, the chosen one first. Returns 0, or -1 with
// the reason in `diag`.
int build_choose_device(struct builder *b, struct diag *diag, const char *wanted, struct trace_info *info);

// The next request, whatever its device: as build_next. It stays until the next call.
int build_next_draft(struct builder *b, const struct draft **draft);

#endif
