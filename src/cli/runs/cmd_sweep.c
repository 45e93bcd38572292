// sqtail sweep: a drive and its load varied along axes, each point a result of its own, all in one table.
//
// What is there already is not made again: a sweep that was interrupted, or killed, goes on when it is asked for again,
// and new values of an axis only add points.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/find_config.h"
#include "cli/session/replay_words.h"
#include "cli/runs/sweep_emit.h"
#include "cli/runs/sweep_runs.h"
#include "cli/whole_file.h"
#include "report/folder/folder.h"
#include "report/locale_guard.h"
#include "sweep/outcome.h"
#include "sweep/table.h"
#include "util/alloc.h"

#define COMMAND_LINE ((struct place){.file = "sqtail"})

struct sweep_options {
    struct session_options session; // of all points
    struct option_texts varies, metrics;
    uint64_t seeds, parallel;
    const char *shard;
    uint32_t emit; // 0: given in no way
    bool list;
};

#define AT(member) offsetof(struct sweep_options, member)

static const struct option_row rows[] = {
    {"vary", 'v', OPTION_TEXTS, AT(varies), "KEY=VALUE,...",
     "An axis: a key of the configuration and its values, such as nand.channels=4,8,16 or nand.t_prog=x1,+20%; or a "
     "word of the jobs, job.iodepth=1,16. May be repeated: the points are all combinations."},
    {"job", 0, OPTION_TEXTS, AT(session.jobs), "TEXT",
     "The load, a synthetic job in fio's words. May be repeated: all run at once."},
    SESSION_WORKLOAD_ROW(struct sweep_options)
    SESSION_TRACE_ROW(struct sweep_options)
    REPLAY_ROWS(struct sweep_options)
    {"set", 's', OPTION_TEXTS, AT(session.sets), "KEY=VALUE",
     "Change a key of the configuration at all points; may be repeated."},
    {"seeds", 0, OPTION_COUNT, AT(seeds), "N",
     "Run each point with N seeds, from the configuration's own on; summaries then show means and their 95 % "
     "intervals."},
    SESSION_UNTIL_ROW(session.until, struct sweep_options)
    {"kernel", 'k', OPTION_CHOICE, AT(session.kernel), SESSION_KERNELS,
     "Who drives the engine; results are the same."},
    {"parallel", 'j', OPTION_COUNT, AT(parallel), "N",
     "Points to run at once (default: as many as there are processors)."},
    {"output", 'o', OPTION_TEXT, AT(session.output), "DIR",
     "Where the results go (default: the name of the sweep's file without its ending)."},
    {"list", 'l', OPTION_FLAG, AT(list), NULL, "List the points and whether their results are there; run nothing."},
    {"shard", 0, OPTION_TEXT, AT(shard), "I/N", "Run the I-th of N parts of the points, and write no summary."},
    {"emit", 0, OPTION_CHOICE, AT(emit), SWEEP_EMITTERS,
     "Print what makes the missing points elsewhere: a job array for Slurm, a command a line for GNU parallel or "
     "xargs, a makefile; run nothing. Asked for again without it, the sweep finds them."},
    {"metric", 'm', OPTION_TEXTS, AT(metrics), "NAME",
     "A metric that the summary shows, such as read.p99.9; may be repeated."},
    {"no-plots", 0, OPTION_FLAG, AT(session.no_plots), NULL, "Write the plots' scripts, but do not run gnuplot."},
    {"progress", 0, OPTION_CHOICE, AT(session.progress), "auto|always|never",
     "When to show progress on standard error."},
    {"quiet", 'q', OPTION_FLAG, AT(session.quiet), NULL, "Print nothing but errors and warnings."},
};

struct sweep {
    const struct sweep_options *options;
    const struct invocation *call;
    struct diag *diag;
    struct sweep_plan plan;
    char *config, *folder;
    char *title; // of the drive
    struct sweep_runs runs;
    size_t shard, shards; // to run; of 1: all
    bool written;         // the table and what comes of it
};

// --- what is asked for ---------------------------------------------------------------------------------------------

// Whether a word for recordings in the sweep's file is one.
static int check_word(const char *word, struct place place, struct diag *diag)
{
    struct session_options session = {0};
    return replay_word_take(&session, word, place, diag);
}

static int check_load(struct sweep *sweep)
{
    const struct session_options *session = &sweep->options->session;
    const char *word = replay_words_first(session);
    if (session->jobs.count > 0 && session->traces.count > 0)
        return diag_error(sweep->diag, COMMAND_LINE, "give either --trace or --job, not both");
    if (session->traces.count > 1)
        return diag_error(sweep->diag, COMMAND_LINE, "a sweep's load is one recording; several are loads of its file");
    if (session->traces.count == 0 && word != NULL)
        return diag_error(sweep->diag, COMMAND_LINE, "--%s is for recordings (--trace); a job, or a sweep's file, says it "
                          "in its own words", word);
    return 0;
}

static void add_load(struct sweep *sweep)
{
    const struct session_options *session = &sweep->options->session;
    const char *trace = session->traces.count == 0 ? NULL : session->traces.text[0];
    if (session->jobs.count == 0 && trace == NULL)
        return;
    struct sweep_load *load = sweep_plan_add_load(&sweep->plan, trace == NULL ? "job" : "trace");
    for (uint32_t i = 0; i < session->jobs.count; i++)
        text_list_add(&load->jobs, session->jobs.text[i]);
    load->trace = trace == NULL ? NULL : xstrdup(trace);
    replay_words_list(session, &load->words);
}

// The drive without any change: its name, and its seed, from which others are counted.
static int read_drive(struct sweep *sweep, uint64_t *seed)
{
    struct loaded_config loaded = {0};
    struct option_texts sets = options_texts_of(&sweep->plan.sets);
    int result = loaded_config_read(&loaded, sweep->diag, sweep->config, &sets, NULL);
    *seed = loaded.values.seed;
    sweep->title = xstrdup(loaded.values.name);
    loaded_config_free(&loaded);
    return result;
}

static int complete_plan(struct sweep *sweep)
{
    uint64_t first = 0;
    char text[24];
    if (read_drive(sweep, &first) != 0)
        return -1;
    for (uint64_t i = 0; i < sweep->options->seeds; i++) {
        snprintf(text, sizeof text, "%llu", (unsigned long long)(first + i));
        sweep_plan_add_seed(&sweep->plan, text);
    }
    snprintf(text, sizeof text, "%llu", (unsigned long long)first);
    return sweep_plan_complete(&sweep->plan, text, sweep->diag);
}

// A configuration is looked for beside the sweep's file first.
static char *config_beside(const struct sweep_plan *plan)
{
    char *beside = config_path_beside(plan->path, plan->config);
    if (access(beside, F_OK) == 0)
        return beside;
    free(beside);
    return xstrdup(plan->config);
}

static int read_plan(struct sweep *sweep)
{
    const struct sweep_options *options = sweep->options;
    const char *path = sweep->call->arguments[0];
    char *found = find_config(path, sweep->diag);
    int result = found == NULL ? -1 : 0;
    if (result == 0 && sweep_is_plan(found)) {
        result = sweep_plan_read(&sweep->plan, found, sweep->diag);
        sweep->config = sweep->plan.config == NULL ? NULL : config_beside(&sweep->plan);
    } else {
        sweep->config = xstrdup(path);
    }
    free(found);
    for (uint32_t i = 0; i < options->session.sets.count; i++)
        text_list_add(&sweep->plan.sets, options->session.sets.text[i]);
    for (uint32_t i = 0; i < options->varies.count; i++)
        result |= sweep_plan_vary(&sweep->plan, options->varies.text[i], sweep->diag);
    for (uint32_t i = 0; i < options->metrics.count; i++)
        text_list_add(&sweep->plan.metrics, options->metrics.text[i]);
    result |= check_load(sweep);
    add_load(sweep);
    return result;
}

static int find_folder(struct sweep *sweep)
{
    const char *path = sweep->plan.path;
    if (sweep->options->session.output == NULL && path == NULL)
        return diag_error(sweep->diag, COMMAND_LINE, "a sweep needs a folder for its results: --output DIR");
    const char *slash = path == NULL ? NULL : strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    if (sweep->options->session.output != NULL)
        sweep->folder = xstrdup(sweep->options->session.output);
    else
        sweep->folder = xformat("%.*s", (int)strcspn(name, "."), name);
    return folder_check(sweep->folder, FOLDER_SWEEP, sweep->diag);
}

static int read_shard(struct sweep *sweep)
{
    const char *text = sweep->options->shard;
    int end = 0;
    sweep->shards = 1;
    if (text == NULL)
        return 0;
    if (sscanf(text, "%zu/%zu%n", &sweep->shard, &sweep->shards, &end) == 2 && text[end] == '\0' && text[0] != '-' &&
        sweep->shard >= 1 && sweep->shard <= sweep->shards) {
        sweep->shard--;
        return 0;
    }
    return diag_error(sweep->diag, COMMAND_LINE, "--shard wants a part of all, such as 1/4; not '%s'", text);
}

static int prepare(struct sweep *sweep)
{
    const struct session_options *session = &sweep->options->session;
    if (read_plan(sweep) != 0 || (find_folder(sweep) | read_shard(sweep)) != 0 || complete_plan(sweep) != 0)
        return -1;
    sweep->runs = (struct sweep_runs){
        .plan = &sweep->plan,
        .config = sweep->config,
        .output = sweep->folder,
        .kernel = session->kernel,
        .until = session->until,
        .at_once = sweep->options->parallel != 0 ? sweep->options->parallel
                                                 : (size_t)MAX(sysconf(_SC_NPROCESSORS_ONLN), 1),
        .shows_progress = session_progress(session) != PROGRESS_NEVER,
    };
    return sweep_runs_plan(&sweep->runs, sweep->diag);
}

// --- what is written -----------------------------------------------------------------------------------------------

typedef void write_fn(const struct sweep_outcome *outcome, FILE *to);

static int write_file(struct sweep *sweep, const char *name, write_fn *write, const struct sweep_outcome *outcome)
{
    char *path = xformat("%s/%s", sweep->folder, name);
    struct locale_guard guard = locale_guard_enter();
    FILE *to = whole_file_open(path);
    if (to != NULL)
        write(outcome, to);
    int result = whole_file_close(to, path);
    locale_guard_leave(guard);
    if (result != 0)
        diag_error(sweep->diag, (struct place){.file = path}, "cannot write: %m");
    free(path);
    return result;
}

static int make_folder(struct sweep *sweep)
{
    struct sweep_outcome outcome = {.plan = &sweep->plan};
    char *manifest = xformat("%s/sweep.json", sweep->folder);
    int result = 0;
    if (mkdir(sweep->folder, 0777) != 0 && errno != EEXIST)
        result = diag_error(sweep->diag, (struct place){.file = sweep->folder}, "cannot make this folder: %m");
    if (result == 0 && ((sweep->shards == 1 && sweep->options->emit == 0) || access(manifest, F_OK) != 0))
        result = write_file(sweep, "sweep.json", sweep_write_json, &outcome);
    free(manifest);
    return result;
}

static void write_csv(const struct sweep_outcome *outcome, FILE *to)
{
    sweep_write_csv(outcome->table, to);
}

static void write_json_lines(const struct sweep_outcome *outcome, FILE *to)
{
    sweep_write_json_lines(outcome->table, to);
}

static void write_markdown(const struct sweep_outcome *outcome, FILE *to)
{
    sweep_write_markdown(outcome, SIZE_MAX, to);
}

// What files of results there are. The last says that the others are there.
static const struct {
    const char *name;
    write_fn *write;
} files[] = {
    {"table.csv", write_csv},
    {"table.jsonl", write_json_lines},
    {"sweep.md", write_markdown},
    {"sweep.json", sweep_write_json},
};

static int fill_table(struct sweep *sweep, struct sweep_table *table)
{
    const char **ids = xcalloc(sweep->runs.count, sizeof *ids);
    int result = 0;
    for (size_t i = 0; i < sweep->runs.count; i++)
        ids[i] = sweep->runs.at[i].id;
    sweep_table_init(table, &sweep->plan, ids);
    for (size_t i = 0; i < sweep->runs.count; i++)
        table->rows[i].is_base = sweep->runs.at[i].is_base;
    for (size_t i = 0; i < sweep->runs.count; i++)
        if (sweep->runs.at[i].there)
            result |= sweep_table_read(table, i, sweep->runs.at[i].folder, sweep->diag);
    free(ids);
    return result;
}

static int write_files(struct sweep *sweep, const struct sweep_outcome *outcome)
{
    char *database = xformat("%s/table.sqlite", sweep->folder);
    struct locale_guard guard = locale_guard_enter();
    struct folder folder;
    folder_reopen(&folder, sweep->folder, sweep->diag);
    sweep_plot(outcome, &folder);
    locale_guard_leave(guard);
    int result = folder_commit(&folder) | sweep_write_sqlite(outcome->table, database, sweep->diag);
    for (size_t i = 0; i < ARRAY_SIZE(files) && result == 0; i++)
        result = write_file(sweep, files[i].name, files[i].write, outcome);
    free(database);
    return result;
}

static int write_outcome(struct sweep *sweep, const struct sweep_table *table)
{
    enum { SETTINGS_SHOWN = 60 };
    struct sweep_outcome outcome;
    int result = sweep_outcome_find(&outcome, &sweep->plan, table, sweep->diag);
    outcome.title = sweep->title;
    if (result == 0)
        result = write_files(sweep, &outcome);
    if (result == 0 && outcome.setting_count > 0 && !sweep->options->session.quiet)
        sweep_write_markdown(&outcome, SETTINGS_SHOWN, stdout);
    sweep_outcome_free(&outcome);
    return result;
}

static int write_results(struct sweep *sweep)
{
    struct sweep_table table;
    int result = fill_table(sweep, &table);
    if (result == 0)
        result = write_outcome(sweep, &table);
    sweep_table_free(&table);
    sweep->written = result == 0;
    return result;
}

// --- what is done --------------------------------------------------------------------------------------------------

static void list_points(const struct sweep *sweep)
{
    for (size_t i = 0; i < sweep->runs.count; i++) {
        const struct sweep_run *run = &sweep->runs.at[i];
        printf("%s  %s  ", run->id, run->there ? "there  " : run->is_twin ? "twin   " : "missing");
        sweep_point_print(&sweep->plan, run->point, stdout);
        putchar('\n');
    }
}

static void tell_outcome(const struct sweep *sweep)
{
    const struct sweep_runs *runs = &sweep->runs;
    size_t there = 0;
    for (size_t i = 0; i < runs->count; i++)
        there += runs->at[i].there;
    if (session_progress(&sweep->options->session) != PROGRESS_NEVER)
        fprintf(stderr, "%s: %zu of %zu points are there, %zu of them made now%s\n", sweep->folder, there, runs->count,
                runs->made, runs->failed > 0 ? "; some failed" : "");
}

static int make_points(struct sweep *sweep)
{
    if (make_folder(sweep) != 0)
        return EXIT_USER_ERROR;
    int code = sweep_runs_make(&sweep->runs, sweep->shard, sweep->shards);
    if (sweep->shards == 1 && write_results(sweep) != 0)
        code = EXIT_USER_ERROR;
    tell_outcome(sweep);
    return code;
}

// Parts of a sweep may run side by side: each point's folder has a lock of its own.
static int make_locked(struct sweep *sweep)
{
    if (sweep->shards > 1)
        return make_points(sweep);
    struct folder_lock *lock = folder_lock(sweep->folder, sweep->diag);
    if (lock == NULL)
        return EXIT_USER_ERROR;
    int code = make_points(sweep);
    folder_unlock(lock);
    return code;
}

static void draw(const struct sweep *sweep)
{
    struct session_options session = sweep->options->session;
    session.output = sweep->folder;
    session_draw(&session);
}

static int act(struct sweep *sweep)
{
    if (sweep->options->list)
        list_points(sweep);
    else if (sweep->options->emit == 0)
        return make_locked(sweep);
    else if (make_folder(sweep) != 0)
        return EXIT_USER_ERROR;
    else
        sweep_emit(&sweep->runs, sweep->options->emit, stdout);
    return EXIT_SUCCESS;
}

static int run(const struct invocation *call)
{
    struct sweep *sweep = xcalloc(1, sizeof *sweep);
    *sweep = (struct sweep){.options = call->options, .call = call, .diag = diag_create()};
    sweep_plan_init(&sweep->plan, (struct sweep_words){replay_word_names(), check_word});
    int code = prepare(sweep) == 0 ? act(sweep) : EXIT_USER_ERROR;
    if (sweep->written && !sweep->options->session.no_plots)
        draw(sweep);
    diag_print(sweep->diag, stderr);
    diag_destroy(sweep->diag);
    sweep_runs_free(&sweep->runs);
    sweep_plan_free(&sweep->plan);
    free(sweep->config);
    free(sweep->title);
    free(sweep->folder);
    free(sweep);
    return code;
}

const struct command command_sweep = {
    .name = "sweep",
    .arguments = "(CONFIG.yaml | SWEEP.yaml) [--vary KEY=VALUE,...]... [options]",
    .summary = "Run a drive at all combinations of values of its keys, and make one table of it.",
    .details = "Takes a drive's configuration with --vary and --job, or a file that says all of it (doc/sweep.md). "
               "Each point is named by the hash of its effective configuration, seed and load, and its result is "
               "written whole into DIR/points under that name. Asked for again, the sweep makes what is missing, so "
               "that it may be interrupted or killed, and grow.",
    .example = "sqtail sweep tiny.yaml -v nand.channels=2,4 --job \"rw=randread iodepth=8 number_ios=2000\" -o sweep",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1,
    .options_bytes = sizeof(struct sweep_options),
    .run = run,
};
