// sqtail run: plays a recording or a synthetic job on a simulated drive.
#include <stdbool.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/session.h"

struct run_options {
    struct session_options session;
};

static const struct option_row rows[] = {SESSION_ROWS(struct run_options)};

struct run {
    const struct session_options *options;
    bool written;
};

// In this order, so that the folder is there even when a pager that reads the summary is closed early.
static int write_and_show(void *context, const struct report_input *input, struct diag *diag)
{
    struct run *run = context;
    int result = 0;
    if (run->options->output != NULL) {
        result = report_write(input, run->options->output, diag);
        run->written = result == 0;
    }
    if (!run->options->quiet)
        report_print_summary(input, stdout, options_want_colour());
    fflush(stdout);
    return result;
}

static int run(const struct invocation *call)
{
    struct session_options session = ((const struct run_options *)call->options)->session;
    session.config_path = call->arguments[0];
    struct run run = {.options = &session};
    int code = session_run(&session, call->line, write_and_show, &run);
    // Only now that the drive's memory is free: gnuplot's process begins as a copy of ours.
    if (run.written && !session.no_plots)
        session_draw(&session);
    return code;
}

const struct command command_run = {
    .name = "run",
    .arguments = "CONFIG.yaml (--trace PATH | --job TEXT) [options]",
    .summary = "Play a recording or a synthetic job on a simulated drive.",
    .details = "Prints a summary, and writes the results to the folder given by --output. The first interrupt, "
               "or SIGTERM, SIGHUP or SIGXCPU, ends the run cleanly and writes what there is, marked as not complete; "
               "the second interrupt ends at once. SIGUSR1 prints a line on how far the run is.",
    .example = "sqtail run wd-black-sn750-1tb.yaml --trace traces/mke2fs -o result",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1,
    .options_bytes = sizeof(struct run_options),
    .run = run,
};
