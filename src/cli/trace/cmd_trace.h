// The commands of `sqtail trace`, each in a file of its own.
#ifndef SQTAIL_CLI_TRACE_CMD_TRACE_H
#define SQTAIL_CLI_TRACE_CMD_TRACE_H

#include "cli/commands.h"

extern const struct command command_trace_info, command_trace_head, command_trace_plot, command_trace_convert,
    command_trace_slice, command_trace_merge, command_trace_remap, command_trace_repeat,
    command_trace_characterize;

// All of them, as help shows them; ends with NULL.
extern const struct command *const trace_commands[];

#endif
