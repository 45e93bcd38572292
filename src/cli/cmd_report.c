// sqtail report: results as one page for a browser.
#include "cli/commands.h"
#include "cli/read_results.h"
#include "cli/whole_file.h"
#include "report/html/html.h"

struct report_options {
    const char *output;
};

static const struct option_row rows[] = {
    {"output", 'o', OPTION_TEXT, offsetof(struct report_options, output), "FILE.html",
     "File to write (default standard output)."},
};

static int write_page(const struct shown *shown, const char *path, struct diag *diag)
{
    if (path == NULL) {
        report_write_html(shown, stdout);
        return 0;
    }
    FILE *to = whole_file_open(path);
    if (to != NULL)
        report_write_html(shown, to);
    if (whole_file_close(to, path) == 0)
        return 0;
    return diag_error(diag, (struct place){.file = path}, "cannot write: %m");
}

static int show(const struct shown *shown, const void *options, struct diag *diag)
{
    return write_page(shown, ((const struct report_options *)options)->output, diag);
}

static int run(const struct invocation *call)
{
    return read_results(call, show);
}

const struct command command_report = {
    .name = "report",
    .arguments = "RESULT... [-o FILE.html]",
    .summary = "Write results as one HTML page, by themselves or side by side.",
    .details = "The page needs nothing but itself: plots are part of it. It is light or dark as the browser is, and "
               "can be printed.",
    .example = "sqtail report results/base results/new -o report.html",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = READ_RESULTS_MAX,
    .options_bytes = sizeof(struct report_options),
    .run = run,
};
