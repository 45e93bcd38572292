// What is the same for all workloads.
#include "host/workload.h"

int workload_check(struct workload *workload, uint64_t capacity_bytes, uint32_t block_bytes, struct diag *diag)
{
    struct workload_drive drive = {.capacity_bytes = capacity_bytes, .block_bytes = block_bytes};
    return workload->ops->check(workload, &drive, diag);
}

uint64_t workload_request_count(const struct workload *workload)
{
    return workload->ops->count(workload);
}

void workload_destroy(struct workload *workload)
{
    if (workload != NULL)
        workload->ops->destroy(workload);
}
