// Scheduler none: requests are issued as they come; those of a plug whose task went to sleep lie in the CPU's software
// queue until a worker sends them.
#include "host/block/scheduler.h"

const struct block_scheduler_ops block_none_ops = {
    .name = "none",
    .help = "issued as they come",
};
