// The registry of the formats that can be written.
#include "trace/write/writers.h"

#include <errno.h>
#include <string.h>

extern const struct trace_writer_ops trace_writer_blkparse;
extern const struct trace_writer_ops trace_writer_blktrace;
extern const struct trace_writer_ops trace_writer_csv;
extern const struct trace_writer_ops trace_writer_fio;

const struct trace_writer_ops *const trace_writers[] = {
    &trace_writer_blkparse,
    &trace_writer_blktrace,
    &trace_writer_csv,
    &trace_writer_fio,
    NULL,
};

enum { NAMES_MAX = 16 };

const struct trace_writer_ops *trace_writer_find(struct diag *diag, const char *format)
{
    const char *names[NAMES_MAX + 1] = {NULL};
    for (size_t i = 0; trace_writers[i] != NULL && i < NAMES_MAX; i++) {
        if (strcmp(trace_writers[i]->name, format) == 0)
            return trace_writers[i];
        names[i] = trace_writers[i]->name;
    }
    const char *near = diag_nearest(format, names);
    diag_error(diag, (struct place){.file = "--format"}, "cannot write format '%s'%s%s%s", format,
               near == NULL ? "" : "; did you mean '", near == NULL ? "" : near, near == NULL ? "" : "'?");
    return NULL;
}

int trace_written(struct diag *diag, FILE *to)
{
    if (fflush(to) == 0 && !ferror(to))
        return 0;
    return diag_error(diag, (struct place){.file = "output"}, "cannot write: %s", strerror(errno));
}
