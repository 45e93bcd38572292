// sqtail man: the manual page, from the tables that also parse the options and the configuration.
#include <stdlib.h>

#include "build_config.h"
#include "cli/commands.h"
#include "cli/session.h"

static int run(const struct invocation *call)
{
    printf(".TH SQTAIL 1 \"\" \"%s\" \"User Commands\"\n", PACKAGE_STRING);
    puts(".SH NAME\nsqtail \\- cycle-level NVMe SSD simulator\n.SH SYNOPSIS\n.B sqtail\n.I COMMAND\n.RI [ options ]");
    puts(".SH DESCRIPTION\nSimulates an NVMe SSD, command by command: a front\\-end that speaks NVMe over PCIe, a "
         "flash translation layer, and a NAND back\\-end with ECC and RAID. It replays blktrace recordings or "
         "synthetic jobs, and shows latency distributions and where each microsecond went.");
    puts(".SH COMMANDS");
    for (size_t i = 0; call->commands[i] != NULL; i++)
        options_print_man(call->commands[i], stdout);
    puts(".SH CONFIGURATION\nA YAML file; every key is optional. Times, sizes and rates are written with their "
         "unit: 50us, 16KiB (or 16k, as fio has it), 1200MT/s.\n.PP\nA name that is no file here is looked for among "
         "the configurations that come with sqtail (sqtail list config), with or without .yaml.\n.PP\n"
         ".B include:\ntakes a file or a list of them, read first, so that what the including file gives wins. They "
         "are looked for beside the including file, then among those that come with sqtail: a drive of your own can "
         "begin with\n.nf\ninclude: nand/tlc\\-64l.yaml\n.fi\n.PP\n.B \\-\\-set\nwins over all files. A number may be "
         "relative to what there is: nand.t_prog=+20%, nand.t_r=\\-10%, nand.channels=x2.\n.PP\n"
         "A key that is given where it has no effect is an error. What a file gave, and a later one or \\-\\-set took "
         "the effect from, is none; sqtail check lists it.");
    struct config_section sections[MACHINE_SECTIONS_MAX];
    machine_get_sections(sections);
    config_write_schema(sections, CONFIG_SCHEMA_MAN, stdout);
    puts(".SH EXIT STATUS\n.TP\n.B 0\nAll is well.\n.TP\n.B 1\nA comparison found a regression.\n.TP\n.B 2\n"
         "The user's error: usage, configuration, recording, a full disk or standard output, a run longer than\n"
         "simulated time (106 days) or one in which time cannot pass.\n.TP\n.B 3\n"
         "A broken invariant: a bug in sqtail.\n.TP\n"
         ".B 129, 130, 143, 152\nEnded by SIGHUP, SIGINT, SIGTERM or SIGXCPU.");
    puts(".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nNo colour on the terminal, as with\n.B TERM=dumb\nor none.\n.TP\n"
         ".B SQTAIL_CONFIGS\nA folder in which configurations are looked for by name.");
    return EXIT_SUCCESS;
}

const struct command command_man = {
    .name = "man",
    .arguments = "",
    .summary = "Print the manual page, in man(7) markup.",
    .run = run,
};
