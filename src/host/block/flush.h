// The flush machine: preflush, data, postflush, each step after the one before, and flushes that are shared.
#ifndef SQTAIL_HOST_BLOCK_FLUSH_H
#define SQTAIL_HOST_BLOCK_FLUSH_H

#include "host/block/block_internal.h"

void flush_init(struct hardware_queue *queue);

// Takes a flush, or a write with a preflush. `done` is called for a request whose last step is over.
typedef void flush_done_fn(struct block *block, struct block_request *request, bool failed);
void flush_insert(struct block *block, struct block_request *request, flush_done_fn *done);

// Whether the request is the machine's own flush, or the data of one that it has; these come back to it.
bool flush_owns(const struct block_request *request);
void flush_completed(struct block *block, struct block_request *request, bool failed, flush_done_fn *done);

#endif
