// Host reads first, then reads of garbage collection, then programs and erases; each of these in order of arrival.
//
// So that a stream of reads cannot keep the drive from writing for ever, an operation that has waited longer than the
// bound makes the policy go by age: of the heads of the classes, the oldest. Hence nothing overtakes what came before
// it by more than the bound, and an erase cannot pass an older read of its block.
#include "nand/control/scheduler.h"

enum class { HOST_READS, OTHER_READS, WRITES };

static unsigned class_of(const struct nand_op *op)
{
    if (op->kind != NAND_READ)
        return WRITES;
    return op->source.urgency == NAND_URGENT ? HOST_READS : OTHER_READS;
}

static unsigned oldest_class(const struct die_queue *queue)
{
    tick_t oldest = TICK_NEVER;
    unsigned best = 0;
    for (unsigned class = 0; class < DIE_QUEUE_CLASSES; class++) {
        const struct nand_op *head = die_queue_head(queue, class);
        if (head != NULL && head->backend.queued < oldest) {
            oldest = head->backend.queued;
            best = class;
        }
    }
    return best;
}

static unsigned pick(const struct die_queue *queue, tick_t now, tick_t bound)
{
    unsigned first = HOST_READS;
    while (list_empty(&queue->classes[first]))
        first++;
    if (bound == 0 || first == WRITES)
        return first;
    unsigned oldest = oldest_class(queue);
    return now - die_queue_head(queue, oldest)->backend.queued > bound ? oldest : first;
}

const struct scheduler_ops scheduler_read_priority = {
    .name = "read_priority",
    .help = "host reads, then other reads, then programs and erases, within nand.starvation_bound",
    .class_of = class_of,
    .pick = pick,
};
