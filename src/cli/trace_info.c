// sqtail trace info: what is in a recording.
#include "cli/cmd_trace.h"
#include "cli/trace_reading.h"
#include "trace/write/convert.h"

struct info_options {
    struct trace_reading_options reading;
};

static const struct option_row rows[] = {TRACE_READING_ROWS(struct info_options)};

static int info(struct diag *diag, const struct invocation *call)
{
    const struct info_options *options = call->options;
    struct trace_options how = trace_reading_of(&options->reading);
    struct trace *trace = trace_open(diag, options_input_path(call->arguments[0]), &how);
    if (trace == NULL)
        return -1;
    trace_print_info(trace_get_info(trace), stdout);
    trace_close(trace);
    return 0;
}

static int run(const struct invocation *call)
{
    return trace_command(call, info);
}

const struct command command_trace_info = {
    .name = "trace info",
    .arguments = "PATH [options]",
    .summary = "What is in a recording.",
    .example = "sqtail trace info traces/mke2fs",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1,
    .options_bytes = sizeof(struct info_options),
    .run = run,
};
