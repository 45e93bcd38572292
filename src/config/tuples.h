// Text keys that are a list of rows: `50% 4KiB, 25%`. Commas part rows; the words of a row are the values of `fields`
// in their order, and those left out at its end are the fields' defaults.
#ifndef SQTAIL_CONFIG_TUPLES_H
#define SQTAIL_CONFIG_TUPLES_H

#include "config/value.h"

struct config_tuples {
    const struct config_field *fields; // offsets are within a row
    size_t field_count;
    size_t row_bytes;
    uint32_t max; // rows
};

// Reads `text` into `rows`, which has room for `max`. Returns how many there are, none for an empty text; or -1, with
// `problem` filled in.
int config_parse_tuples(const struct config_tuples *tuples, const char *text, void *rows,
                        struct config_problem *problem);

#endif
