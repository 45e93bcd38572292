// Which of the operations waiting for a die goes next: a registry of policies.
#ifndef SQTAIL_NAND_SCHEDULER_H
#define SQTAIL_NAND_SCHEDULER_H

#include <stddef.h>

#include "nand/nand.h"

enum { DIE_QUEUE_CLASSES = 3 };

// The operations that wait for one die; all zeroes is empty. What the classes are is the policy's matter.
struct die_queue {
    struct list classes[DIE_QUEUE_CLASSES];
    uint32_t waiting;
};

// Programs and erases leave the queue in the order in which they came, under every policy: a block is programmed in
// the order of its rows.
struct scheduler_ops {
    const char *name;
    const char *help;
    // Which class `op` waits in. It joins at the class' end; an operation that goes on, as a read-retry step does, at
    // its head.
    unsigned (*class_of)(const struct nand_op *op);
    // The class whose head goes next. At least one operation waits. `bound` is nand.starvation_bound.
    unsigned (*pick)(const struct die_queue *queue, tick_t now, tick_t bound);
};

// The policies, a line each: the file sched_NAME.c defines scheduler_NAME.
#define SCHEDULER_LIST(X) \
    X(fifo)               \
    X(read_priority)

#define SCHEDULER_EXTERN(name) extern const struct scheduler_ops scheduler_##name;
SCHEDULER_LIST(SCHEDULER_EXTERN)
#undef SCHEDULER_EXTERN

extern const struct scheduler_ops *const schedulers[];
extern const char *const scheduler_names[]; // ends with NULL
extern const size_t scheduler_count;

static inline struct nand_op *die_queue_head(const struct die_queue *queue, unsigned class)
{
    struct list_link *link = queue->classes[class].head;
    return link == NULL ? NULL : container_of(link, struct nand_op, backend.link);
}

#endif
