// What the drive must give back, where it keeps contents.
#ifndef SQTAIL_HOST_DRIVER_CONTENTS_H
#define SQTAIL_HOST_DRIVER_CONTENTS_H

#include <stdbool.h>
#include <stdint.h>

struct host;
struct host_queue;
struct nvme_sqe;

// From now on data are written and checked. Once the drive's capacity is known.
void contents_create(struct host *host);
void contents_destroy(struct host *host);

// The command is about to be sent: a write gets its data.
void contents_sent(struct host_queue *queue, const struct nvme_sqe *sqe);

// It has completed: what a read has brought is checked. Returns what is wrong with it, or with one before; NULL: nothing.
const char *contents_completed(struct host_queue *queue, uint32_t tag, bool failed);

#endif
