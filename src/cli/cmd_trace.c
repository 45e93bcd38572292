// sqtail trace: looks at recordings and converts them.
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/session.h"
#include "report/plot/plot_recording.h"
#include "report/plot/plots.h"
#include "report/report.h"
#include "trace/write/convert.h"
#include "util/alloc.h"

struct trace_command_options {
    uint32_t action;
    uint64_t skip_bad, look_ahead;
    const char *device;
    uint64_t count;
    const char *format;
    const char *from;
    const char *output;
    uint32_t picture; // enum figure_format
    bool no_plots;
};

#define AT(member) offsetof(struct trace_command_options, member)

static const struct option_row rows[] = {
    {"action", 0, OPTION_CHOICE, AT(action), "D|Q",
     "blktrace events that count as requests: D, issued, or Q, queued."},
    {"skip-bad", 0, OPTION_NUMBER, AT(skip_bad), "N", "Tolerate up to N malformed records, and count them."},
    {"device", 0, OPTION_TEXT, AT(device), "MAJOR,MINOR",
     "Of several devices the one whose requests or events count (default: requests of a stack's lowest, all events)."},
    {"count", 'n', OPTION_COUNT, AT(count), "N", "head: events to show (default 10)."},
    {"format", 'f', OPTION_TEXT, AT(format), "NAME",
     "convert: format to write (default csv); see sqtail list trace."},
    {"from", 0, OPTION_TEXT, AT(from), "NAME|COLUMNS",
     "Format of the recording (default: by its content), or \"columns: time=1:us offset=3:sectors bytes=4 op=5\"."},
    TRACE_LOOK_AHEAD_ROW(look_ahead, struct trace_command_options)
    {"output", 'o', OPTION_TEXT, AT(output), "FILE|DIR",
     "convert: file to write (default standard output); plot: folder for the picture, its script and data."},
    {"picture", 0, OPTION_CHOICE, AT(picture), FIGURE_FORMATS, "plot: format of the picture."},
    {"no-plots", 0, OPTION_FLAG, AT(no_plots), NULL, "plot: write the script, but do not run gnuplot."},
};

#define COMMAND_LINE ((struct place){.file = "sqtail"})

static int info(struct diag *diag, const char *path, const struct trace_options *options)
{
    struct trace *trace = trace_open(diag, path, options);
    if (trace == NULL)
        return -1;
    trace_print_info(trace_get_info(trace), stdout);
    trace_close(trace);
    return 0;
}

static int write_file(struct diag *diag, const char *path, const struct trace_options *options, const char *format,
                      const char *file, const char *shown)
{
    FILE *to = fopen(file, "wb");
    if (to == NULL)
        return diag_error(diag, (struct place){.file = shown}, "cannot write: %m");
    int failed = trace_convert(diag, path, options, format, to);
    if (fclose(to) != 0 && failed == 0)
        failed = diag_error(diag, (struct place){.file = shown}, "cannot write: %m");
    return failed;
}

// A regular file appears under its name only when it is complete: it may be the very recording that is read, and a
// failure must not cost the older one. Anything else (a pipe, a device) is written where it is.
static int convert_to_file(struct diag *diag, const char *path, const struct trace_options *options,
                           const char *format, const char *output)
{
    struct stat st;
    if (stat(output, &st) == 0 && !S_ISREG(st.st_mode))
        return write_file(diag, path, options, format, output, output);
    char *temporary = xmalloc(strlen(output) + 32);
    sprintf(temporary, "%s.new-%ld", output, (long)getpid());
    int failed = write_file(diag, path, options, format, temporary, output);
    if (failed == 0 && rename(temporary, output) != 0)
        failed = diag_error(diag, (struct place){.file = output}, "cannot write: %m");
    if (failed != 0)
        remove(temporary);
    free(temporary);
    return failed;
}

static int convert(struct diag *diag, const char *path, const struct trace_options *options, const char *format,
                   const char *output)
{
    format = format != NULL ? format : "csv";
    if (output == NULL)
        return trace_convert(diag, path, options, format, stdout);
    return convert_to_file(diag, path, options, format, output);
}

static void draw(struct diag *diag, const char *folder, const struct trace_command_options *options)
{
    char *names[] = {"recording"};
    if (!options->no_plots)
        report_draw_scripts(&(struct report_scripts){folder, names, 1}, REPORT_DRAW_LIMIT_S, diag);
    printf("%s/recording.%s\n", folder,
           options->no_plots ? "gp" : figure_format_suffix((enum figure_format)options->picture));
}

static int plot(struct diag *diag, const char *path, const struct trace_options *how,
                const struct trace_command_options *options)
{
    struct folder folder;
    struct trace *trace = trace_open(diag, path, how);
    const char *place = options->output == NULL ? "." : options->output;
    if (trace == NULL)
        return -1;
    int failed = folder_begin_plain(&folder, place, diag);
    if (failed == 0) {
        struct figure *figure = plot_recording(trace);
        plot_write(&folder, "", figure, (enum figure_format)options->picture);
        figure_destroy(figure);
        failed = folder_commit(&folder);
    }
    trace_close(trace);
    if (failed == 0)
        draw(diag, place, options);
    return failed;
}

static int dispatch(struct diag *diag, const char *what, const char *path,
                    const struct trace_command_options *options)
{
    struct trace_options how = {.action = "DQ"[options->action], .skip_bad = options->skip_bad,
                                .window = options->look_ahead, .device = options->device, .format = options->from};
    if (strcmp(what, "info") == 0)
        return info(diag, path, &how);
    if (strcmp(what, "head") == 0)
        return trace_print_head(diag, path, &how, options->count == 0 ? 10 : options->count, stdout);
    if (strcmp(what, "convert") == 0)
        return convert(diag, path, &how, options->format, options->output);
    if (strcmp(what, "plot") == 0)
        return plot(diag, path, &how, options);
    const char *nearest = diag_nearest(what, (const char *const[]){"info", "head", "convert", "plot", NULL});
    if (nearest != NULL)
        return diag_error(diag, COMMAND_LINE, "trace wants info, head, convert or plot; did you mean '%s'?", nearest);
    return diag_error(diag, COMMAND_LINE, "trace wants info, head, convert or plot, not '%s'", what);
}

// An option of another of them must not be given, and forgotten.
static int refuse_unused(struct diag *diag, const char *what, const struct trace_command_options *options)
{
    int failed = 0;
    if (options->count != 0 && strcmp(what, "head") != 0)
        failed = diag_error(diag, COMMAND_LINE, "--count is for trace head");
    if (options->format != NULL && strcmp(what, "convert") != 0)
        failed = diag_error(diag, COMMAND_LINE, "--format is what trace convert writes; the recording's own is named by --from");
    bool plots = strcmp(what, "plot") == 0;
    if (options->output != NULL && strcmp(what, "convert") != 0 && !plots)
        failed = diag_error(diag, COMMAND_LINE, "--output is for trace convert and plot; print into a file with '>'");
    if ((options->picture != 0 || options->no_plots) && !plots)
        failed = diag_error(diag, COMMAND_LINE, "--picture and --no-plots are for trace plot");
    return failed;
}

static int run(const struct invocation *call)
{
    struct diag *diag = diag_create();
    int failed = refuse_unused(diag, call->arguments[0], call->options);
    if (failed == 0)
        failed = dispatch(diag, call->arguments[0], options_input_path(call->arguments[1]), call->options);
    diag_print(diag, stderr);
    diag_destroy(diag);
    return failed == 0 ? EXIT_SUCCESS : EXIT_USER_ERROR;
}

const struct command command_trace = {
    .name = "trace",
    .arguments = "info|head|convert|plot PATH [options]",
    .summary = "Look at a recording: what is in it, its first events, a picture; or convert it.",
    .example = "sqtail trace convert traces/mke2fs --format csv --output mke2fs.csv",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 2,
    .max_arguments = 2,
    .options_bytes = sizeof(struct trace_command_options),
    .run = run,
};
