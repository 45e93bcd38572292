// The user's errors: each with its place, collected, so that all are shown and not only the first.
//
// Messages read like a compiler's: `drive.yaml:14:9: error: unknown key ...`. The functions that read what a user
// wrote take a `struct diag`, add to it and return a negative number; the command line prints it and exits with 2.
#ifndef SQTAIL_UTIL_DIAG_H
#define SQTAIL_UTIL_DIAG_H

#include <stdint.h>
#include <stdio.h>

#include "util/macros.h"

enum { EXIT_USER_ERROR = 2, DIAG_ERRORS_SHOWN = 20 };

struct diag;

// Where something stands. `file` may also be "--set" or "--job"; line and column count from 1, 0 means "no such".
struct place {
    const char *file;
    uint64_t line;
    uint64_t column;
};

struct diag *diag_create(void);
void diag_destroy(struct diag *diag);

// Adds a message; `place.file` is copied. Always returns -1, so that a reader can `return diag_error(...)`.
int diag_error(struct diag *diag, struct place place, const char *format, ...) PRINTF_LIKE(3, 4);
void diag_warning(struct diag *diag, struct place place, const char *format, ...) PRINTF_LIKE(3, 4);
void diag_note(struct diag *diag, struct place place, const char *format, ...) PRINTF_LIKE(3, 4);

unsigned diag_error_count(const struct diag *diag);

// What was told since a mark can be forgotten, as when what it was said of is done once more.
unsigned diag_mark(const struct diag *diag);
void diag_forget(struct diag *diag, unsigned mark);

// Prints all warnings and notes, and the first DIAG_ERRORS_SHOWN errors, in the order they came, then how many more errors
// there were.
void diag_print(const struct diag *diag, FILE *to);

// The candidate nearest to `word` by edit distance, else one that it abbreviates (`gen` of generation), or NULL when
// none is near enough to be worth suggesting.
// `candidates` ends with NULL.
const char *diag_nearest(const char *word, const char *const *candidates);

#endif
