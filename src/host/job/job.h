// A synthetic workload in fio's words.
#ifndef SQTAIL_HOST_JOB_JOB_H
#define SQTAIL_HOST_JOB_JOB_H

#include "host/workload.h"

extern const struct workload_ops job_ops;
extern const struct workload_option job_options_table[];

struct job_text;

// As job_create, of the words of the job number `index`; errors are said to be where the text is.
struct workload *job_create_one_of(const struct job_text *text, uint32_t index, struct diag *diag);

// Reads "rw=randread bs=4k iodepth=64 ...". NULL with all errors in `diag`, each at {place_file, 1, column}.
struct workload *job_create(const char *text, struct diag *diag);

#endif
