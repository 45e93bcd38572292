// From a submission queue entry to the function that executes it.
#ifndef SQTAIL_NVME_QUEUE_DISPATCH_H
#define SQTAIL_NVME_QUEUE_DISPATCH_H

#include "spec/nvme.h"

struct nvme;
struct nvme_sq;

// An entry has arrived: it is decoded, checked, executed.
void dispatch_start(struct nvme *nvme, struct nvme_sq *sq, const struct nvme_sqe *sqe);

#endif
