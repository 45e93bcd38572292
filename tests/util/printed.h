// What the user would read of the messages collected in `diag`; to be freed.
#ifndef SQTAIL_TESTS_UTIL_PRINTED_H
#define SQTAIL_TESTS_UTIL_PRINTED_H

#include <stdio.h>

#include "util/diag.h"

static inline char *printed(const struct diag *diag)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    diag_print(diag, to);
    fclose(to);
    return text;
}

#endif
