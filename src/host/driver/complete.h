// Completion queue entries of queues that are polled.
#ifndef SQTAIL_HOST_DRIVER_COMPLETE_H
#define SQTAIL_HOST_DRIVER_COMPLETE_H

#include "host/driver/host_internal.h"

// Somebody has looked, and finds what is there.
void complete_poll(struct host_queue *queue);

#endif
