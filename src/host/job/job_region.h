// The part of the drive that is a job's.
#ifndef SQTAIL_HOST_JOB_JOB_REGION_H
#define SQTAIL_HOST_JOB_JOB_REGION_H

#include "host/job/job_options.h"
#include "host/workload.h"

struct job_region {
    uint64_t first, bytes; // where it begins, how large it is
    uint64_t io_size;      // bytes to move; 0: its own
};

// Of the job's clone number `index`. Returns 0, or -1 with the reason in `diag`, at `place`.
int job_region_check(const struct job_options *options, uint64_t index, const struct workload_drive *drive,
                     struct place place, struct diag *diag);

// Of one that has been checked.
struct job_region job_region_of(const struct job_options *options, uint64_t index, const struct workload_drive *drive);

#endif
