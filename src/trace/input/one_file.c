// Formats whose recordings are one file, of those that there are.
#include "trace/input/input.h"

const struct trace_file *trace_input_one_file(const struct trace_input *input, const char *what, struct diag *diag)
{
    const struct trace_file *file = NULL;
    for (size_t i = 0; i < input->count; i++) {
        if (input->files[i].empty)
            continue;
        if (file != NULL) {
            diag_error(diag, (struct place){.file = input->files[i].path}, "%s is one file, but '%s' belongs to it too",
                       what, file->path);
            return NULL;
        }
        file = &input->files[i];
    }
    return file;
}
