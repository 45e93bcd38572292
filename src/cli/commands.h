// All subcommands, each defined in its own file.
#ifndef SQTAIL_CLI_COMMANDS_H
#define SQTAIL_CLI_COMMANDS_H

#include "cli/options.h"

extern const struct command command_run, command_curve, command_compare, command_check, command_schema, command_list,
    command_nvme, command_trace, command_plot, command_report, command_completion, command_man, command_calibrate, command_pts, command_sweep;

#endif
