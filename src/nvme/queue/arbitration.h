// Which submission queue is fetched from next: NVMe 1.4, section 4.13.
//
// A policy keeps the queues that have entries to fetch in lists of its own. It is one `.c` file with one ops table
// and one line in nvme_arbitrations.
#ifndef SQTAIL_NVME_QUEUE_ARBITRATION_H
#define SQTAIL_NVME_QUEUE_ARBITRATION_H

#include <stdint.h>

#include "spec/nvme.h"
#include "util/list.h"

// A submission queue as the arbiter sees it.
struct nvme_contender {
    struct list_link link;
    uint32_t admin;    // 1 for the admin queue
    uint32_t priority; // enum nvme_qprio
    uint32_t burst;    // commands left of the queue's turn
};

enum { NVME_BURST_UNLIMITED = 0x7fffffff };

struct nvme_arbiter {
    uint32_t burst;                      // commands of one queue at a time
    uint32_t weights[NVME_QPRIO_COUNT];  // commands of one class at a time; for high, medium and low
    uint32_t credits[NVME_QPRIO_COUNT];  // left of the present class' turn
    uint32_t turn;                       // the class whose turn it is
    struct list queues[NVME_QPRIO_COUNT];
    struct list admin;
};

struct nvme_arbitration_ops {
    const char *name;
    const char *help;
    uint32_t ams; // the value of CC.AMS that selects it
    // A queue has entries to fetch and is in no list: it is put at the end of its list.
    void (*enter)(struct nvme_arbiter *arbiter, struct nvme_contender *queue);
    // Takes off its list the queue to fetch from and sets `limit`, the commands it may have in this fetch; NULL when
    // no queue has entries.
    struct nvme_contender *(*pick)(struct nvme_arbiter *arbiter, uint32_t *limit);
    // `count` commands of the picked queue are fetched; it is still in no list. When it has `more` entries it goes
    // back to its list: in front while its turn lasts, else to the end.
    void (*served)(struct nvme_arbiter *arbiter, struct nvme_contender *queue, uint32_t count, int more);
};

extern const struct nvme_arbitration_ops nvme_arbitration_round_robin, nvme_arbitration_weighted_round_robin;

// All policies, by CC.AMS, and their names, ending with NULL.
enum { NVME_ARBITRATION_COUNT = 2 };
extern const struct nvme_arbitration_ops *const nvme_arbitrations[NVME_ARBITRATION_COUNT];
extern const char *const nvme_arbitration_names[];

// Empties the lists and takes bursts and weights from feature 01h's value (5.21.1.1).
void nvme_arbiter_reset(struct nvme_arbiter *arbiter, uint32_t feature);
void nvme_arbiter_configure(struct nvme_arbiter *arbiter, uint32_t feature);

#endif
