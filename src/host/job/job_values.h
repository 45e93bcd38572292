// fio's syntax of values.
#ifndef SQTAIL_HOST_JOB_JOB_VALUES_H
#define SQTAIL_HOST_JOB_JOB_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "host/job/job_options.h"

// Each reads `text`, whole, and returns false where it is not one.
bool job_value_size(const char *text, uint64_t *value);                    // 4k, 4kb, 4KiB, 1.5m: powers of 1024
bool job_value_time(const char *text, tick_t without_unit, tick_t *value); // 10s, 500ms, 2m
bool job_value_range(const char *text, struct job_range *range);           // 4k-64k
bool job_value_name(const char *text, size_t room);                        // letters, digits, - and _, or nothing
bool job_value_split(const char *text, struct job_split *split);           // 4k/60:64k/40, 4k/60:64k/:8k/

#endif
