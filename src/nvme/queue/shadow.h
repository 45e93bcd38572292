// Shadow doorbells: NVM Express 1.4, sections 5.7 and 7.13.
#ifndef SQTAIL_NVME_QUEUE_SHADOW_H
#define SQTAIL_NVME_QUEUE_SHADOW_H

#include <stdbool.h>
#include <stdint.h>

#include "nvme/reset.h"
#include "util/pool.h"

struct nvme_cq;
struct nvme_sq;

struct nvme_shadow {
    bool used;
    uint64_t doorbells, event_indices; // the host's two buffers
    uint64_t looks;                    // at a doorbell
    struct pool pool;
    // What was found there, which may be what was known; registered by who has the queues.
    void (*tail)(struct nvme *nvme, struct nvme_sq *sq, uint32_t tail);
    void (*head)(struct nvme *nvme, struct nvme_cq *cq, uint32_t head);
};

void shadow_create(struct nvme *nvme);
void shadow_destroy(struct nvme *nvme);
void shadow_reset(struct nvme *nvme, enum nvme_reset kind);

// The host has given its buffers.
void shadow_use(struct nvme *nvme, uint64_t doorbells, uint64_t event_indices);

// A new queue: the host is to ring with its first entry.
void shadow_open(struct nvme *nvme, const struct nvme_sq *sq);

// All that is known of the submission queue has been fetched: asks the host to ring when there is more, and looks
// whether there is already.
void shadow_look_at_tail(struct nvme *nvme, struct nvme_sq *sq);

// Somebody waits for the host to take entries of the completion queue.
void shadow_look_at_head(struct nvme *nvme, struct nvme_cq *cq);

#endif
