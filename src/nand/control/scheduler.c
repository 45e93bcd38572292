// The registry of die schedulers.
#include "nand/control/scheduler.h"

#define SCHEDULER_OPS(name) &scheduler_##name,
#define SCHEDULER_NAME(name) #name,
const struct scheduler_ops *const schedulers[] = {SCHEDULER_LIST(SCHEDULER_OPS)};
const char *const scheduler_names[] = {SCHEDULER_LIST(SCHEDULER_NAME) NULL};
const size_t scheduler_count = ARRAY_SIZE(schedulers);
