// What the files that make requests from events share.
#ifndef SQTAIL_TRACE_BUILD_INTERNAL_H
#define SQTAIL_TRACE_BUILD_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/build.h"
#include "trace/discards.h"
#include "trace/pair_map.h"
#include "trace/pending.h"
#include "trace/sequences.h"

enum { VOID = UINT32_MAX };

#define NONE UINT64_MAX

// What is known of a request until all is read.
struct draft {
    uint32_t device;
    uint32_t parts;      // not completed; VOID: given back to the kernel
    bool shared;         // its completion may be another one's
    bool unfollowed;     // a discard of which is not known what was queued
    uint64_t reissue;    // the request that may be this one again, or NONE
    uint64_t discard;    // of discards.requests, or NONE
};

struct device {
    uint32_t number;
    bool remapped;   // requests to it went on to another device
    bool queued;     // it has events of the queue
    uint64_t issues;
    uint64_t requests;
};

struct builder {
    struct diag *diag;
    struct trace_events *events;
    struct trace_info *info;
    unsigned action; // BLKTRACE_ISSUE or BLKTRACE_QUEUE
    const char *wanted_device;
    uint64_t now_ns;
    bool more;       // the request added last is not whole yet
    struct trace_request *requests;
    struct draft *drafts;
    uint64_t count;
    struct pending pending;
    struct discards discards;
    struct sequences sequences;
    struct pair_map in_steps; // (sector, device) -> the last write there that the kernel may do in several steps
    struct device *devices;
    uint64_t device_count;
    struct pair_map device_index;
};

// The device of that number, new when there was none. Valid until the next call.
struct device *build_device(struct builder *b, uint32_t number);

// Which device's requests are replayed: fills in info->device. Returns 0, or -1 with the reason in `diag`.
int build_choose_device(struct builder *b);

// Once all events are read. Returns 0, or -1 with the reason in `diag` when nothing is to be replayed.
int build_finish(struct builder *b);

#endif
