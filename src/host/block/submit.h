// From the bio to its requests.
#ifndef SQTAIL_HOST_BLOCK_SUBMIT_H
#define SQTAIL_HOST_BLOCK_SUBMIT_H

#include "host/block/block_internal.h"

void submit_bio(struct block *block, struct block_bio *bio);

// Empties plugs: of CPUs, at their end; of all tasks, because they go to sleep.
void submit_end_plugs(struct block *block);
void submit_sleep(struct block *block);

// Tasks that sleep for a tag of the queue go on, in the order in which they went to sleep, while there is one.
void submit_wake(struct hardware_queue *queue);

// The request's last step is over: its parts, too, and its tags are free.
void submit_end_request(struct block *block, struct block_request *request, bool failed);

#endif
