// The block layer between the workload's requests and the driver's queues.
#ifndef SQTAIL_HOST_DRIVER_LAYER_H
#define SQTAIL_HOST_DRIVER_LAYER_H

#include "host/driver/host_internal.h"

// Once the drive's limits are known. `done` is called for each request whose bio is complete.
typedef void layer_done_fn(struct host *host, struct host_request *request, const struct breakdown *path);
void layer_create(struct host *host, layer_done_fn *done);
void layer_destroy(struct host *host);

void layer_add_request(struct host *host, struct host_request *request);

// Nothing more is submitted at this moment: plugs of CPUs end, and all when the workload waits.
void layer_rest(struct host *host);

// The command with this tag has completed; its path is known.
void layer_complete(struct host_queue *queue, struct host_tag *tag, bool failed);
void layer_resume(struct host_queue *queue);

#endif
