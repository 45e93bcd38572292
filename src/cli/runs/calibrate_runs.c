// The runs of a calibration.
//
// A run is known by the hash of its effective configuration, seed, jobs and the version of sqtail; its result is kept
// under that name. So a point that comes again costs nothing, and a calibration that was stopped goes on where it was:
// the search asks for the same points, and finds their results.
#include "cli/runs/calibrate_runs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calibrate/keys.h"
#include "cli/runs/run_pool.h"
#include "cli/runs/runs.h"
#include "cli/whole_file.h"
#include "config/config_json.h"
#include "report/read/metrics.h"
#include "report/data/summary_json.h"
#include "util/alloc.h"
#include "util/sha256.h"
#include "util/version.h"

// One run: a row at a point with a seed.
struct run {
    const struct calibrate_row *row;
    struct text_list sets;
    const char *seed; // NULL: the configuration's
    char *path;       // of its result
};

struct batch {
    struct calibrate_runs *runs;
    struct run *at;
    size_t count;
    size_t *tasks; // indices of those to be made
    size_t task_count;
    struct diag *diag;
};

static size_t seeds_of(const struct calibrate_problem *problem)
{
    return MAX(problem->seeds.count, 1u);
}

// --- what a run is -------------------------------------------------------------------------------------------------

static struct text_list sets_of(const struct calibrate_problem *problem, const double *point,
                                const struct calibrate_row *row)
{
    struct text_list sets = {0};
    text_list_add_all(&sets, &problem->sets);
    for (size_t k = 0; k < problem->key_count; k++) {
        char *value = calibrate_key_text(&problem->keys[k], point[k]);
        char *set = xformat("%s=%s", problem->keys[k].name, value);
        text_list_add(&sets, set);
        free(set);
        free(value);
    }
    if (row != NULL)
        text_list_add_all(&sets, &row->sets);
    return sets;
}

static int load(const struct calibrate_runs *runs, const struct text_list *sets, const char *seed,
                struct loaded_config *loaded, struct diag *diag)
{
    struct option_texts texts = options_texts_of(sets);
    return loaded_config_read(loaded, diag, runs->config, &texts, seed);
}

int calibrate_runs_load(const struct calibrate_runs *runs, const double *point, struct loaded_config *loaded,
                        struct diag *diag)
{
    struct text_list sets = sets_of(runs->problem, point, NULL);
    int result = load(runs, &sets, NULL, loaded, diag);
    text_list_free(&sets);
    return result;
}

// What the run's name stands for.
static char *identity_of(const struct run *run, const struct loaded_config *loaded)
{
    char id[CONFIG_HASH_BYTES];
    struct option_texts jobs = options_texts_of(&run->row->jobs);
    char *job = session_job_text(&jobs);
    config_hash(loaded->config, id);
    char *text = xformat("%s %s %s %llu %s", version_release, version_commit, id,
                         (unsigned long long)loaded->values.seed, job);
    free(job);
    return text;
}

// Bounds may be fine each for itself, and not together.
static int blame_point(const struct batch *batch, const struct run *run)
{
    char *text = xstrdup("");
    for (size_t i = 0; i < run->sets.count; i++) {
        char *longer = xformat("%s --set %s", text, run->sets.at[i]);
        free(text);
        text = longer;
    }
    diag_error(batch->diag, run->row->place, "the search came to a point where there is no such drive:%s; give bounds, "
               "or what is set, that leave it out", text);
    free(text);
    return -1;
}

// Returns 0, or -1 when there is no such configuration.
static int name_run(const struct batch *batch, struct run *run)
{
    struct loaded_config loaded = {0};
    char hex[SHA256_HEX_SIZE];
    int result = load(batch->runs, &run->sets, run->seed, &loaded, batch->diag);
    if (result == 0) {
        char *identity = identity_of(run, &loaded);
        struct sha256 hash;
        sha256_init(&hash);
        sha256_add(&hash, identity, strlen(identity));
        sha256_finish(&hash, hex);
        hex[24] = '\0';
        run->path = xformat("%s/runs/%s.json", batch->runs->folder, hex);
        free(identity);
    }
    loaded_config_free(&loaded);
    return result == 0 ? 0 : blame_point(batch, run);
}

// --- running -------------------------------------------------------------------------------------------------------

static int keep(void *context, size_t task, const struct report_input *input, struct diag *diag)
{
    const struct batch *batch = context;
    const struct run *run = &batch->at[batch->tasks[task]];
    FILE *to = whole_file_open(run->path);
    if (to != NULL)
        report_write_json(input, to);
    if (whole_file_close(to, run->path) == 0)
        return 0;
    return diag_error(diag, (struct place){.file = run->path}, "cannot keep the result: %m");
}

static void describe_run(void *context, size_t task, struct session_options *session)
{
    const struct batch *batch = context;
    const struct run *run = &batch->at[batch->tasks[task]];
    session->config_path = batch->runs->config;
    session->sets = options_texts_of(&run->sets);
    session->jobs = options_texts_of(&run->row->jobs);
    session->seed = run->seed;
    session->kernel = batch->runs->kernel;
    session->tail = SESSION_TAIL_OFF;
}

static void put_run_name(void *context, size_t task, FILE *to)
{
    const struct batch *batch = context;
    const struct run *run = &batch->at[batch->tasks[task]];
    fprintf(to, "of the row %s", run->row->name);
}

static int run_ended(void *context, size_t task, int status)
{
    const struct batch *batch = context;
    const struct run *run = &batch->at[batch->tasks[task]];
    if (status != 0 && run_pool_signal() == 0)
        diag_error(batch->diag, run->row->place, "the run of this row failed");
    return run_pool_code(status);
}

static bool is_new(const struct batch *batch, size_t index)
{
    if (access(batch->at[index].path, F_OK) == 0)
        return false;
    for (size_t i = 0; i < batch->task_count; i++)
        if (strcmp(batch->at[batch->tasks[i]].path, batch->at[index].path) == 0)
            return false;
    return true;
}

static int make_all(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        if (name_run(batch, &batch->at[i]) != 0)
            return EXIT_USER_ERROR;
    for (size_t i = 0; i < batch->count; i++)
        if (is_new(batch, i))
            batch->tasks[batch->task_count++] = i;
    struct runs runs = {.count = batch->task_count, .at_once = batch->runs->at_once, .line = batch->runs->line,
                        .context = batch, .describe = describe_run, .keep = keep, .ended = run_ended,
                        .name = put_run_name};
    batch->runs->simulated += batch->task_count;
    batch->runs->kept += batch->count - batch->task_count;
    return runs_make(&runs);
}

// --- errors --------------------------------------------------------------------------------------------------------

static int add_values(const struct batch *batch, const struct run *run, double *values)
{
    const struct calibrate_problem *problem = batch->runs->problem;
    struct metrics metrics;
    int result = 0;
    if (metrics_read(&metrics, run->path, batch->diag) != 0)
        return EXIT_USER_ERROR;
    for (size_t t = 0; t < problem->target_count; t++) {
        const struct calibrate_target *target = &problem->targets[t];
        if (&problem->rows[target->row] != run->row)
            continue;
        const struct metric *metric = metrics_find(&metrics, target->metric);
        if (metric == NULL)
            result = diag_error(batch->diag, target->place, "the run of this row has no metric '%s'", target->shown);
        else
            values[t] += metric->value;
    }
    metrics_destroy(&metrics);
    return result == 0 ? 0 : EXIT_USER_ERROR;
}

// The runs of a point come one after the other; metrics are the means over the seeds.
static int set_errors(const struct batch *batch, size_t points, double *errors)
{
    const struct calibrate_problem *problem = batch->runs->problem;
    size_t targets = problem->target_count, each = batch->count / points;
    memset(errors, 0, points * targets * sizeof *errors);
    for (size_t i = 0; i < batch->count; i++) {
        int result = add_values(batch, &batch->at[i], &errors[i / each * targets]);
        if (result != 0)
            return result;
    }
    for (size_t i = 0; i < points * targets; i++)
        errors[i] = errors[i] / (double)seeds_of(problem) / problem->targets[i % targets].value - 1;
    return 0;
}

static void plan(struct batch *batch, const double *points, size_t count)
{
    const struct calibrate_problem *problem = batch->runs->problem;
    size_t seeds = seeds_of(problem);
    batch->at = xcalloc(count * problem->row_count * seeds, sizeof *batch->at);
    for (size_t p = 0; p < count; p++)
        for (size_t r = 0; r < problem->row_count; r++)
            for (size_t s = 0; s < seeds; s++)
                batch->at[batch->count++] = (struct run){
                    .row = &problem->rows[r],
                    .sets = sets_of(problem, &points[p * problem->key_count], &problem->rows[r]),
                    .seed = problem->seeds.count == 0 ? NULL : problem->seeds.at[s],
                };
    batch->tasks = xcalloc(batch->count, sizeof *batch->tasks);
}

int calibrate_runs_evaluate(void *context, const double *points, size_t count, double *errors)
{
    struct batch batch = {.runs = context, .diag = diag_create()};
    plan(&batch, points, count);
    int code = make_all(&batch);
    if (code == 0)
        code = set_errors(&batch, count, errors);
    for (size_t i = 0; i < batch.count; i++) {
        text_list_free(&batch.at[i].sets);
        free(batch.at[i].path);
    }
    free(batch.at);
    free(batch.tasks);
    diag_print(batch.diag, stderr);
    diag_destroy(batch.diag);
    return code;
}
