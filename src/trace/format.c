// The registry of formats, and detection by content: a file's name says nothing about what is in it.
#include "trace/format.h"

#include "trace/input.h"

extern const struct trace_format_ops trace_format_blktrace;
extern const struct trace_format_ops trace_format_blkparse;

const struct trace_format_ops *const trace_formats[] = {
    &trace_format_blktrace,
    &trace_format_blkparse,
    NULL,
};

const struct trace_format_ops *trace_format_detect(const struct trace_input *input)
{
    for (size_t i = 0; i < input->count; i++) {
        const struct trace_file *file = &input->files[i];
        for (size_t f = 0; trace_formats[f] != NULL; f++)
            if (trace_formats[f]->probe(file->bytes, file->size))
                return trace_formats[f];
    }
    return NULL;
}
