// From the queues to the driver.
#ifndef SQTAIL_HOST_BLOCK_DISPATCH_H
#define SQTAIL_HOST_BLOCK_DISPATCH_H

#include "host/block/block_internal.h"

// Goes to the driver at once.
void dispatch_issue(struct block *block, struct block_request *request, bool by_worker);

// Goes where the scheduler keeps requests, or its CPU's software queue; somebody must run the queue then.
void dispatch_insert(struct block *block, struct block_request *request);

// Goes before all that the queue has.
void dispatch_insert_first(struct block *block, struct block_request *request);

// Sends what may be sent: now, or when a worker comes.
void dispatch_run(struct hardware_queue *queue, bool by_worker);
void dispatch_run_later(struct hardware_queue *queue);

#endif
