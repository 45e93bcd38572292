// Streams: a buffer that is filled from a file or from what decompresses it (trace/input/packed.h), through what makes plain
// text of it (trace/input/plain_text.h).
//
// Files are read, not mapped: a file that somebody truncates meanwhile must not end the process. A recording is read
// more than once; where a file is not the same any more reading fails.
#include "trace/input/stream.h"

#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/input/input.h"
#include "trace/input/packed.h"
#include "trace/input/plain_text.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { CHUNK = 1 << 16 };

// The buffer holds plain bytes up to `base.end`, and behind them, up to `size`, such as are not plain yet.
struct stream {
    struct trace_stream base;
    const struct trace_file *file;
    struct trace_faults *faults;
    int fd;
    off_t position;         // in the file, where it is not packed
    struct packed *packed;  // NULL: the bytes are the file's own
    uint64_t unpacked;      // bytes of the packed file so far
    bool source_ended;
    struct plain_text text;
    uint8_t *buffer;
    size_t size, capacity;
    uint64_t start;         // where the buffer's first byte stands in the file
};

static struct stream *of(const struct trace_stream *base)
{
    return container_of((struct trace_stream *)base, struct stream, base);
}

// ---- what is wrong -----------------------------------------------------------------------------------------------

static struct place place_of(const struct stream *s)
{
    return (struct place){.file = s->file->path};
}

// What could be read before an error stands, with a word on it. libarchive gives whole blocks of 64 KiB and more, so
// that of what was cut off as much may be missing.
static void tell(struct stream *s)
{
    if (s->packed == NULL)
        diag_error(s->faults->diag, place_of(s), "cannot read: %s", s->base.problem);
    else if (s->unpacked == 0 || s->base.problem == packed_too_large)
        diag_error(s->faults->diag, place_of(s), "cannot decompress: %s", s->base.problem);
    else {
        diag_warning(s->faults->diag, place_of(s), "ends early or is damaged (%s): what could be decompressed is read, "
                     "%llu bytes", s->base.problem, (unsigned long long)s->unpacked);
        return;
    }
    s->faults->broken = true;
}

static void fail(struct stream *s, const char *problem)
{
    s->source_ended = true;
    s->base.problem = problem;
    if (s->faults != NULL)
        tell(s);
}

// ---- bytes -------------------------------------------------------------------------------------------------------

static void reserve(struct stream *s, size_t more)
{
    size_t taken = (size_t)(s->base.at - s->buffer), plain = (size_t)(s->base.end - s->base.at);
    if (s->capacity - s->size >= more)
        return;
    s->size -= taken;
    s->start += taken;
    memmove(s->buffer, s->base.at, s->size);
    if (s->capacity - s->size < more) {
        s->capacity = MAX(s->size + more, s->capacity + s->capacity / 2);
        s->buffer = xrealloc(s->buffer, s->capacity);
    }
    s->base.at = s->buffer;
    s->base.end = s->buffer + plain;
}

static void read_plain(struct stream *s)
{
    reserve(s, CHUNK);
    ssize_t got;
    do
        got = pread(s->fd, s->buffer + s->size, s->capacity - s->size, s->position);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        fail(s, strerror(errno));
    if (got <= 0)
        s->source_ended = true;
    else {
        s->size += (size_t)got;
        s->position += got;
    }
}

// What a sparse entry has between its parts reads as zeroes.
static void append(struct stream *s, uint64_t offset, const void *bytes, size_t size)
{
    size_t gap = offset > s->unpacked ? (size_t)(offset - s->unpacked) : 0;
    if (size == 0)
        return;
    reserve(s, gap + size);
    memset(s->buffer + s->size, 0, gap);
    memcpy(s->buffer + s->size + gap, bytes, size);
    s->size += gap + size;
    s->unpacked += gap + size;
}

static void read_packed(struct stream *s)
{
    const void *bytes;
    const char *problem;
    size_t size;
    uint64_t offset;
    int status = packed_block(s->packed, &bytes, &size, &offset, &problem);
    if (status == ARCHIVE_OK)
        append(s, offset, bytes, size);
    else if (status == ARCHIVE_EOF)
        s->source_ended = true;
    else
        fail(s, problem == NULL ? "damaged" : problem);
}

static void make_plain(struct stream *s)
{
    size_t left, raw = (size_t)(s->buffer + s->size - s->base.end);
    if (s->text.form == PLAIN_TEXT_UNKNOWN && raw < PLAIN_TEXT_FIRST && !s->source_ended)
        return;
    size_t plain = plain_text_part(&s->text, s->buffer + (s->base.end - s->buffer), raw, s->source_ended, &left);
    s->base.end += plain;
    s->size = (size_t)(s->base.end - s->buffer) + left;
}

size_t trace_stream_fill(struct trace_stream *base, size_t want)
{
    struct stream *s = of(base);
    while ((size_t)(base->end - base->at) < want && !base->ended) {
        if (s->packed != NULL)
            read_packed(s);
        else
            read_plain(s);
        make_plain(s);
        base->ended = s->source_ended;
    }
    return (size_t)(base->end - base->at);
}

uint64_t trace_stream_offset(const struct trace_stream *base)
{
    const struct stream *s = of(base);
    return s->start + (uint64_t)(base->at - s->buffer);
}

// ---- lines -------------------------------------------------------------------------------------------------------

bool trace_stream_long_line(struct trace_stream *stream, struct text *line)
{
    size_t looked = 0, have = (size_t)(stream->end - stream->at);
    const uint8_t *newline = NULL;
    do {
        looked = have;
        have = trace_stream_ahead(stream, have + 1);
        if (have > looked)
            newline = memchr(stream->at + looked, '\n', have - looked);
    } while (newline == NULL && have > looked && have < TRACE_LINE_MAX);
    if (have == 0)
        return false;
    size_t length = newline == NULL ? have : (size_t)(newline - stream->at);
    *line = (struct text){(const char *)stream->at, length};
    stream->cut_line = newline == NULL;
    stream->at += length + (newline != NULL);
    return true;
}

// ---- opening -----------------------------------------------------------------------------------------------------

static bool is_the_same(const struct stream *s)
{
    const struct trace_file *file = s->file;
    struct stat now;
    if (file->fd >= 0)
        return true;
    return fstat(s->fd, &now) == 0 && (uint64_t)now.st_size == file->size &&
           now.st_mtim.tv_sec == file->written.tv_sec && now.st_mtim.tv_nsec == file->written.tv_nsec;
}

static void open_packed(struct stream *s)
{
    struct archive_entry *entry;
    s->packed = packed_open(s->fd, true);
    int status = s->packed == NULL ? ARCHIVE_FATAL : archive_read_next_header(s->packed->archive, &entry);
    if (status == ARCHIVE_EOF)
        s->source_ended = true;
    else if (status != ARCHIVE_OK)
        fail(s, s->packed == NULL ? "damaged" : archive_error_string(s->packed->archive));
}

struct trace_stream *trace_stream_open(const struct trace_file *file, struct trace_faults *faults)
{
    struct stream *s = xcalloc(1, sizeof *s);
    s->file = file;
    s->faults = faults;
    s->fd = file->fd >= 0 ? file->fd : open(file->path, O_RDONLY | O_CLOEXEC);
    s->buffer = xmalloc(s->capacity = CHUNK);
    s->base.at = s->base.end = s->buffer;
    if (s->fd < 0)
        fail(s, strerror(errno));
    else if (!is_the_same(s))
        fail(s, "it was changed while it was read");
    else if (file->packed)
        open_packed(s);
    s->base.ended = s->source_ended;
    return &s->base;
}

void trace_stream_close(struct trace_stream *base)
{
    if (base == NULL)
        return;
    struct stream *s = of(base);
    packed_close(s->packed);
    if (s->fd >= 0 && s->fd != s->file->fd)
        close(s->fd);
    free(s->buffer);
    free(s);
}
