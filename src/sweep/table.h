// The results of a sweep as one table: a row a point, a column a metric.
#ifndef SQTAIL_SWEEP_TABLE_H
#define SQTAIL_SWEEP_TABLE_H

#include "sweep/plan.h"

struct sweep_column {
    char *name; // as metrics.h has it: "read.p99"
    bool higher_is_better;
};

struct sweep_row {
    const struct sweep_point *point;
    const char *id;
    bool there;     // its result; else all values are missing
    bool is_base;   // of the drive and its load without any change
    double *values; // of the columns; NAN: missing
    size_t count;   // of values; the others are missing
    bool *few;      // rests on too few requests to be trusted
};

struct sweep_table {
    const struct sweep_plan *plan;
    struct sweep_column *columns;
    size_t column_count;
    struct sweep_row *rows;
    size_t row_count;
};

// Rows for all points of the plan, in its order; `ids` are theirs.
void sweep_table_init(struct sweep_table *table, const struct sweep_plan *plan, const char *const *ids);
void sweep_table_free(struct sweep_table *table);

// Fills a row with the metrics of the result in `folder`. Returns 0, or -1 with the reason in `diag`.
int sweep_table_read(struct sweep_table *table, size_t row, const char *folder, struct diag *diag);

double sweep_table_value(const struct sweep_table *table, size_t row, size_t column);

// The column of a metric: by its whole name, but for its unit; else as one of the total or of the core: "p99",
// "write_amplification".
// SWEEP_NO_VALUE: there is none.
size_t sweep_table_find(const struct sweep_table *table, const char *metric);

// Whether a metric is a time.
bool sweep_is_time(const char *metric);

// id, axes, metrics; one row a line, or an object a line.
void sweep_write_csv(const struct sweep_table *table, FILE *to);
void sweep_write_json_lines(const struct sweep_table *table, FILE *to);

// The same as the table `points` of an SQLite database, in place of any file at `path`, whole or not at all. Nothing
// without the library, and a warning where it takes no table of so many columns. Returns 0, or -1 with the reason.
int sweep_write_sqlite(const struct sweep_table *table, const char *path, struct diag *diag);

#endif
