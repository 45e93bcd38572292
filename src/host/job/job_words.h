// The words of a job as text, which job_options.h gives a meaning.
#ifndef SQTAIL_HOST_JOB_JOB_WORDS_H
#define SQTAIL_HOST_JOB_JOB_WORDS_H

// "bs=4k iodepth=1" with the words of "iodepth=8" in place of its own; to be freed.
char *job_words_merge(const char *job, const char *words);

#endif
