// sqtail trace head: the first events of a recording, as blkparse prints them.
#include "cli/trace/cmd_trace.h"
#include "cli/trace/trace_reading.h"
#include "trace/write/convert.h"

enum { EVENTS_SHOWN = 10 };

struct head_options {
    struct trace_reading_options reading;
    uint64_t count;
};

static const struct option_row rows[] = {
    TRACE_READING_ROWS(struct head_options)
    {"count", 'n', OPTION_COUNT, offsetof(struct head_options, count), "N", "Events to show (default 10)."},
};

static int head(struct diag *diag, const struct invocation *call)
{
    const struct head_options *options = call->options;
    struct trace_options how = trace_reading_of(&options->reading);
    uint64_t count = options->count == 0 ? EVENTS_SHOWN : options->count;
    return trace_print_head(diag, options_input_path(call->arguments[0]), &how, count, stdout);
}

static int run(const struct invocation *call)
{
    return trace_command(call, head);
}

const struct command command_trace_head = {
    .name = "trace head",
    .arguments = "PATH [options]",
    .summary = "Its first events, as blkparse prints them.",
    .example = "sqtail trace head traces/mke2fs --count 25",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1,
    .options_bytes = sizeof(struct head_options),
    .run = run,
};
