// What a job shares with those beside it.
#ifndef SQTAIL_HOST_JOB_JOB_INTERNAL_H
#define SQTAIL_HOST_JOB_JOB_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "host/job/job_options.h"
#include "host/workload.h"

// The ramp of all jobs that run at once: it is over when none counts its requests any more and its time has come.
struct job_ramp {
    uint32_t counting;    // jobs whose ramp_ios have not all come
    tick_t end;           // of the last ramp_time; 0: none
    bool by_count;        // some counted
    tick_t measured_from; // TICK_NEVER: not known yet
};

// As job_create, of the words of the job number `index`; errors are said to be where the text is.
struct workload *job_create_one_of(const struct job_text *text, uint32_t index, struct diag *diag);

const struct job_options *job_get_options(const struct workload *workload);
void job_set_first_cpu(struct workload *workload, uint32_t cpu);

// In place of its start: each joins the ramp, then it is sealed.
void job_join(struct workload *workload, struct job_ramp *ramp, const struct workload_start *start);
void job_ramp_seal(struct job_ramp *ramp, tick_t now);

// When it begins to issue, once it has joined.
tick_t job_begins(const struct workload *workload);

#endif
