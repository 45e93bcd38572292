// Small things that C lacks.
#ifndef SQTAIL_UTIL_MACROS_H
#define SQTAIL_UTIL_MACROS_H

#include <stddef.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

// The struct `type` whose field `member` is at `pointer`.
#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#define NORETURN __attribute__((noreturn))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

#endif
