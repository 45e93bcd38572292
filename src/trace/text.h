// A piece of text that is not terminated.
#ifndef SQTAIL_TRACE_TEXT_H
#define SQTAIL_TRACE_TEXT_H

#include <stddef.h>

struct text {
    const char *at;
    size_t length;
};

#endif
