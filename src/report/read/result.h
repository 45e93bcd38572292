// A result read back, to be shown.
#ifndef SQTAIL_REPORT_READ_RESULT_H
#define SQTAIL_REPORT_READ_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "util/diag.h"

enum { RESULT_LABEL_BYTES = 96 };

struct result {
    char *folder;
    json_t *json;   // its summary.json or curve.json
    bool is_curve;
    char name[RESULT_LABEL_BYTES];  // its folder's
    char label[RESULT_LABEL_BYTES]; // and what tells it from the others that are shown: "new (nand.t_r=+20%)"
};

// Reads the folder of a run or of a curve, or the JSON file in it. Returns 0, or a negative number with the reason in
// `diag`: no result, or of another schema. What is not complete is read, too. To be destroyed only after success.
int result_read(struct result *result, const char *path, struct diag *diag);
void result_destroy(struct result *result);

// Gives several results their labels: the changes that not all of them share.
void result_set_labels(struct result *results, size_t count);

// The value at a path of keys, joined by '|', which names with points need: "commands|read|latency_us|p99.9"; or NULL.
json_t *result_at(const struct result *result, const char *path);

// A number, or NAN where there is none; a text, or NULL.
double result_number(const struct result *result, const char *path);
const char *result_text(const struct result *result, const char *path);

// What was run in a line: the recording and how it was replayed, or the job. To be freed.
char *result_load(const struct result *result);

// What was changed with --set, in a line: "with nand.t_r=+20%"; "" for nothing. To be freed.
char *result_changes(const struct result *result);

// The drive, the seed, what was changed with --set, in a line. To be freed.
char *result_drive(const struct result *result);

// --- distributions ---------------------------------------------------------------------------------------------------

struct staircase_step {
    double us;      // so many took this long at most
    uint64_t below;
};

struct staircase {
    struct staircase_step *steps;
    size_t count;
    uint64_t values;
};

// Of NAME.hgrm, such as "read". Returns whether it is there and holds values; to be freed then.
bool result_read_staircase(const struct result *result, const char *name, struct staircase *staircase);
void staircase_free(struct staircase *staircase);

// --- tables ----------------------------------------------------------------------------------------------------------

struct table {
    char **names;   // of its columns
    size_t columns;
    double *values; // row by row; NAN where a cell is empty
    size_t rows;
};

// Of a CSV file of numbers below a line of names. Returns whether it is there; to be freed then.
bool result_read_table(const struct result *result, const char *name, struct table *table);
void table_free(struct table *table);

// The index of a column, or -1.
int table_find(const struct table *table, const char *name);
double table_at(const struct table *table, size_t row, int column);

#endif
