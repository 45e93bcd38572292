// What differs in the configurations of results that are compared, and in the programs that made them.
#ifndef SQTAIL_COMPARE_DIFFERENCES_H
#define SQTAIL_COMPARE_DIFFERENCES_H

#include "compare/compare.h"

struct difference {
    char *key;     // "nand.t_r", "tool.commit"
    char *base;    // as JSON; NULL: has no such key
    char **values; // of each new result, likewise
};

struct differences {
    struct difference *at;
    size_t count;
    size_t columns;
};

// In the order of the keys. Seeds are none where there are several.
struct differences differences_of(const struct comparison *c);
void differences_free(struct differences *differences);

// For people: "(none)" of NULL.
const char *difference_text(const char *value);

#endif
