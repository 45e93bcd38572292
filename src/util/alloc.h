// Memory: allocation that does not fail, and tables that cost nothing until touched.
#ifndef SQTAIL_UTIL_ALLOC_H
#define SQTAIL_UTIL_ALLOC_H

#include <stddef.h>

#include "util/macros.h"

// As malloc, calloc, realloc, strdup and asprintf; out of memory ends the process with a message.
void *xmalloc(size_t bytes);
void *xcalloc(size_t count, size_t bytes);
void *xrealloc(void *old, size_t bytes);
char *xstrdup(const char *text);
char *xformat(const char *format, ...) PRINTF_LIKE(1, 2);

// Room for one more element: doubles the array when `count` is zero or a power of two; for arrays that start empty.
void *xgrow(void *array, size_t count, size_t element_bytes);

// A zeroed table of `bytes` whose pages take memory only once they are written: a drive's tables grow with its
// capacity, its memory with what was touched. Free with lazy_free and the same size.
void *lazy_alloc(size_t bytes);

// Asks for huge pages for such a table from now on, when most of it will be read and written at random: they spare the
// address translation and take memory in larger steps.
void lazy_advise_huge(void *table, size_t bytes);
void lazy_free(void *table, size_t bytes);

#endif
