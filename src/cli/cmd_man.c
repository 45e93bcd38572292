// sqtail man: the manual page, from the tables that also parse the options and the configuration.
#include <stdlib.h>

#include "build_config.h"
#include "cli/commands.h"
#include "cli/man_tables.h"
#include "cli/session/session.h"

static void print_recording(void)
{
    puts(".SH RECORDING\nA recording is made on the machine whose load it is, by\n.BR blktrace (8),\nas root, and needs "
         "no more than a minute of it:\n.PP\n.nf\nblktrace \\-d /dev/nvme0n1 \\-w 60 \\-o trace\n.fi\n.PP\nThe files "
         "trace.blktrace.0, .1 and so on, one a processor, are replayed together:\n.PP\n.nf\nsqtail run "
         "generic\\-tlc\\-gen4.yaml \\-\\-trace trace \\-o result\n.fi\n.PP\nThe folder to which it is written "
         "should lie on another device, or in memory. What\n.BR blkparse (1)\nprints is taken, too.");
}

static void print_files(void)
{
    static const char *const files[][2] = {
        {"summary.json", "All figures, the effective configuration, what was run."},
        {"summary.txt, stats.csv", "The summary as text; the figures as rows of group, name, value, unit."},
        {"KIND.hgrm, JOB.KIND.hgrm", "HdrHistogram's percentiles of each kind of command, in microseconds."},
        {"timeseries.csv, utilization.csv, offsets.csv",
         "The course over time; how busy each die and channel was; where requests went."},
        {"plots/", "Each plot as gnuplot script, data and picture."},
        {"host.json", "What may differ between machines: the command line, speed."},
        {"curve.json, curve.csv, points/", "Of a load curve: its points, and the result of each."},
    };
    puts(".SH FILES\nIn the folder of a result:");
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        printf(".TP\n.I ");
        options_print_escaped(files[i][0], stdout);
        putchar('\n');
        options_print_escaped(files[i][1], stdout);
        putchar('\n');
    }
    printf(".PP\nConfigurations that come with it lie in\n.IR %s/configs .\n", PKGDATADIR);
}

static void print_examples(const struct command *const *commands)
{
    for (size_t i = 0; commands[i] != NULL; i++) {
        if (commands[i]->subcommands != NULL)
            print_examples(commands[i]->subcommands);
        if (commands[i]->example == NULL)
            continue;
        fputs(".PP\n", stdout);
        options_print_escaped(commands[i]->summary, stdout);
        fputs("\n.PP\n.nf\n", stdout);
        options_print_escaped(commands[i]->example, stdout);
        puts("\n.fi");
    }
}

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
    print_recording();
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
    man_print_jobs();
    man_print_workloads();
    man_print_stages();
    man_print_metrics();
    man_print_plots();
    print_files();
    puts(".SH EXAMPLES");
    print_examples(call->commands);
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
