// Who queued what a driver was given. Internal to the trace room.
#ifndef SQTAIL_TRACE_BUILD_QUEUERS_H
#define SQTAIL_TRACE_BUILD_QUEUERS_H

#include "trace/build/pending.h"

struct queuer {
    uint64_t sector;
    uint32_t place; // device and class
    uint32_t pid;
    bool is;
};

struct queuers {
    struct queuer *queuers; // by a hash of where; NULL: nothing was queued yet
};

void queuers_destroy(struct queuers *queuers);

// That process queued a request, or the part of one, that begins there.
void queuers_note(struct queuers *queuers, struct pending_key key, uint32_t pid);

// Takes out who queued what begins there; `otherwise` where that is not known.
uint32_t queuers_take(struct queuers *queuers, struct pending_key key, uint32_t otherwise);

#endif
