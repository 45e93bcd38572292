// Every number of a result as a row: the one list from which summary.json and stats.csv are written.
#ifndef SQTAIL_REPORT_DATA_ROWS_H
#define SQTAIL_REPORT_DATA_ROWS_H

#include "report/report.h"

enum { ROW_TEXT = 32 }; // longest number as text, its end included

struct row {
    const char *group; // path of objects in summary.json, joined by '.', such as "commands.read.latency_us"
    const char *name;
    const char *unit;  // "1" for pure numbers
    bool is_whole;
    uint64_t whole;
    double real;
};

typedef void row_fn(void *context, const struct row *row);

void report_visit_rows(const struct report_input *input, row_fn *visit, void *context);

// The number as text with up to 12 digits, as JSON would have it; "" for what is no number.
void row_format(const struct row *row, char text[ROW_TEXT]);

#endif
