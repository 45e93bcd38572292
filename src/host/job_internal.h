// What a job shares with its unit test.
#ifndef SQTAIL_HOST_JOB_INTERNAL_H
#define SQTAIL_HOST_JOB_INTERNAL_H

#include <stdint.h>

// -ln((u | 1) / 2^64) as a fraction of 2^32.
uint64_t job_exponential_q32(uint64_t u);

#endif
