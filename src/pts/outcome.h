// What came of a test: the report's tables, files and plots.
//
// A folder: pts.json (schema sqtail.pts/1), rounds.csv with a row for each cell of each round, table.csv with the means
// over the measurement window, response-times.hgrm where there are any, host.json, and plots.
#ifndef SQTAIL_PTS_OUTCOME_H
#define SQTAIL_PTS_OUTCOME_H

#include <stdio.h>

#include "pts/course.h"
#include "report/folder/folder.h"
#include "report/report.h"

#define PTS_SCHEMA "sqtail.pts/1"

struct pts_outcome {
    const struct pts_course *course;
    const struct report_input *run; // the drive, how it was run, whether to the end
};

// Returns 0, or a negative number with the reasons in `diag`.
int pts_write(const struct pts_outcome *outcome, const char *folder, struct diag *diag);

// Once complete: the header, the rule and what it found, the tables.
void pts_print(const struct pts_outcome *outcome, FILE *to);

// --- one file each -------------------------------------------------------------------------------------------------

void pts_write_json(const struct pts_outcome *outcome, FILE *to);
void pts_write_rounds(const struct pts_outcome *outcome, FILE *to);
void pts_write_table(const struct pts_outcome *outcome, FILE *to);
void pts_plot(const struct pts_outcome *outcome, struct folder *folder);

#endif
