// sqtail trace plot: a picture of a recording.
#include "cli/cmd_trace.h"
#include "cli/trace_reading.h"
#include "report/plot/plot_recording.h"
#include "report/plot/plots.h"
#include "report/report.h"

struct plot_options {
    struct trace_reading_options reading;
    const char *output;
    uint32_t picture; // enum figure_format
    bool no_plots;
};

#define AT(member) offsetof(struct plot_options, member)

static const struct option_row rows[] = {
    TRACE_READING_ROWS(struct plot_options)
    {"output", 'o', OPTION_TEXT, AT(output), "DIR", "Folder for the picture, its script and data (default: here)."},
    {"picture", 0, OPTION_CHOICE, AT(picture), FIGURE_FORMATS, "Format of the picture."},
    {"no-plots", 0, OPTION_FLAG, AT(no_plots), NULL, "Write the script, but do not run gnuplot."},
};

static void draw(struct diag *diag, const char *folder, const struct plot_options *options)
{
    char *names[] = {"recording"};
    if (!options->no_plots)
        report_draw_scripts(&(struct report_scripts){folder, names, 1}, REPORT_DRAW_LIMIT_S, diag);
    printf("%s/recording.%s\n", folder,
           options->no_plots ? "gp" : figure_format_suffix((enum figure_format)options->picture));
}

static int write_figure(struct diag *diag, const char *place, struct trace *trace, enum figure_format format)
{
    struct folder folder;
    if (folder_begin_plain(&folder, place, diag) != 0)
        return -1;
    struct figure *figure = plot_recording(trace);
    plot_write(&folder, "", figure, format);
    figure_destroy(figure);
    return folder_commit(&folder);
}

static int plot(struct diag *diag, const struct invocation *call)
{
    const struct plot_options *options = call->options;
    struct trace_options how = trace_reading_of(&options->reading);
    struct trace *trace = trace_open(diag, options_input_path(call->arguments[0]), &how);
    const char *place = options->output == NULL ? "." : options->output;
    if (trace == NULL)
        return -1;
    int failed = write_figure(diag, place, trace, (enum figure_format)options->picture);
    trace_close(trace);
    if (failed == 0)
        draw(diag, place, options);
    return failed;
}

static int run(const struct invocation *call)
{
    return trace_command(call, plot);
}

const struct command command_trace_plot = {
    .name = "trace plot",
    .arguments = "PATH [options]",
    .summary = "Draw it: where its requests went over time, how many, what they took.",
    .example = "sqtail trace plot traces/fio-randrw70-16k-qd16-uring -o plots",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1,
    .options_bytes = sizeof(struct plot_options),
    .run = run,
};
