// sqtail trace: a family of commands that look at recordings and make others of them, a file each.
#include "cli/trace/cmd_trace.h"

const struct command *const trace_commands[] = {
    &command_trace_info,  &command_trace_head,  &command_trace_plot,   &command_trace_convert, &command_trace_slice,
    &command_trace_merge, &command_trace_remap, &command_trace_repeat, &command_trace_characterize, NULL,
};

const struct command command_trace = {
    .name = "trace",
    .arguments = "WORD PATH... [options]",
    .summary = "Look at recordings; convert, cut, merge, move and repeat them; fit a job to one.",
    .example = "sqtail trace info traces/mke2fs",
    .subcommands = trace_commands,
};
