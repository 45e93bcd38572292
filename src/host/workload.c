// The registry of workloads.
#include "host/workload.h"

#include "host/job.h"
#include "host/replay.h"
#include "util/macros.h"

const struct workload_kind workload_registry[] = {
    {&replay_ops, replay_options_table},
    {&job_ops, job_options_table},
};
const size_t workload_registry_count = ARRAY_SIZE(workload_registry);

int workload_check(struct workload *workload, uint64_t capacity_bytes, uint32_t block_bytes, struct diag *diag)
{
    struct workload_drive drive = {.capacity_bytes = capacity_bytes, .block_bytes = block_bytes};
    return workload->ops->check(workload, &drive, diag);
}

void workload_destroy(struct workload *workload)
{
    if (workload != NULL)
        workload->ops->destroy(workload);
}
