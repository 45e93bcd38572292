// Allocation wrappers, and lazily backed tables by anonymous mmap.
#define _GNU_SOURCE // vasprintf
#include "util/alloc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void *require(void *memory, size_t bytes)
{
    if (memory == NULL && bytes != 0) {
        fprintf(stderr, "sqtail: out of memory: %zu bytes: %s\n", bytes, strerror(errno));
        exit(EXIT_FAILURE);
    }
    return memory;
}

void *xmalloc(size_t bytes)
{
    return require(malloc(bytes), bytes);
}

void *xcalloc(size_t count, size_t bytes)
{
    return require(calloc(count, bytes), count * bytes);
}

void *xrealloc(void *old, size_t bytes)
{
    return require(realloc(old, bytes), bytes);
}

char *xstrdup(const char *text)
{
    return require(strdup(text), strlen(text) + 1);
}

char *xformat(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = require(NULL, strlen(format)); // the size that was wanted is not known
    va_end(arguments);
    return text;
}

void *xgrow(void *array, size_t count, size_t element_bytes)
{
    if ((count & (count - 1)) != 0)
        return array;
    return xrealloc(array, (count == 0 ? 1 : 2 * count) * element_bytes);
}

void *lazy_alloc(size_t bytes)
{
    if (bytes == 0)
        return NULL;
    void *table = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return require(table == MAP_FAILED ? NULL : table, bytes);
}

void lazy_advise_huge(void *table, size_t bytes)
{
    madvise(table, bytes, MADV_HUGEPAGE); // advice: a kernel without huge pages is as good, only slower
}

void lazy_free(void *table, size_t bytes)
{
    if (table != NULL)
        munmap(table, bytes);
}
