// A source, several times over: each time begins when the one before has ended, its last request complete.
#ifndef SQTAIL_TRACE_FILTER_REPEAT_H
#define SQTAIL_TRACE_FILTER_REPEAT_H

#include "trace/source.h"

// Reads `inner` once, for how long it is. `gap_ns` passes between two times. NULL with the reason in `diag` when it
// would be longer than times can tell; `inner` is destroyed then.
struct request_source *repeat_create(struct request_source *inner, uint64_t times, uint64_t gap_ns, struct diag *diag);

#endif
