// The plugs of a recording's processes: who holds requests back, and when they are let go. Internal to the trace room.
#ifndef SQTAIL_TRACE_BUILD_PLUGS_H
#define SQTAIL_TRACE_BUILD_PLUGS_H

#include <stdbool.h>
#include <stdint.h>

#include "trace/pair_map.h"

#define PLUGS_NONE UINT64_MAX

enum plug_fate {
    PLUG_NONE = 0,
    PLUG_HELD = 1,   // the request is in the plug
    PLUG_OPEN = 2,   // and what ends the plug is not known yet
    PLUG_CLOSED = 4, // it is known now: nothing does before the next request of the process,
    PLUG_ENDS = 8,   // or the plug's end comes after this one,
    PLUG_SLEEPS = 16, // or the process sleeps
    PLUG_SLEPT = 32   // it slept before this one had its place
};

struct plug_process {
    uint64_t last; // its request queued last; PLUGS_NONE: none
    bool holds;    // its plug has something in it
    bool made;     // the last one became a request of its own, and its place is not known yet
    bool joined;   // the last one is in a request or has its place
    bool issued;   // since `made` the process has issued something: the plug was full, or has ended
};

struct plugs {
    struct pair_map of; // process and device -> below
    struct plug_process *processes;
    uint64_t count;
};

// What has become known of a request: bits of enum plug_fate.
typedef void plugs_tell_fn(void *context, uint64_t request, unsigned fate);

void plugs_init(struct plugs *plugs);
void plugs_destroy(struct plugs *plugs);

// An event of the device by the process `pid`; `action` is one of enum blktrace_action. With BLKTRACE_QUEUE `request` is
// the request's number.
void plugs_note(struct plugs *plugs, uint32_t pid, uint32_t device, unsigned action, uint64_t request,
                plugs_tell_fn *tell, void *context);

#endif
