// The bytes of one file of a recording from front to back: decompressed, plain text, never more of them in memory than
// are looked at.
#ifndef SQTAIL_TRACE_INPUT_STREAM_H
#define SQTAIL_TRACE_INPUT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "trace/fault.h"
#include "trace/text.h"

struct trace_file;

struct trace_stream {
    const uint8_t *at, *end; // what is in memory and not taken yet
    bool ended;              // nothing follows it
    bool cut_line;           // the line last taken has no end
    const char *problem;     // why the bytes could not be read to their end, or NULL
};

// Opens the file anew, from its beginning: a file may have any number of streams. `faults`: where is told, once, what
// is wrong with its bytes, and `broken` set; NULL: nowhere, then `problem` says it. Never NULL: of a file that cannot
// be read the stream has ended.
struct trace_stream *trace_stream_open(const struct trace_file *file, struct trace_faults *faults);
void trace_stream_close(struct trace_stream *stream);

// Makes at least `want` bytes be there, unless the file ends before; returns how many there are.
size_t trace_stream_fill(struct trace_stream *stream, size_t want);

// Where the next byte stands in the file.
uint64_t trace_stream_offset(const struct trace_stream *stream);

static inline size_t trace_stream_ahead(struct trace_stream *stream, size_t want)
{
    size_t have = (size_t)(stream->end - stream->at);
    return have >= want || stream->ended ? have : trace_stream_fill(stream, want);
}

// The next line, without its end; false where there is none. It stays until the next call. One of more than
// TRACE_LINE_MAX bytes falls into several.
enum { TRACE_LINE_MAX = 1 << 24 };
bool trace_stream_long_line(struct trace_stream *stream, struct text *line);

static inline bool trace_stream_line(struct trace_stream *stream, struct text *line)
{
    const uint8_t *at = stream->at;
    const uint8_t *newline = at == stream->end ? NULL : memchr(at, '\n', (size_t)(stream->end - at));
    if (newline == NULL)
        return trace_stream_long_line(stream, line);
    *line = (struct text){(const char *)at, (size_t)(newline - at)};
    stream->at = newline + 1;
    stream->cut_line = false;
    return true;
}

#endif
