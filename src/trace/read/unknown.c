// What is said of a file that is no recording in a known format: what it is, where others make such files of recordings;
// of text which format most of its lines are of, and what is wrong with the first that is not; or else what its first
// line looks like, and how its columns can be described.
#include <stdio.h>
#include <string.h>

#include "trace/read/columns.h"
#include "trace/read/columns_read.h"
#include "trace/format.h"
#include "trace/input/input.h"
#include "trace/input/stream.h"

enum { SHOWN_FIELDS = 8, SHOWN_LENGTH = 20, LOOKED_AT = 1 << 16 };

static bool is_text(struct text line)
{
    for (size_t i = 0; i < line.length; i++)
        if ((unsigned char)line.at[i] < ' ' && strchr("\t\r", line.at[i]) == NULL)
            return false;
    return line.length > 0;
}

// "1 '0.5', 2 'R', 3 '4096'"
static void list_fields(const struct text *fields, size_t count, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < MIN(count, (size_t)SHOWN_FIELDS) && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%zu '%.*s'", i == 0 ? "" : ", ", i + 1,
                                 (int)MIN(fields[i].length, (size_t)SHOWN_LENGTH), fields[i].at);
    if (count > SHOWN_FIELDS && used < size)
        snprintf(text + used, size - used, ", ...");
}

static int tell_line(struct diag *diag, struct place place, struct text line)
{
    struct text fields[COLUMN_FIELDS_MAX];
    char shown[512];
    if (!is_text(line))
        return diag_error(diag, place, "not a recording in a known format (sqtail list trace)");
    size_t count = columns_split(line, '\0', fields);
    list_fields(fields, count, shown, sizeof shown);
    return diag_error(diag, place, "not a recording in a known format (sqtail list trace), but text of %zu "
                      "column%s: %s; --from \"columns: time=1:us offset=3:sectors bytes=4 op=5:R,W\" tells what they "
                      "hold",
                      count, count == 1 ? "" : "s", shown);
}

// ---- what others make --------------------------------------------------------------------------------------------

static const struct kin {
    const char *start, *what;
} kin[] = {
    {"PERFILE2", "perf's data, which perf script --ns makes text of"},
    {"\x17\x08\x44tracing", "trace-cmd's data, which trace-cmd report makes text of"},
    {"$$TR_IOREC", "HP's SRT, which is not read"},
    {"TIME(ms)     COMM ", "bpftrace's biosnoop.bt, which does not say where requests went: bcc's biosnoop does"},
    {"# tracer: ", "ftrace's, but without a block event that has a time: context-info must be set among its options, "
                   "and latency-format must not"},
};

static const struct kin *find_kin(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < ARRAY_SIZE(kin); i++)
        if (size >= strlen(kin[i].start) && memcmp(bytes, kin[i].start, strlen(kin[i].start)) == 0)
            return &kin[i];
    return NULL;
}

// ---- what is nearly a known format -------------------------------------------------------------------------------

// The format that most of the first lines are of, with what is wrong with one of the others; NULL where there is none.
static const struct trace_format_ops *find_near(const uint8_t *bytes, size_t size, struct columns_likeness *like)
{
    const struct trace_format_ops *near = NULL;
    for (size_t i = 0; trace_formats[i] != NULL; i++) {
        if (trace_formats[i]->columns == NULL || trace_formats[i]->columns[0] == '\0')
            continue;
        struct columns_likeness found = columns_compare(trace_formats[i], bytes, size);
        if (found.fit > found.unfit && found.problem[0] != '\0' && (near == NULL || found.fit > like->fit)) {
            near = trace_formats[i];
            *like = found;
        }
    }
    return near;
}

static int tell_near(struct diag *diag, struct place place, const char *name, const struct columns_likeness *like)
{
    return diag_error(diag, place, "not a recording in a known format (sqtail list trace), but %u of its first %u lines "
                      "are of %s; line %llu is not: %s; --from %s --skip-bad N passes over N such lines", like->fit,
                      like->fit + like->unfit, name, (unsigned long long)like->line, like->problem, name);
}

// ---- all of it ---------------------------------------------------------------------------------------------------

static int tell_bytes(struct diag *diag, struct place place, struct trace_stream *stream)
{
    struct columns_likeness like;
    struct text line = {"", 0};
    size_t size = trace_stream_ahead(stream, LOOKED_AT);
    const struct kin *known = find_kin(stream->at, size);
    if (known != NULL)
        return diag_error(diag, place, "this is %s", known->what);
    const struct trace_format_ops *near = find_near(stream->at, MIN(size, (size_t)LOOKED_AT), &like);
    if (near != NULL)
        return tell_near(diag, place, near->name, &like);
    trace_stream_line(stream, &line);
    return tell_line(diag, place, line);
}

int trace_tell_unknown(struct diag *diag, const struct trace_input *input)
{
    struct trace_stream *stream = trace_stream_open(&input->files[0], NULL);
    int result = tell_bytes(diag, (struct place){.file = input->path}, stream);
    trace_stream_close(stream);
    return result;
}
