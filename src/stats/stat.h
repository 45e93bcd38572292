// Statistics as tables: each room describes its counters by rows, and every writer of results walks them.
#ifndef SQTAIL_STATS_STAT_H
#define SQTAIL_STATS_STAT_H

#include <stddef.h>
#include <stdint.h>

enum stat_type {
    STAT_COUNT, // uint64_t
    STAT_REAL,  // double
    STAT_TIME,  // tick_t, shown in microseconds
};

struct stat_field {
    const char *name; // as in results: lower case, words joined by '_'
    enum stat_type type;
    size_t offset;    // in the room's statistics struct
    const char *unit; // "1" for pure numbers
    const char *help; // one sentence
};

// One object of the results, such as "ftl", and the struct its values are read from.
struct stat_group {
    const char *name;
    const struct stat_field *fields;
    size_t field_count;
    const void *values;
};

#endif
