// The schedulers that there are.
#include "host/block/scheduler.h"

#define ROW(id, name) [BLOCK_SCHEDULER_##id] = &block_##name##_ops,
const struct block_scheduler_ops *const block_schedulers[] = {BLOCK_SCHEDULER_LIST(ROW) NULL};
#undef ROW

#define ROW(id, name) [BLOCK_SCHEDULER_##id] = #name,
const char *const block_scheduler_names[] = {BLOCK_SCHEDULER_LIST(ROW) NULL};
#undef ROW
