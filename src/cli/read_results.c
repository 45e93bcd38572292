// The results that a command line names.
#include "cli/read_results.h"

#include <stdlib.h>

#define COMMAND_LINE ((struct place){.file = "sqtail"})

struct read_results {
    struct result at[READ_RESULTS_MAX];
    size_t count;
};

static const char *kind_of(const struct result *result)
{
    return result->is_curve ? "a curve" : "a run";
}

// Runs and curves have nothing that could be shown together.
static int check_alike(const struct read_results *results, struct diag *diag)
{
    const struct result *first = &results->at[0];
    for (size_t i = 1; i < results->count; i++)
        if (results->at[i].is_curve != first->is_curve)
            return diag_error(diag, COMMAND_LINE, "'%s' is %s, '%s' is %s: they cannot be shown over each other",
                              first->folder, kind_of(first), results->at[i].folder, kind_of(&results->at[i]));
    return 0;
}

static int read_all(struct read_results *results, const struct invocation *call, struct diag *diag)
{
    int failed = 0;
    for (size_t i = 0; i < call->count; i++)
        if (result_read(&results->at[results->count], call->arguments[i], diag) == 0)
            results->count++;
        else
            failed = -1;
    result_set_labels(results->at, results->count);
    return failed == 0 ? check_alike(results, diag) : failed;
}

int read_results(const struct invocation *call, show_results_fn *show)
{
    struct read_results results = {.count = 0};
    struct diag *diag = diag_create();
    int failed = read_all(&results, call, diag);
    if (failed == 0)
        failed = show(&(struct shown){results.at, results.count}, call->options, diag);
    for (size_t i = 0; i < results.count; i++)
        result_destroy(&results.at[i]);
    diag_print(diag, stderr);
    diag_destroy(diag);
    return failed == 0 ? EXIT_SUCCESS : EXIT_USER_ERROR;
}
