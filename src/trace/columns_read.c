// Readers of text by described columns: one for each row of columns_known.h, and that of a description of the user's.
//
// Lines are read one after the other, twice: first to check them all, to find the earliest and whether they are in
// order of time; only where they are not is their order kept, 24 bytes a line. Blank lines and those that begin with
// '#' are passed over, and so is a first line whose columns are names; a last one that is cut off, with a warning.
#include "trace/columns_read.h"

#include <stdlib.h>
#include <string.h>

#include "trace/columns.h"
#include "trace/format.h"
#include "trace/input.h"
#include "util/alloc.h"

enum { PROBE_LINES = 20 };

struct line {
    uint64_t time_ns;
    const char *at;
    uint64_t number;
};

struct columns_reader {
    struct columns columns;
    const struct trace_file *file;
    struct trace_faults *faults;
    const char *at, *end;   // what is left of the file
    uint64_t number;        // of the line last taken
    bool checking;          // the first pass
    uint64_t clock_ns;      // waits so far, where lines have no times
    uint64_t first_ns;      // the earliest request
    const char *line_at;    // where the line last taken begins
    struct line *lines;     // in order of time; NULL where they stand so
    size_t count, next;
    struct text *devices;   // names, in order of appearance
    uint32_t device_count;
};

// ---- lines -------------------------------------------------------------------------------------------------------

static struct text take_line(const char **at, const char *end)
{
    const char *newline = memchr(*at, '\n', (size_t)(end - *at)), *stop = newline == NULL ? end : newline;
    struct text line = {*at, (size_t)(stop - *at)};
    *at = newline == NULL ? end : newline + 1;
    while (line.length > 0 && line.at[line.length - 1] == '\r')
        line.length--;
    return line;
}

static const char *without_mark(const char *at, const char *end)
{
    return end - at >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0 ? at + 3 : at;
}

static bool is_empty(struct text line)
{
    while (line.length > 0 && strchr(" \t\r", *line.at) != NULL) {
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
    if (columns->header.at != NULL && same_words(line, columns->header))
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

// Numbers stand for themselves, names are counted from 0.
static uint32_t device_number(struct columns_reader *reader, struct text name)
{
    uint32_t number;
    if (as_number(name, &number))
        return number;
    for (uint32_t i = 0; i < reader->device_count; i++)
        if (reader->devices[i].length == name.length && memcmp(reader->devices[i].at, name.at, name.length) == 0)
            return i;
    reader->devices = xgrow(reader->devices, reader->device_count, sizeof *reader->devices);
    reader->devices[reader->device_count] = name;
    return reader->device_count++;
}

// ---- one pass ----------------------------------------------------------------------------------------------------

static void rewind_reader(struct columns_reader *reader)
{
    const char *start = (const char *)reader->file->bytes;
    reader->end = start + reader->file->size;
    reader->at = without_mark(start, reader->end);
    reader->number = 0;
    reader->clock_ns = 0;
}

static int tell_bad(struct columns_reader *reader, const struct column_line *line)
{
    struct place place = {.file = reader->file->path, .line = reader->number};
    if (!reader->checking)
        return 0;
    if (reader->at == reader->end && reader->end[-1] != '\n') {
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
    while (reader->at < reader->end) {
        reader->line_at = reader->at;
        struct text text = take_line(&reader->at, reader->end);
        reader->number++;
        if (is_heading(&reader->columns, text, reader->number))
            continue;
        read_text(reader, text, line);
        if (line->problem[0] != '\0') {
            if (tell_bad(reader, line) < 0)
                return -1;
        } else if (is_request(reader, line)) {
            line->event.device = device_number(reader, line->device);
            return 1;
        }
    }
    return 0;
}

// ---- the first pass ----------------------------------------------------------------------------------------------

static int compare_lines(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    if (x->time_ns != y->time_ns)
        return x->time_ns < y->time_ns ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static void sort_lines(struct columns_reader *reader)
{
    struct column_line line;
    rewind_reader(reader);
    while (next_request(reader, &line) > 0) {
        reader->lines = xgrow(reader->lines, reader->count, sizeof *reader->lines);
        reader->lines[reader->count++] = (struct line){line.event.time_ns, reader->line_at, reader->number};
    }
    qsort(reader->lines, reader->count, sizeof *reader->lines, compare_lines);
}

static int check_lines(struct columns_reader *reader)
{
    struct column_line line;
    uint64_t before = 0;
    int result;
    reader->first_ns = UINT64_MAX;
    reader->checking = true;
    rewind_reader(reader);
    while ((result = next_request(reader, &line)) > 0) {
        reader->faults->unaligned += line.unaligned;
        reader->faults->disordered += line.event.time_ns < before;
        before = line.event.time_ns;
        reader->first_ns = MIN(reader->first_ns, before);
    }
    reader->checking = false;
    if (reader->columns.from_start)
        reader->first_ns = 0;
    return result;
}

// ---- the second pass ---------------------------------------------------------------------------------------------

static int next_in_order(struct columns_reader *reader, struct column_line *line)
{
    if (reader->next == reader->count)
        return 0;
    const struct line *sorted = &reader->lines[reader->next++];
    reader->at = sorted->at;
    reader->number = sorted->number - 1;
    return next_request(reader, line);
}

static int next_event(void *context, struct trace_event *event)
{
    struct columns_reader *reader = context;
    struct column_line line;
    int result = reader->lines != NULL ? next_in_order(reader, &line) : next_request(reader, &line);
    if (result <= 0)
        return result;
    *event = line.event;
    event->time_ns -= reader->first_ns;
    return 1;
}

static void close_reader(void *context)
{
    struct columns_reader *reader = context;
    free(reader->lines);
    free(reader->devices);
    free(reader);
}

// The one file that is not empty.
static int choose_file(struct columns_reader *reader, const struct trace_input *input)
{
    for (size_t i = 0; i < input->count; i++) {
        if (input->files[i].size == 0)
            continue;
        if (reader->file != NULL)
            return diag_error(reader->faults->diag, (struct place){.file = input->files[i].path},
                              "a recording in text is one file, but '%s' belongs to it too", reader->file->path);
        reader->file = &input->files[i];
    }
    return 0;
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

static int prepare(struct columns_reader *reader)
{
    if (check_lines(reader) < 0)
        return -1;
    if (reader->faults->disordered != 0)
        sort_lines(reader);
    rewind_reader(reader);
    return 0;
}

static void *open_reader(const struct trace_format_ops *ops, const char *more, const struct trace_input *input,
                         struct trace_faults *faults)
{
    struct columns_reader *reader = xcalloc(1, sizeof *reader);
    reader->faults = faults;
    if (describe(reader, ops, more) == 0 && choose_file(reader, input) == 0 && prepare(reader) == 0)
        return reader;
    close_reader(reader);
    return NULL;
}

// ---- detection ---------------------------------------------------------------------------------------------------

static bool lines_fit(const struct columns *columns, const char *at, const char *end, uint64_t number)
{
    unsigned read = 0;
    while (at < end && read < PROBE_LINES) {
        struct text line = take_line(&at, end);
        bool cut_off = at == end && end[-1] != '\n';
        if (is_heading(columns, line, ++number))
            continue;
        if (!columns_fits(columns, line))
            return cut_off && read > 0;
        read++;
    }
    return read > 0;
}

// A header tells all; else the first lines must fit the columns, every one.
static bool probe(const struct trace_format_ops *ops, const uint8_t *bytes, size_t size)
{
    struct columns columns = {0};
    struct diag *diag = diag_create();
    columns_parse(&columns, diag, ops->columns);
    diag_destroy(diag);
    const char *end = (const char *)bytes + size, *at = without_mark((const char *)bytes, end), *start = at;
    if (columns.header.at == NULL)
        return lines_fit(&columns, start, end, 0);
    return size > 0 && same_words(take_line(&at, end), columns.header);
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
