// Readers of text by described columns: one for each row of columns_known.h, and that of a description of the user's.
//
// Blank lines and those that begin with '#' are passed over, and so is a first line whose columns are names; a last one
// that is cut off, with a warning.
#include "trace/read/columns_read.h"

#include <stdlib.h>
#include <string.h>

#include "trace/read/columns.h"
#include "trace/format.h"
#include "trace/input/input.h"
#include "trace/input/stream.h"
#include "util/alloc.h"

enum { PROBE_LINES = 20 };

struct columns_reader {
    struct columns columns;
    const struct trace_file *file;
    struct trace_faults *faults;
    struct trace_stream *stream;
    uint64_t number;        // of the line last taken
    uint64_t clock_ns;      // waits so far, where lines have no times
    char **devices;         // names, in order of appearance
    uint32_t device_count;
    char last_device[24];   // the text of the line before, and which device it is: most lines have the same
    size_t last_length;     // 0: none
    uint32_t last_number;
};

// ---- lines -------------------------------------------------------------------------------------------------------

static struct text without_returns(struct text line)
{
    while (line.length > 0 && line.at[line.length - 1] == '\r')
        line.length--;
    return line;
}

static struct text take_line(const char **at, const char *end)
{
    const char *newline = memchr(*at, '\n', (size_t)(end - *at)), *stop = newline == NULL ? end : newline;
    struct text line = {*at, (size_t)(stop - *at)};
    *at = newline == NULL ? end : newline + 1;
    return without_returns(line);
}

static const char *without_mark(const char *at, const char *end)
{
    return end - at >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0 ? at + 3 : at;
}

static bool is_empty(struct text line)
{
    while (line.length > 0 && (*line.at == ' ' || *line.at == '\t' || *line.at == '\r')) {
        line.at++;
        line.length--;
    }
    return line.length == 0 || *line.at == '#';
}

static bool same_words(struct text a, struct text b)
{
    struct text x[COLUMN_FIELDS_MAX], y[COLUMN_FIELDS_MAX];
    size_t count = columns_split(a, ' ', x);
    if (columns_split(b, ' ', y) != count || count > COLUMN_FIELDS_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        if (x[i].length != y[i].length || memcmp(x[i].at, y[i].at, x[i].length) != 0)
            return false;
    return true;
}

// Names of columns have no digit at their beginning, in any of them.
static bool has_names(const struct columns *columns, struct text line)
{
    struct text fields[COLUMN_FIELDS_MAX];
    size_t count = MIN(columns_split(line, columns->separator, fields), (size_t)COLUMN_FIELDS_MAX);
    for (size_t i = 0; i < count; i++)
        if (fields[i].length > 0 && strchr("0123456789-+.", *fields[i].at) != NULL)
            return false;
    return true;
}

// A line at the beginning that is no request.
static bool is_heading(const struct columns *columns, struct text line, uint64_t number)
{
    if (number <= columns->skip || is_empty(line))
        return true;
    if (columns->header.at != NULL && *line.at == *columns->header.at && same_words(line, columns->header))
        return true;
    return number == 1 && has_names(columns, line);
}

// ---- devices -----------------------------------------------------------------------------------------------------

static bool as_number(struct text text, uint32_t *number)
{
    *number = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || *number > UINT32_MAX / 10 - 1)
            return false;
        *number = *number * 10 + (uint32_t)(text.at[i] - '0');
    }
    return true;
}

// MAJOR:MINOR.
static bool as_pair(struct text text, uint32_t *number)
{
    const char *colon = memchr(text.at, ':', text.length);
    uint32_t major, minor;
    if (colon == NULL || colon == text.at || colon + 1 == text.at + text.length)
        return false;
    size_t length = (size_t)(colon - text.at);
    if (!as_number((struct text){text.at, length}, &major) ||
        !as_number((struct text){colon + 1, text.length - length - 1}, &minor) ||
        major >= 1u << (32 - BLKTRACE_MINOR_BITS) || minor >= 1u << BLKTRACE_MINOR_BITS)
        return false;
    *number = major << BLKTRACE_MINOR_BITS | minor;
    return true;
}

// Numbers stand for themselves, MAJOR:MINOR for a device of Linux; names are counted from 0.
static uint32_t find_device(struct columns_reader *reader, struct text name)
{
    uint32_t number;
    if (as_number(name, &number) || as_pair(name, &number))
        return number;
    for (uint32_t i = 0; i < reader->device_count; i++)
        if (text_equals(name, reader->devices[i]))
            return i;
    reader->devices = xgrow(reader->devices, reader->device_count, sizeof *reader->devices);
    reader->devices[reader->device_count] = xformat("%.*s", (int)name.length, name.at);
    return reader->device_count++;
}

static uint32_t device_number(struct columns_reader *reader, struct text name)
{
    if (name.length != 0 && name.length == reader->last_length && memcmp(name.at, reader->last_device, name.length) == 0)
        return reader->last_number;
    reader->last_number = find_device(reader, name);
    reader->last_length = name.length <= sizeof reader->last_device ? name.length : 0;
    if (reader->last_length != 0)
        memcpy(reader->last_device, name.at, name.length);
    return reader->last_number;
}

// ---- requests ----------------------------------------------------------------------------------------------------

static int tell_bad(struct columns_reader *reader, const struct column_line *line)
{
    struct place place = {.file = reader->file->path, .line = reader->number};
    if (reader->stream->cut_line) {
        reader->faults->passed++;
        diag_warning(reader->faults->diag, place, "the last line is cut off and passed over");
        return 0;
    }
    return trace_fault(reader->faults, place, "%s", line->problem);
}

static bool is_request(struct columns_reader *reader, struct column_line *line)
{
    if (line->class == CLASS_WAIT)
        reader->clock_ns += MIN(line->wait_ns, UINT64_MAX - reader->clock_ns);
    if (line->class == CLASS_WAIT || line->class == CLASS_NOTHING)
        return false;
    if (!line->has_time)
        line->event.time_ns = reader->clock_ns;
    return true;
}

static void read_text(struct columns_reader *reader, struct text text, struct column_line *line)
{
    columns_read_line(&reader->columns, text, line);
    line->event.file = reader->file->path;
    line->event.place = reader->number;
}

// The next line that is a request: 1, 0 at the end, -1 on giving up.
static int next_request(struct columns_reader *reader, struct column_line *line)
{
    struct text text;
    while (trace_stream_line(reader->stream, &text)) {
        text = without_returns(text);
        reader->number++;
        if (is_heading(&reader->columns, text, reader->number))
            continue;
        read_text(reader, text, line);
        if (line->problem[0] != '\0') {
            if (tell_bad(reader, line) < 0)
                return -1;
        } else if (is_request(reader, line))
            return 1;
    }
    return 0;
}

static int next_event(void *context, struct trace_event *event)
{
    struct columns_reader *reader = context;
    struct column_line line;
    int result = next_request(reader, &line);
    if (result <= 0)
        return result;
    reader->faults->unaligned += line.unaligned;
    *event = line.event;
    event->device = device_number(reader, line.device);
    event->from_start = reader->columns.from_start;
    return 1;
}

static void close_reader(void *context)
{
    struct columns_reader *reader = context;
    for (uint32_t i = 0; i < reader->device_count; i++)
        free(reader->devices[i]);
    free(reader->devices);
    trace_stream_close(reader->stream);
    free(reader);
}

static int describe(struct columns_reader *reader, const struct trace_format_ops *ops, const char *more)
{
    struct diag *diag = reader->faults->diag;
    if (columns_parse(&reader->columns, diag, ops->columns) != 0)
        return -1;
    if (more != NULL && columns_parse(&reader->columns, diag, more) != 0)
        return -1;
    return columns_check(&reader->columns, diag);
}

static void start(struct columns_reader *reader)
{
    reader->stream = trace_stream_open(reader->file, reader->faults);
    size_t size = trace_stream_ahead(reader->stream, 3);
    const char *at = (const char *)reader->stream->at;
    reader->stream->at += without_mark(at, at + size) - at;
}

static void *open_reader(const struct trace_format_ops *ops, const char *more, const struct trace_input *input,
                         struct trace_faults *faults)
{
    struct columns_reader *reader = xcalloc(1, sizeof *reader);
    reader->faults = faults;
    if (describe(reader, ops, more) == 0)
        reader->file = trace_input_one_file(input, "a recording in text", faults->diag);
    if (reader->file == NULL) {
        close_reader(reader);
        return NULL;
    }
    start(reader);
    return reader;
}

// ---- detection ---------------------------------------------------------------------------------------------------

// Whether the line can be judged by: it is no heading, and none that is cut off behind others.
static bool take_sample(const struct columns *columns, const char **at, const char *end, uint64_t *number,
                        struct text *line)
{
    while (*at < end) {
        *line = take_line(at, end);
        bool cut_off = *at == end && end[-1] != '\n';
        if (!is_heading(columns, *line, ++*number))
            return !cut_off || columns_fits(columns, *line) || *number == 1;
    }
    return false;
}

// What the first lines are like.
static void compare(struct columns_likeness *like, const struct columns *columns, const char *at, const char *end)
{
    struct text line;
    uint64_t number = 0;
    while (like->fit + like->unfit < PROBE_LINES && take_sample(columns, &at, end, &number, &line)) {
        if (columns_fits(columns, line)) {
            like->fit++;
            continue;
        }
        if (like->unfit++ == 0) {
            struct column_line read;
            columns_read_line(columns, line, &read);
            like->line = number;
            memcpy(like->problem, read.problem, sizeof like->problem);
        }
    }
}

static struct columns columns_of(const struct trace_format_ops *ops)
{
    struct columns columns = {0};
    struct diag *diag = diag_create();
    columns_parse(&columns, diag, ops->columns);
    diag_destroy(diag);
    return columns;
}

struct columns_likeness columns_compare(const struct trace_format_ops *ops, const uint8_t *bytes, size_t size)
{
    struct columns_likeness like = {0};
    struct columns columns = columns_of(ops);
    const char *end = (const char *)bytes + size;
    compare(&like, &columns, without_mark((const char *)bytes, end), end);
    return like;
}

// A header tells all. Without, the first lines must fit the columns, every one; where a format has a header at most
// files, the form of its times has to tell those without.
static bool probe(const struct trace_format_ops *ops, const uint8_t *bytes, size_t size)
{
    struct columns columns = columns_of(ops);
    const char *end = (const char *)bytes + size, *at = without_mark((const char *)bytes, end);
    if (size > 0 && columns.header.at != NULL && same_words(take_line(&at, end), columns.header))
        return true;
    if (columns.header.at != NULL && !columns.epoch && !columns.fraction)
        return false;
    struct columns_likeness like = columns_compare(ops, bytes, size);
    return like.fit > 0 && like.unfit == 0;
}

static bool never(const struct trace_format_ops *ops, const uint8_t *bytes, size_t size)
{
    (void)ops;
    (void)bytes;
    (void)size;
    return false;
}

#define COLUMN_OPS(id, called, text, description)         \
    const struct trace_format_ops trace_format_##id = {   \
        .name = called,                                   \
        .help = text,                                     \
        .lines = true,                                    \
        .takes_more = true,                               \
        .columns = description,                           \
        .probe = probe,                                   \
        .open = open_reader,                              \
        .next = next_event,                               \
        .close = close_reader,                            \
    };
COLUMN_FORMAT_LIST(COLUMN_OPS)
#undef COLUMN_OPS

const struct trace_format_ops trace_format_columns = {
    .name = "columns",
    .help = "any text whose columns are told: \"columns: time=1:us offset=3:sectors bytes=4 op=5:R,W\"",
    .lines = true,
    .takes_more = true,
    .columns = "",
    .probe = never,
    .open = open_reader,
    .next = next_event,
    .close = close_reader,
};
