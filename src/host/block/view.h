// The block layer as Linux shows it.
#ifndef SQTAIL_HOST_BLOCK_VIEW_H
#define SQTAIL_HOST_BLOCK_VIEW_H

#include <stdio.h>

#include "host/block/block.h"

// Which CPU has which software queue, hardware queue and interrupt vector, as the files of /sys/block/DISK/mq tell.
void block_print_map(const struct block *block, FILE *to);

// What each queue did and holds, as the files of /sys/kernel/debug/block/DISK tell.
void block_print_queues(const struct block *block, FILE *to);

#endif
