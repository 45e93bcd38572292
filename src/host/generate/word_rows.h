// Words of models as tables, each row the parser, range, default and help of a word.
#ifndef SQTAIL_HOST_GENERATE_WORD_ROWS_H
#define SQTAIL_HOST_GENERATE_WORD_ROWS_H

#include <stddef.h>

#include "host/job/words.h"

enum word_type {
    WORD_COUNT,        // uint64_t
    WORD_SIZE,         // uint64_t, bytes
    WORD_SHARE,        // uint64_t, bytes or JOB_PERCENT with a share of the drive
    WORD_TIME,         // tick_t
    WORD_PERCENT,      // uint64_t, with or without %
    WORD_THOUSANDTHS,  // uint64_t, of a number to three places
    WORD_CHOICE,       // uint32_t, which of `choices`
    WORD_NAME,         // char[LOAD_NAME_BYTES]
    WORD_PROCESS,      // struct rate_process
    WORD_DISTRIBUTION, // struct distribution_spec
};

struct word_row {
    const char *name;
    enum word_type type;
    size_t offset;            // in the model's options
    uint64_t min, max;        // of numbers
    const char *fallback;
    const char *help;
    const char *const *choices; // ends with NULL
    const char *alias;        // another name; NULL: none
};

// Of the struct S; further members of the row behind.
#define WORD_ROW(S, word, member, kind, fallback_, min_, max_, help_, ...)                                             \
    {.name = #word, .type = WORD_##kind, .offset = offsetof(S, member), .min = min_, .max = max_,                      \
     .fallback = fallback_, .help = help_, __VA_ARGS__}

extern const char *const word_type_names[]; // for lists

// Rows of two tables, the second may be NULL; each ends with a NULL name.
struct word_tables {
    const struct word_row *rows[2];
};

// Fills in the rows' defaults, then what the text says after its first word. Returns 0, or -1 with all errors in the
// words' diag. *given: a bit for each row that the text names, of the first table first.
int word_rows_read(struct words *words, const struct word_tables *tables, void *options, uint64_t *given);

#endif
