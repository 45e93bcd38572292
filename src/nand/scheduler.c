// The registry of die schedulers.
#include "nand/scheduler.h"

const struct scheduler_ops *const schedulers[] = {&scheduler_fifo, &scheduler_read_priority};
const char *const scheduler_names[] = {"fifo", "read_priority", NULL};
const size_t scheduler_count = ARRAY_SIZE(schedulers);
