// Several synthetic jobs at once.
#ifndef SQTAIL_HOST_JOB_JOBS_H
#define SQTAIL_HOST_JOB_JOBS_H

#include "host/job/job_options.h"
#include "host/workload.h"

enum { JOBS_MAX = 64 };

// One workload of all, each a group of it; of a single one its own (host/job/job.h). NULL with all errors in `diag`, those
// of job 2 at {"--job 2", 1, column}. The texts must outlive the workload.
struct workload *jobs_create(const char *const *texts, uint32_t count, struct diag *diag);

// A load of several, and the words that say what it is, which must outlive it.
struct load_part {
    struct workload *workload;
    const char *text;
};

// One workload of all, which it takes over, each a group of it; of a single one that itself. NULL with the reason in
// `diag` when two have one name.
struct workload *jobs_beside(const struct load_part *parts, uint32_t count, struct diag *diag);

// The parts of jobs_create, of which there may be more. Returns 0, or -1 with all errors in `diag`.
int jobs_create_parts(const char *const *texts, uint32_t count, struct load_part *parts, struct diag *diag);

// As jobs_create, of texts that stand elsewhere.
struct workload *jobs_create_of(const struct job_text *texts, uint32_t count, struct diag *diag);

// What joins and parts the texts of several where they are one.
#define JOBS_SEPARATOR " | "

#endif
