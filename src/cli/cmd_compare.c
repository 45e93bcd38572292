// sqtail compare: has a new result become worse than a base?
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/whole_file.h"
#include "compare/format.h"
#include "compare/plot.h"
#include "report/report.h"
#include "util/alloc.h"

#define COMMAND_LINE ((struct place){.file = "sqtail"})

struct compare_command_options {
    struct option_texts thresholds, files;
    const char *confidence, *plot;
    uint32_t format; // of compare_formats
    bool any_load, either, config_diff, list_metrics;
};

#define AT(member) offsetof(struct compare_command_options, member)

static const struct option_row rows[] = {
    {"threshold", 't', OPTION_TEXTS, AT(thresholds), "METRIC=LIMIT",
     "What may become worse by how much: p99=5%, read.p99.9=3%,2us (both must be exceeded), "
     "'p99=5%@iodepth<=64' at those points of curves; may be repeated. Default: mean, p50, p99 and iops 5%. More errors "
     "are a regression whatever is given, unless it is about errors."},
    {"list-metrics", 'l', OPTION_FLAG, AT(list_metrics), NULL,
     "Print the metrics that there are, and compare nothing."},
    {"either", 'e', OPTION_FLAG, AT(either), NULL, "A change for the better fails, too: nothing was to move."},
    {"confidence", 'c', OPTION_TEXT, AT(confidence), "PERCENT%",
     "How sure, with several seeds a side, that nothing that fails is the seeds' doing (default 99.9%)."},
    {"any-load", 'a', OPTION_FLAG, AT(any_load), NULL,
     "Compare results of different loads (recording, job, seed, kinds and numbers of commands), too: warn of what "
     "differs instead of refusing."},
    {"config-diff", 'd', OPTION_FLAG, AT(config_diff), NULL,
     "Show all differences of configuration, not the first few."},
    {"format", 'f', OPTION_CHOICE, AT(format), COMPARE_FORMATS,
     "What to print: a table, all as JSON, Markdown, JUnit XML, or name, unit and value for benchmark trackers (what "
     "is better when smaller; when bigger)."},
    {"write", 'w', OPTION_TEXTS, AT(files), "FORMAT=FILE",
     "Write the comparison into a file, too, such as junit=compare.xml; may be repeated."},
    {"plot", 'p', OPTION_TEXT, AT(plot), "DIR", "Write the comparison and its plots into the folder DIR."},
};

// --- options -------------------------------------------------------------------------------------------------------

static int parse_confidence(const char *text, double *confidence, struct diag *diag)
{
    char *end = NULL;
    double percent = text == NULL ? 0 : strtod(text, &end);
    if (text == NULL)
        return 0;
    if (end == text || strcmp(end, "%") != 0 || !(percent >= 50 && percent < 100))
        return diag_error(diag, COMMAND_LINE, "--confidence wants a percentage from 50%% to below 100%%, not '%s'",
                          text);
    *confidence = percent / 100;
    return 0;
}

static const struct compare_format *find_format(const char *text, size_t length)
{
    for (size_t i = 0; compare_formats[i] != NULL; i++)
        if (strlen(compare_formats[i]->name) == length && strncmp(compare_formats[i]->name, text, length) == 0)
            return compare_formats[i];
    return NULL;
}

static int check_files(const struct option_texts *files, struct diag *diag)
{
    int result = 0;
    for (uint32_t i = 0; i < files->count; i++) {
        const char *text = files->text[i];
        size_t length = strcspn(text, "=");
        if (text[length] == '\0' || text[length + 1] == '\0' || find_format(text, length) == NULL)
            result = diag_error(diag, COMMAND_LINE, "--write wants FORMAT=FILE with one of " COMPARE_FORMATS
                                ", not '%s'", text);
    }
    return result;
}

// One result alone can be listed, or handed to a tracker; it cannot be compared.
static int check_count(const struct compare_command_options *options, size_t count, struct diag *diag)
{
    if (count > 1 || options->list_metrics || compare_formats[options->format]->takes_one)
        return 0;
    return diag_error(diag, COMMAND_LINE, "one more argument is needed; usage: sqtail compare %s",
                      command_compare.arguments);
}

// --- output --------------------------------------------------------------------------------------------------------

static int write_file(const struct comparison *comparison, const char *text, struct diag *diag)
{
    size_t length = strcspn(text, "=");
    const char *path = text + length + 1;
    FILE *file = whole_file_open(path);
    if (file != NULL)
        comparison_write(comparison, find_format(text, length), &(struct format_options){.all_changes = true}, file);
    if (whole_file_close(file, path) == 0)
        return 0;
    return diag_error(diag, (struct place){.file = path}, "cannot write: %s", strerror(errno));
}

static int write_files(const struct comparison *comparison, const struct compare_command_options *options,
                       struct diag *diag)
{
    int result = 0;
    for (uint32_t i = 0; i < options->files.count; i++)
        result |= write_file(comparison, options->files.text[i], diag);
    if (options->plot == NULL)
        return result;
    result |= comparison_write_folder(comparison, options->plot, diag);
    if (result == 0)
        report_draw(options->plot, REPORT_DRAW_LIMIT_S, diag);
    return result;
}

static int show(const struct comparison *comparison, const struct compare_command_options *options, struct diag *diag)
{
    struct format_options how = {.colour = options_want_colour(), .all_changes = options->config_diff};
    if (options->list_metrics) {
        comparison_list_metrics(comparison, stdout);
        return EXIT_SUCCESS;
    }
    comparison_write(comparison, compare_formats[options->format], &how, stdout);
    if (write_files(comparison, options, diag) != 0)
        return EXIT_USER_ERROR;
    return comparison->failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

// --- all -----------------------------------------------------------------------------------------------------------

static int compare_arguments(const struct invocation *call, struct diag *diag)
{
    const struct compare_command_options *options = call->options;
    struct compare_options how = {
        .thresholds = options->thresholds.text,
        .threshold_count = options->thresholds.count,
        .any_load = options->any_load,
        .either = options->either,
    };
    if (parse_confidence(options->confidence, &how.confidence, diag) != 0 ||
        check_files(&options->files, diag) != 0 || check_count(options, call->count, diag) != 0)
        return EXIT_USER_ERROR;
    struct comparison *comparison =
        compare(call->arguments[0], (const char *const *)call->arguments + 1, call->count - 1, &how, diag);
    if (comparison == NULL)
        return EXIT_USER_ERROR;
    int code = show(comparison, options, diag);
    comparison_destroy(comparison);
    return code;
}

static int run(const struct invocation *call)
{
    struct diag *diag = diag_create();
    int code = compare_arguments(call, diag);
    diag_print(diag, stderr);
    diag_destroy(diag);
    return code;
}

const struct command command_compare = {
    .name = "compare",
    .arguments = "BASE NEW... [--threshold METRIC=LIMIT]...",
    .summary = "Compare results, curves or sweeps with a base; exit 1 when one has become worse.",
    .details = "Each is the folder of a result, a curve or a sweep, the JSON file in it, or a folder of results that "
               "differ in nothing but their seeds: repetitions. Points of sweeps are those of the same values of all axes "
               "and the same workload. With repetitions a change must exceed its threshold and the noise, which the seeds "
               "tell. Exit 2 when they cannot be compared (another load, not complete, no result), or when the "
               "comparison could not be written.",
    .example = "sqtail compare base new --threshold p99=5% --threshold read.p99.9=3%,2us",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1000,
    .options_bytes = sizeof(struct compare_command_options),
    .run = run,
};
