// What readers find that is not as it should be, counted. Internal to the trace room.
#ifndef SQTAIL_TRACE_FAULT_H
#define SQTAIL_TRACE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "util/diag.h"

// Shared by the layers that may find something.
struct trace_faults {
    struct diag *diag;
    uint64_t allowed;
    uint64_t found;  // malformed records or lines
    uint64_t unread; // at most so many events were in what was malformed or cut off
    uint64_t passed; // what was passed over without being malformed: as trace_info's
    uint64_t disordered, late, unaligned; // as trace_info's
    bool out_of_order; // a reader has seen that its events are not in order of time
    bool broken;       // the bytes could not be read to their end, which `diag` tells: reading fails
};

// Counts a fault at `place`. 0: go on; -1: enough were reported, give up.
int trace_fault(struct trace_faults *faults, struct place place, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
