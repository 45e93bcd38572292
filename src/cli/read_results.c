// The results that a command line names.
#include "cli/read_results.h"

#define COMMAND_LINE ((struct place){.file = "sqtail"})

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

int read_results(struct read_results *results, char **paths, size_t count, struct diag *diag)
{
    int failed = 0;
    for (size_t i = 0; i < count; i++)
        if (result_read(&results->at[results->count], paths[i], diag) == 0)
            results->count++;
        else
            failed = -1;
    result_set_labels(results->at, results->count);
    return failed == 0 ? check_alike(results, diag) : failed;
}

void read_results_free(struct read_results *results)
{
    for (size_t i = 0; i < results->count; i++)
        result_destroy(&results->at[i]);
}
