// sqtail calibrate: fits keys of a configuration to what was measured.
//
// All that is simulated is kept in the folder, so that a calibration that was interrupted, or is asked for again with
// another bound or target, goes on with what is there.
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calibrate/fit.h"
#include "calibrate/keys.h"
#include "calibrate/outcome.h"
#include "cli/runs/calibrate_runs.h"
#include "cli/commands.h"
#include "cli/find_config.h"
#include "cli/whole_file.h"
#include "report/folder/folder.h"
#include "util/alloc.h"

#define COMMAND_LINE ((struct place){.file = "sqtail"})

struct calibrate_options {
    const char *output;
    uint64_t jobs, evaluations;
    uint32_t kernel, progress;
    bool quiet;
};

#define AT(member) offsetof(struct calibrate_options, member)

static const struct option_row rows[] = {
    {"output", 'o', OPTION_TEXT, AT(output), "DIR",
     "Write calibrated.yaml and calibration.json into DIR, and keep the runs there (default: the file's name without "
     "its ending)."},
    {"parallel", 'P', OPTION_COUNT, AT(jobs), "N", "Runs at once (default: as many as there are processors)."},
    {"evaluations", 0, OPTION_COUNT, AT(evaluations), "N",
     "Points to look at (default: 40, and 30 for each key; the last steps come on top)."},
    {"kernel", 'k', OPTION_CHOICE, AT(kernel), SESSION_KERNELS, "Who drives the engine; results are the same."},
    {"progress", 0, OPTION_CHOICE, AT(progress), "auto|always|never", "When to show progress on standard error."},
    {"quiet", 'q', OPTION_FLAG, AT(quiet), NULL, "Print nothing but errors and warnings."},
};

struct calibration {
    const struct calibrate_options *options;
    struct diag *diag;
    struct calibrate_problem problem;
    char *folder;
    struct calibrate_runs runs;
    struct fit fit;
    struct sensitivity sensitivity;
    bool complete;
};

// --- what is asked for ---------------------------------------------------------------------------------------------

// A configuration is looked for beside the calibration first.
static char *config_beside(const struct calibrate_problem *problem)
{
    const char *slash = strrchr(problem->path, '/');
    if (slash == NULL || problem->config[0] == '/')
        return xstrdup(problem->config);
    char *beside = xformat("%.*s/%s", (int)(slash - problem->path), problem->path, problem->config);
    if (access(beside, F_OK) == 0)
        return beside;
    free(beside);
    return xstrdup(problem->config);
}

static char *folder_of(const struct calibrate_options *options, const char *path)
{
    if (options->output != NULL)
        return xstrdup(options->output);
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(name, '.');
    return xformat("%.*s", dot == NULL ? (int)strlen(name) : (int)(dot - name), name);
}

static int check_rows(struct calibration *c)
{
    int result = 0;
    for (size_t r = 0; r < c->problem.row_count; r++) {
        const struct calibrate_row *row = &c->problem.rows[r];
        struct option_texts jobs = options_texts_of(&row->jobs);
        if (jobs.count == 0) {
            result = diag_error(c->diag, row->place, "this row has no job, and there is none for all rows");
            continue;
        }
        struct workload *workload = session_create_jobs(&jobs, c->diag);
        if (workload == NULL)
            result = diag_error(c->diag, row->place, "so says the job of this row");
        else
            workload_destroy(workload);
    }
    return result;
}

static int check_config(struct calibration *c)
{
    struct loaded_config loaded = {0};
    struct option_texts sets = options_texts_of(&c->problem.sets);
    const char *seed = c->problem.seeds.count == 0 ? NULL : c->problem.seeds.at[0];
    int result = loaded_config_read(&loaded, c->diag, c->runs.config, &sets, seed);
    if (result == 0)
        result = calibrate_bind_keys(&c->problem, loaded.config, c->diag);
    loaded_config_free(&loaded);
    return result;
}

static int prepare(struct calibration *c, const struct invocation *call)
{
    if (!fit_is_available())
        return diag_error(c->diag, COMMAND_LINE, "this sqtail was built without NLopt, which calibrate needs: install "
                          "libnlopt-dev, then configure and make again");
    if (calibrate_problem_read(&c->problem, call->arguments[0], c->diag) != 0)
        return -1;
    c->folder = folder_of(c->options, call->arguments[0]);
    c->runs = (struct calibrate_runs){
        .problem = &c->problem,
        .config = config_beside(&c->problem),
        .folder = c->folder,
        .line = call->line,
        .kernel = c->options->kernel,
        .at_once = MIN(c->options->jobs != 0 ? c->options->jobs : (uint64_t)MAX(sysconf(_SC_NPROCESSORS_ONLN), 1), 64),
    };
    return check_config(c) | check_rows(c) | folder_check(c->folder, FOLDER_CALIBRATION, c->diag);
}

// --- the folder ----------------------------------------------------------------------------------------------------

typedef void write_fn(const struct calibrate_outcome *outcome, FILE *to);

static int write_file(struct calibration *c, const char *name, write_fn *write, const struct calibrate_outcome *outcome)
{
    char *path = xformat("%s/%s", c->folder, name);
    FILE *to = whole_file_open(path);
    if (to != NULL)
        write(outcome, to);
    int result = whole_file_close(to, path);
    if (result != 0)
        diag_error(c->diag, (struct place){.file = path}, "cannot write: %m");
    free(path);
    return result;
}

static void write_begun(const struct calibrate_outcome *outcome, FILE *to)
{
    (void)outcome;
    fprintf(to, "{\"schema\": \"%s\", \"complete\": false}\n", CALIBRATE_SCHEMA);
}

static int make_folder(struct calibration *c)
{
    char *manifest = xformat("%s/calibration.json", c->folder), *runs = xformat("%s/runs", c->folder);
    int result = 0;
    if (mkdir(c->folder, 0777) != 0 && errno != EEXIST)
        result = diag_error(c->diag, (struct place){.file = c->folder}, "cannot make this folder: %m");
    if (result == 0 && access(manifest, F_OK) != 0)
        result = write_file(c, "calibration.json", write_begun, NULL);
    if (result == 0 && mkdir(runs, 0777) != 0 && errno != EEXIST)
        result = diag_error(c->diag, (struct place){.file = runs}, "cannot make this folder: %m");
    free(manifest);
    free(runs);
    return result;
}

// The name by which another configuration can include it from anywhere; to be freed.
static char *include_name(const struct calibration *c)
{
    char *found = find_config(c->runs.config, NULL), *shipped = find_shipped_config(c->runs.config);
    char *name = found != NULL && shipped != NULL && strcmp(found, shipped) == 0 ? xstrdup(c->runs.config)
                                                                                 : realpath(found, NULL);
    free(found);
    free(shipped);
    return name;
}

static int write_results(struct calibration *c)
{
    struct loaded_config loaded = {0};
    int result = calibrate_runs_load(&c->runs, c->fit.best, &loaded, c->diag);
    char *include = include_name(c);
    struct calibrate_outcome outcome = {
        .problem = &c->problem,
        .fit = &c->fit,
        .sensitivity = c->complete ? &c->sensitivity : NULL,
        .config = loaded.config,
        .include = include,
        .complete = c->complete,
    };
    if (result == 0)
        result = write_file(c, "calibrated.yaml", outcome_write_yaml, &outcome) |
                 write_file(c, "calibration.json", outcome_write_json, &outcome);
    if (result == 0 && !c->options->quiet) {
        outcome_print(&outcome, stdout);
        printf("\n%s/calibrated.yaml: sqtail check tells what it adds up to\n", c->folder);
    }
    free(include);
    loaded_config_free(&loaded);
    return result;
}

// --- the search ----------------------------------------------------------------------------------------------------

static bool talks(const struct calibration *c)
{
    bool never = c->options->progress == PROGRESS_NEVER;
    return !never && !(c->options->quiet && c->options->progress == PROGRESS_AUTO);
}

// A line that is rewritten on a terminal, else one whenever a tenth of the points is done.
static void show_point(void *context, const struct fit *fit, double error)
{
    const struct calibration *c = container_of(fit, const struct calibration, fit);
    bool terminal = options_takes_escapes(STDERR_FILENO);
    size_t tenth = MAX(fit->budget / 10, 1);
    (void)context, (void)error;
    if (!talks(c) || (!terminal && fit->evaluations % tenth != 0))
        return;
    fprintf(stderr, "%spoint %zu of about %zu, best error %.2f %%%s", terminal ? "\r" : "", fit->evaluations,
            fit->budget, 100 * fit->least, terminal ? "\033[K" : "\n");
}

static int find(struct calibration *c)
{
    const struct calibrate_problem *p = &c->problem;
    double *start = xcalloc(p->key_count, sizeof *start), *weights = xcalloc(p->target_count, sizeof *weights);
    for (size_t k = 0; k < p->key_count; k++)
        start[k] = p->keys[k].start;
    for (size_t t = 0; t < p->target_count; t++)
        weights[t] = p->targets[t].weight;
    c->fit = (struct fit){
        .keys = p->key_count, .targets = p->target_count, .start = start, .weights = weights,
        .budget = c->options->evaluations != 0 ? c->options->evaluations : 40 + 30 * p->key_count,
        .evaluate = calibrate_runs_evaluate, .seen = show_point, .context = &c->runs,
    };
    int code = fit_run(&c->fit);
    if (code == 0)
        code = sensitivity_find(&c->sensitivity, &c->fit);
    c->complete = code == 0;
    if (talks(c) && options_takes_escapes(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    if (c->fit.best != NULL && c->fit.evaluations > 0 && write_results(c) != 0)
        code = EXIT_USER_ERROR;
    free(start);
    free(weights);
    return code;
}

static int find_locked(struct calibration *c)
{
    struct folder_lock *lock = folder_lock(c->folder, c->diag);
    if (lock == NULL)
        return EXIT_USER_ERROR;
    int code = make_folder(c) == 0 ? find(c) : EXIT_USER_ERROR;
    folder_unlock(lock);
    return code;
}

static int run(const struct invocation *call)
{
    struct calibration c = {.options = call->options, .diag = diag_create()};
    int code = prepare(&c, call) == 0 ? find_locked(&c) : EXIT_USER_ERROR;
    diag_print(c.diag, stderr);
    diag_destroy(c.diag);
    sensitivity_destroy(&c.sensitivity);
    fit_destroy(&c.fit);
    calibrate_problem_destroy(&c.problem);
    free((char *)c.runs.config);
    free(c.folder);
    return code;
}

const struct command command_calibrate = {
    .name = "calibrate",
    .arguments = "CALIBRATION.yaml [-o DIR] [options]",
    .summary = "Fit keys of a configuration to measured latencies, rates and write amplification.",
    .details = "The file names a configuration, keys with bounds, and targets: what was measured under which job, row "
               "by row, in a CSV file or in what fio wrote. The result is a configuration that says where each number "
               "is from, how well each target is met, and which keys the data cannot tell apart. An interrupted "
               "calibration goes on where it was when it is asked for again.",
    .example = "sqtail calibrate configs/calibrations/nvme-libaio.yaml -o nvme-libaio",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1,
    .options_bytes = sizeof(struct calibrate_options),
    .run = run,
};
