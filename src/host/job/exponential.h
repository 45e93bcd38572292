// Exponential numbers.
#ifndef SQTAIL_HOST_JOB_EXPONENTIAL_H
#define SQTAIL_HOST_JOB_EXPONENTIAL_H

#include <stdint.h>

// -ln((u | 1) / 2^64) as a fraction of 2^32.
uint64_t exponential_q32(uint64_t u);

#endif
