// Completion queues that are polled instead of interrupting.
#ifndef SQTAIL_HOST_DRIVER_POLL_H
#define SQTAIL_HOST_DRIVER_POLL_H

#include "host/driver/host_internal.h"

// The device has written to the host's memory: looks whether it is an entry of a queue that is polled.
void poll_note_write(struct host *host, uint64_t address);

#endif
