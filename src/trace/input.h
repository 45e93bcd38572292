// The bytes of a recording: which files it consists of, decompressed, in memory.
#ifndef SQTAIL_TRACE_INPUT_H
#define SQTAIL_TRACE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/diag.h"
#include "util/sha256.h"

struct trace_file {
    char *path;
    uint8_t *bytes; // decompressed
    size_t size;
    uint64_t cpu;   // from the name NAME.blktrace.CPU, else 0
    bool per_cpu;   // it has such a name
    bool archived;  // a member of a tar archive
};

struct trace_input {
    char *path; // as the user gave it
    struct trace_file *files;
    size_t count;
    char sha256[SHA256_HEX_SIZE]; // of the bytes on disk, file after file
};

// `path` as in trace_open. Returns 0, or -1 with the reasons in `diag`; destroy in either case.
int trace_input_open(struct trace_input *input, struct diag *diag, const char *path);

// One file called `path` that holds a copy of these bytes, which may be compressed.
int trace_input_open_memory(struct trace_input *input, struct diag *diag, const char *path, const void *bytes,
                            size_t size);

void trace_input_destroy(struct trace_input *input);

#endif
