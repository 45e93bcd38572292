// A synthetic job, in fio's words, that is like a recording; and how like it is.
#ifndef SQTAIL_CHARACTERIZE_CHARACTERIZE_H
#define SQTAIL_CHARACTERIZE_CHARACTERIZE_H

#include <stdio.h>

#include "characterize/distance.h"
#include "util/diag.h"

struct characterization {
    char *job; // "rw=randread bs=4k ..."
    struct profile *recorded, *made; // what is like what
    struct distances distances;
    unsigned tried; // jobs
};

// Reads the source several times. Returns 0, or -1 with the reason in `diag`.
int characterize(struct characterization *c, struct request_source *source, struct diag *diag);
void characterization_free(struct characterization *c);

// The job with how near it is; `path` is what was read.
void characterization_print(const struct characterization *c, FILE *to);
void characterization_write_json(const struct characterization *c, const char *path, FILE *to);

// A job file for fio and for `sqtail run --fio`.
void characterization_write_fio(const struct characterization *c, const char *path, FILE *to);

#endif
