// The registry of workloads.
#include "host/job/job.h"
#include "host/replay/replay.h"
#include "host/workload.h"
#include "util/macros.h"

const struct workload_kind workload_registry[] = {
    {&replay_ops, replay_options_table},
    {&job_ops, job_options_table},
};
const size_t workload_registry_count = ARRAY_SIZE(workload_registry);
