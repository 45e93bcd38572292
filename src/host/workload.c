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

uint64_t workload_requests_done(const struct workload *workload, uint64_t completed)
{
    return workload->ops->done == NULL ? completed : workload->ops->done(workload);
}

tick_t workload_ramp_end(const struct workload *workload)
{
    return workload->ops->ramp_end == NULL ? 0 : workload->ops->ramp_end(workload);
}

tick_t workload_until(struct workload *workload)
{
    return workload->ops->until == NULL ? 0 : workload->ops->until(workload);
}

size_t workload_stats(struct workload *workload, struct stat_group *groups, size_t at_most)
{
    return workload->ops->stats == NULL ? 0 : workload->ops->stats(workload, groups, at_most);
}

void workload_destroy(struct workload *workload)
{
    if (workload != NULL)
        workload->ops->destroy(workload);
}
