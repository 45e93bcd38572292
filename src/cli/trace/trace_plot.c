// sqtail trace plot: pictures of a recording.
#include <stdlib.h>

#include "cli/trace/cmd_trace.h"
#include "cli/trace/trace_reading.h"
#include "report/plot/plot_recording.h"
#include "report/plot/plots.h"
#include "report/report.h"
#include "util/alloc.h"

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

enum { FIGURES = 2 };

static struct figure *make_figure(struct trace *trace, int index)
{
    if (index == 0)
        return plot_recording(trace);
    trace_rewind(trace);
    struct profile *profile = profile_of(trace_as_source(trace));
    struct figure *figure = plot_profile(trace_get_info(trace)->path, profile);
    profile_destroy(profile);
    return figure;
}

static int write_figures(struct diag *diag, const char *place, struct trace *trace, enum figure_format format,
                         char *names[FIGURES])
{
    struct folder folder;
    if (folder_begin_plain(&folder, place, diag) != 0)
        return -1;
    for (int i = 0; i < FIGURES; i++) {
        struct figure *figure = make_figure(trace, i);
        plot_write(&folder, "", figure, format);
        names[i] = xstrdup(figure->name);
        figure_destroy(figure);
    }
    return folder_commit(&folder);
}

static void draw(struct diag *diag, const char *folder, char *const names[FIGURES], const struct plot_options *options)
{
    if (!options->no_plots)
        report_draw_scripts(&(struct report_scripts){folder, names, FIGURES}, REPORT_DRAW_LIMIT_S, diag);
    for (int i = 0; i < FIGURES; i++)
        printf("%s/%s.%s\n", folder, names[i],
               options->no_plots ? "gp" : figure_format_suffix((enum figure_format)options->picture));
}

static int plot(struct diag *diag, const struct invocation *call)
{
    const struct plot_options *options = call->options;
    struct trace_options how = trace_reading_of(&options->reading);
    struct trace *trace = trace_open(diag, options_input_path(call->arguments[0]), &how);
    const char *place = options->output == NULL ? "." : options->output;
    char *names[FIGURES] = {NULL};
    if (trace == NULL)
        return -1;
    int failed = write_figures(diag, place, trace, (enum figure_format)options->picture, names);
    failed |= trace_failed(trace) ? -1 : 0;
    trace_close(trace);
    if (failed == 0)
        draw(diag, place, names, options);
    for (int i = 0; i < FIGURES; i++)
        free(names[i]);
    return failed;
}

static int run(const struct invocation *call)
{
    return trace_command(call, plot);
}

const struct command command_trace_plot = {
    .name = "trace plot",
    .arguments = "PATH [options]",
    .summary = "Draw it: where its requests went over time, how many, what they took; and what it is like.",
    .example = "sqtail trace plot traces/fio-randrw70-16k-qd16-uring -o plots",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1,
    .options_bytes = sizeof(struct plot_options),
    .run = run,
};
