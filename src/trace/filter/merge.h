// Several sources as one, in order of time.
#ifndef SQTAIL_TRACE_FILTER_MERGE_H
#define SQTAIL_TRACE_FILTER_MERGE_H

#include "trace/source.h"

// `inner` are `count` sources, which it owns; the array is copied. Of equal times those of an earlier source come
// first. `number`: what comes from source i is of device i; else devices stay what they were.
struct request_source *merge_create(struct request_source *const *inner, uint32_t count, bool number);

#endif
