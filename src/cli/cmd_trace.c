// sqtail trace: a family of commands that look at recordings and make others of them, a file each.
#include "cli/cmd_trace.h"

const struct command *const trace_commands[] = {
    &command_trace_info, &command_trace_head, &command_trace_plot, &command_trace_convert, NULL,
};

const struct command command_trace = {
    .name = "trace",
    .arguments = "WORD PATH [options]",
    .summary = "Look at a recording: what is in it, its first events, a picture; or convert it.",
    .example = "sqtail trace info traces/mke2fs",
    .subcommands = trace_commands,
};
