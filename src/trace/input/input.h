// Which files a recording consists of. Their bytes: trace/input/stream.h.
#ifndef SQTAIL_TRACE_INPUT_INPUT_H
#define SQTAIL_TRACE_INPUT_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "util/diag.h"
#include "util/sha256.h"

struct trace_file {
    char *path;
    int fd;         // a temporary file with the bytes (trace/input/spool.h); -1: they are at `path`
    uint64_t size;  // when it was found, of the bytes as they lie there, and when these were written
    struct timespec written;
    uint64_t cpu;   // from the name NAME.blktrace.CPU, else 0
    bool per_cpu;   // it has such a name
    bool archived;  // a member of an archive
    bool packed;    // compressed
    bool empty;     // nothing comes out of it
};

// A file as it lay on the disk or came from a pipe, before anything was made of it.
struct trace_source {
    char *path;
    int fd; // as trace_file's
};

struct trace_input {
    char *path; // as the user gave it
    struct trace_file *files;
    size_t count;
    struct trace_source *sources; // in the order they were read
    size_t source_count;
};

// `path` as in trace_open. Returns 0, or -1 with the reasons in `diag`; destroy in either case.
int trace_input_open(struct trace_input *input, struct diag *diag, const char *path);

// One file called `path` that holds a copy of these bytes, which may be compressed.
int trace_input_open_memory(struct trace_input *input, struct diag *diag, const char *path, const void *bytes,
                            size_t size);

void trace_input_destroy(struct trace_input *input);

// The file that is not empty, of a format whose recordings are one; NULL with the reason in `diag` where there are
// several. `what`: such as "a recording in text".
const struct trace_file *trace_input_one_file(const struct trace_input *input, const char *what, struct diag *diag);

// The hash of the bytes on disk, file after file. Returns 0, or -1 with the reason in `diag`.
int trace_input_hash(const struct trace_input *input, struct diag *diag, char hex[SHA256_HEX_SIZE]);

#endif
