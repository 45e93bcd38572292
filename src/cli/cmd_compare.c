// sqtail compare: has a new result become worse than a base?
#include <stdlib.h>

#include "cli/commands.h"
#include "report/report_compare.h"

struct compare_options {
    struct option_texts thresholds;
    bool any_load;
};

static const struct option_row rows[] = {
    {"threshold", 't', OPTION_TEXTS, offsetof(struct compare_options, thresholds), "METRIC=PERCENT%",
     "What may become worse by how much, such as p99=5% or read.p99.9=10%; may be repeated. Default: mean, p99 and "
     "iops 5%. More errors are a regression whatever is given, unless it is about errors."},
    {"any-load", 'a', OPTION_FLAG, offsetof(struct compare_options, any_load), NULL,
     "Compare results of different loads (recording, job, seed, kinds and numbers of commands), too: warn of what "
     "differs instead of refusing."},
};

static int run(const struct invocation *call)
{
    const struct compare_options *options = call->options;
    struct diag *diag = diag_create();
    struct report_compare_options how = {
        .thresholds = options->thresholds.count > 0 ? options->thresholds.text : NULL,
        .threshold_count = options->thresholds.count,
        .any_load = options->any_load,
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
    .details = "Exit 2 when they cannot be compared: another load, not complete, no result.",
    .example = "sqtail compare base new --threshold p99=5% --threshold iops=3%",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 2,
    .max_arguments = 1000,
    .options_bytes = sizeof(struct compare_options),
    .run = run,
};
