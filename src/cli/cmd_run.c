// sqtail run: plays a recording or a synthetic job on a simulated drive.
#include <stdbool.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/session/run_block.h"
#include "cli/session/run_timeline.h"
#include "cli/session/session.h"
#include "report/data/fio_json.h"
#include "report/text/slow_commands.h"
#include "report/data/summary_json.h"

// What is printed of a result.
#define RUN_FORMATS "text|json|fio-json|fio-json+"
enum run_format { RUN_TEXT, RUN_JSON, RUN_FIO_JSON, RUN_FIO_JSON_PLUS };

struct run_options {
    struct session_options session;
    struct timeline_options timeline;
    struct block_options block;
    uint32_t format; // enum run_format
};

static const struct option_row rows[] = {
    SESSION_ROWS(struct run_options)
    TIMELINE_ROWS(struct run_options)
    BLOCK_ROWS(struct run_options)
    {"format", 'f', OPTION_CHOICE, offsetof(struct run_options, format), RUN_FORMATS,
     "What to print: the summary, summary.json, or what fio prints with --output-format=json or json+, for plotters "
     "and dashboards that read it."},
};

struct run {
    const struct session_options *options;
    enum run_format format;
    bool written;
};

static void print_summary(const struct report_input *input, uint32_t explain)
{
    report_print_summary(input, stdout, options_want_colour());
    if (explain > 0)
        slow_commands_tell(input->slowest, explain, stdout);
}

static void show(const struct report_input *input, enum run_format format, uint32_t explain)
{
    if (format == RUN_JSON)
        report_write_json(input, stdout);
    else if (format == RUN_TEXT)
        print_summary(input, explain);
    else
        report_write_fio_json(input, format == RUN_FIO_JSON_PLUS, stdout);
}

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
        show(input, run->format, (uint32_t)run->options->explain_slowest);
    fflush(stdout);
    return result;
}

static int run(const struct invocation *call)
{
    const struct run_options *options = call->options;
    struct session_options session = options->session;
    session.config_path = call->arguments[0];
    struct run run = {.options = &session, .format = options->format};
    struct run_block *block = run_block_begin(&options->block, &session);
    int code = run_with_timeline(&options->timeline, &session, call->line, write_and_show, &run);
    run_block_end(block);
    // Only now that the drive's memory is free: gnuplot's process begins as a copy of ours.
    if (run.written && !session.no_plots)
        session_draw(&session);
    return code;
}

const struct command command_run = {
    .name = "run",
    .arguments = "CONFIG.yaml (--trace PATH | --job TEXT | --fio JOB.fio) [options]",
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
