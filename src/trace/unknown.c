// What is said of a file that is no recording in a known format: of text, what its first line looks like, and how its
// columns can be described.
#include <stdio.h>
#include <string.h>

#include "trace/columns.h"
#include "trace/format.h"
#include "trace/input.h"
#include "trace/stream.h"

enum { SHOWN_FIELDS = 8, SHOWN_LENGTH = 20 };

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

int trace_tell_unknown(struct diag *diag, const struct trace_input *input)
{
    struct text line = {"", 0};
    struct trace_stream *stream = trace_stream_open(&input->files[0], NULL);
    trace_stream_line(stream, &line);
    int result = tell_line(diag, (struct place){.file = input->path}, line);
    trace_stream_close(stream);
    return result;
}
