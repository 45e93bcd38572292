// sqtail compare: has a new result become worse than a base?
#include <stdlib.h>

#include "cli/commands.h"
#include "report/report_compare.h"

struct compare_options {
    struct option_texts thresholds;
};

static const struct option_row rows[] = {
    {"threshold", 't', OPTION_TEXTS, offsetof(struct compare_options, thresholds), "METRIC=PERCENT%",
     "What may become worse by how much, such as p99=5% or read.p99.9=10%; may be repeated. Default: mean, p99 and "
     "iops 5%."},
};

static int run(const struct invocation *call)
{
    const struct compare_options *options = call->options;
    struct diag *diag = diag_create();
    struct report_compare_options how = {
        .thresholds = options->thresholds.count > 0 ? options->thresholds.text : NULL,
        .threshold_count = options->thresholds.count,
        .colour = options_want_colour(),
    };
    int regressions = report_compare(call->arguments[0], (const char *const *)call->arguments + 1, call->count - 1,
                                     &how, stdout, diag);
    diag_print(diag, stderr);
    diag_destroy(diag);
    if (regressions < 0)
        return EXIT_USER_ERROR;
    return regressions == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct command command_compare = {
    .name = "compare",
    .arguments = "BASE NEW... [--threshold METRIC=PERCENT%]...",
    .summary = "Compare result folders or curves with a base; exit 1 when one has become worse.",
    .example = "sqtail compare base new --threshold p99=5% --threshold iops=3%",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 2,
    .max_arguments = 1000,
    .options_bytes = sizeof(struct compare_options),
    .run = run,
};
