// Plugs: requests that their task holds back, so that the next bios may join them.
#ifndef SQTAIL_HOST_BLOCK_PLUG_H
#define SQTAIL_HOST_BLOCK_PLUG_H

#include "host/block/block_internal.h"

// Holds the request back; a plug that is full, or whose last request is large, is emptied first.
void plug_add(struct block *block, struct block_task *task, struct block_request *request);

// Empties it: because its task is at its end, or goes to sleep.
void plug_end(struct block *block, struct block_task *task);
void plug_sleep(struct block *block, struct block_task *task);

#endif
