// The registry of formats, and detection by content: a file's name says nothing about what is in it.
#include "trace/format.h"

#include <stdlib.h>
#include <string.h>

#include "trace/read/columns_read.h"
#include "trace/input/input.h"
#include "trace/input/stream.h"
#include "util/alloc.h"

extern const struct trace_format_ops trace_format_blktrace;
extern const struct trace_format_ops trace_format_blkparse;
extern const struct trace_format_ops trace_format_ftrace;
extern const struct trace_format_ops trace_format_vscsi;

enum { PROBE_BYTES = 1 << 20 };

const struct trace_format_ops *const trace_formats[] = {
    &trace_format_blktrace,
    &trace_format_vscsi,
#define COLUMN_FORMAT(id, name, help, columns) &trace_format_##id,
    COLUMN_FORMAT_LIST(COLUMN_FORMAT)
#undef COLUMN_FORMAT
    &trace_format_ftrace,
    &trace_format_blkparse, // looks at every line of them
    &trace_format_columns,
    NULL,
};

static const struct trace_format_ops *detect_file(const struct trace_file *file)
{
    struct trace_stream *stream = trace_stream_open(file, NULL);
    size_t size = trace_stream_ahead(stream, PROBE_BYTES), f = 0;
    while (trace_formats[f] != NULL && !trace_formats[f]->probe(trace_formats[f], stream->at, size))
        f++;
    trace_stream_close(stream);
    return trace_formats[f];
}

const struct trace_format_ops *trace_format_detect(const struct trace_input *input)
{
    for (size_t i = 0; i < input->count; i++) {
        const struct trace_format_ops *found = detect_file(&input->files[i]);
        if (found != NULL)
            return found;
    }
    return NULL;
}

static const struct trace_format_ops *find(struct diag *diag, const char *name)
{
    const char *names[ARRAY_SIZE(trace_formats)] = {NULL};
    for (size_t i = 0; trace_formats[i] != NULL; i++) {
        if (strcmp(trace_formats[i]->name, name) == 0)
            return trace_formats[i];
        names[i] = trace_formats[i]->name;
    }
    const char *near = diag_nearest(name, names);
    diag_error(diag, (struct place){.file = "--from"}, "unknown format '%s' of a recording%s%s%s", name,
               near == NULL ? " (sqtail list trace)" : "; did you mean '", near == NULL ? "" : near,
               near == NULL ? "" : "'?");
    return NULL;
}

const struct trace_format_ops *trace_format_named(struct diag *diag, const char *text, const char **more)
{
    char *name = xstrdup(text), *colon = strchr(name, ':');
    *more = colon == NULL ? NULL : text + (colon - name) + 1;
    if (colon != NULL)
        *colon = '\0';
    const struct trace_format_ops *found = find(diag, name);
    free(name);
    if (found == NULL || found->takes_more || *more == NULL)
        return found;
    diag_error(diag, (struct place){.file = "--from"}, "format %s takes no description", found->name);
    return NULL;
}
