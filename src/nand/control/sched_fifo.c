// First come, first served.
#include "nand/control/scheduler.h"

static unsigned class_of(const struct nand_op *op)
{
    (void)op;
    return 0;
}

static unsigned pick(const struct die_queue *queue, tick_t now, tick_t bound)
{
    (void)queue, (void)now, (void)bound;
    return 0;
}

const struct scheduler_ops scheduler_fifo = {
    .name = "fifo",
    .help = "in order of arrival",
    .class_of = class_of,
    .pick = pick,
};
