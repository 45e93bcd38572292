// Bytes that can be had only once, kept in a temporary file: those of a pipe, and of an archive's members.
#ifndef SQTAIL_TRACE_INPUT_SPOOL_H
#define SQTAIL_TRACE_INPUT_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "util/diag.h"

// A temporary file without a name, which is gone once closed; `path`: whose bytes it will hold, for messages. Returns
// its descriptor, or -1 with the reason in `diag`.
int spool_create(struct diag *diag, const char *path);

// Returns 0, or -1 with the reason in `diag`.
int spool_write(int fd, struct diag *diag, const char *path, uint64_t offset, const void *bytes, size_t size);

// Keeps all that can be read from `from` on.
int spool_copy(int fd, struct diag *diag, const char *path, int from);

#endif
