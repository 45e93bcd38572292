// Rows of targets from files that measurements come in.
#ifndef SQTAIL_CALIBRATE_TARGETS_H
#define SQTAIL_CALIBRATE_TARGETS_H

#include "calibrate/problem.h"

struct targets_source {
    struct calibrate_problem *problem;
    char *path;
    const struct text_list *jobs; // words of each row, beside those of the file
    const struct text_list *use;  // metrics to take; empty: all
    double weight;
    struct diag *diag;
};

// Add a row for each line, or each job, of the file. Return 0, or -1 with the reasons.
int targets_read_csv(const struct targets_source *source);
int targets_read_fio(const struct targets_source *source);

bool targets_uses(const struct targets_source *source, const char *metric);

// The row of a job's words and the source's own.
size_t targets_add_row(const struct targets_source *source, struct place place, const char *words);

#endif
