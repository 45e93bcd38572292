// fio's job files.
#ifndef SQTAIL_HOST_JOB_JOB_FILE_H
#define SQTAIL_HOST_JOB_JOB_FILE_H

#include "host/job/job_options.h"
#include "util/diag.h"

// Its jobs, in the words of host/job/job_options.h: each as a text that would do as a job given alone, whose words' places
// in the file are known.
struct job_file {
    struct job_text *texts;
    uint32_t count;
    char **names; // of files: it and what it includes
    size_t name_count;
};

// NULL with the reasons in `diag`. What has no effect here is told in notes.
struct job_file *job_file_read(const char *path, struct diag *diag);
void job_file_destroy(struct job_file *file); // NULL: nothing to do

#endif
