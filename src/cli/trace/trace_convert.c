// sqtail trace convert: a recording in another format.
#include "cli/trace/cmd_trace.h"
#include "cli/trace/trace_filter.h"
#include "cli/trace/trace_output.h"
#include "cli/trace/trace_reading.h"
#include "trace/write/convert.h"

struct convert_options {
    struct trace_reading_options reading;
    struct trace_writing_options writing;
};

static const struct option_row rows[] = {
    TRACE_READING_ROWS(struct convert_options)
    TRACE_WRITING_ROWS(struct convert_options)
};

static int write_to(void *context, struct diag *diag, FILE *to)
{
    const struct invocation *call = context;
    const struct convert_options *options = call->options;
    struct trace_options how = trace_reading_of(&options->reading);
    return trace_convert(diag, options_input_path(call->arguments[0]), &how,
                         options->writing.format != NULL ? options->writing.format : "csv", to);
}

static int convert(struct diag *diag, const struct invocation *call)
{
    const struct convert_options *options = call->options;
    return trace_output_write(options->writing.output, write_to, (void *)call, diag);
}

static int run(const struct invocation *call)
{
    return trace_command(call, convert);
}

const struct command command_trace_convert = {
    .name = "trace convert",
    .arguments = "PATH [options]",
    .summary = "Write it in another format; what that has no place for is told.",
    .example = "sqtail trace convert traces/mke2fs --format csv --output mke2fs.csv",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1,
    .options_bytes = sizeof(struct convert_options),
    .run = run,
};
