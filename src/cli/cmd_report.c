// sqtail report: results as one page for a browser.
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/read_results.h"
#include "cli/whole_file.h"
#include "report/html.h"

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

static int run(const struct invocation *call)
{
    const struct report_options *options = call->options;
    struct diag *diag = diag_create();
    struct read_results results = {0};
    int failed = read_results(&results, call->arguments, call->count, diag);
    if (failed == 0)
        failed = write_page(&(struct shown){results.at, results.count}, options->output, diag);
    read_results_free(&results);
    diag_print(diag, stderr);
    diag_destroy(diag);
    return failed == 0 ? EXIT_SUCCESS : EXIT_USER_ERROR;
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
