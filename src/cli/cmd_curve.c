// sqtail curve: throughput against latency, one queue depth after another.
//
// What is done is kept: with each depth that ends, its result moves into the curve's folder and the curve's own files
// are renewed. An interrupted curve, marked as not complete, goes on from there.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/curve_points.h"
#include "host/job_options.h"
#include "report/folder.h"
#include "util/alloc.h"

#define COMMAND_LINE ((struct place){.file = "sqtail"})

struct curve_options {
    struct session_options session;
    const char *depths;
    uint64_t jobs;
    bool resume;
};

#define AT(member) offsetof(struct curve_options, member)

static const struct option_row rows[] = {
    {"job", 'j', OPTION_TEXTS, AT(session.jobs), "TEXT",
     "The load, in fio's words without iodepth, such as \"rw=randread bs=4k number_ios=100000\". May be repeated: of "
     "several, all but the one whose depth varies have an iodepth or a rate, and the curve is that one's."},
    {"iodepth", 'd', OPTION_TEXT, AT(depths), "N,N,...", "Queue depths (default 1,2,4,8,16,32,64,128,256)."},
    {"set", 's', OPTION_TEXTS, AT(session.sets), "KEY=VALUE", "Change a key of the configuration; may be repeated."},
    {"seed", 0, OPTION_TEXT, AT(session.seed), "N", "Seed of every random stream; as --set seed=N."},
    {"kernel", 'k', OPTION_CHOICE, AT(session.kernel), SESSION_KERNELS,
     "Who drives the engine; results are the same."},
    {"parallel", 'P', OPTION_COUNT, AT(jobs), "N", "Points to run at once (default 1)."},
    {"output", 'o', OPTION_TEXT, AT(session.output), "DIR",
     "Write curve.json, curve.csv, plots and the result of each depth into DIR."},
    {"resume", 'r', OPTION_FLAG, AT(resume), NULL,
     "Go on with the curve in DIR, also when it is complete: measure only depths that it lacks. Replace no other."},
    {"no-plots", 0, OPTION_FLAG, AT(session.no_plots), NULL, "Write the plots' scripts, but do not run gnuplot."},
    {"progress", 0, OPTION_CHOICE, AT(session.progress), "auto|always|never",
     "When to show progress on standard error."},
    {"quiet", 'q', OPTION_FLAG, AT(session.quiet), NULL,
     "Print neither table nor progress: nothing but errors and warnings."},
};

// A curve on its way.
struct curve {
    const struct curve_options *options;
    struct diag *diag;
    struct loaded_config loaded;
    struct curve_points points;
    struct report_curve report;
    struct report_curve_point done[CURVE_POINTS_MAX]; // as the report shows them
    char *job;                        // all jobs as one text
    char varied[JOB_NAME_BYTES];
    bool failed; // to be written
};

// --- what to measure -----------------------------------------------------------------------------------------------

static int parse_depths(const char *text, struct curve_points *points, struct diag *diag)
{
    for (;;) {
        char *end = NULL;
        errno = 0;
        unsigned long depth = strtoul(text, &end, 10);
        if (end == text || errno != 0 || depth == 0 || depth > 65535 || (*end != ',' && *end != '\0'))
            return diag_error(diag, COMMAND_LINE, "--iodepth wants depths from 1 to 65535, such as 1,2,4; not '%s'",
                              text);
        if (points->count == CURVE_POINTS_MAX)
            return diag_error(diag, COMMAND_LINE, "--iodepth takes up to %d depths", CURVE_POINTS_MAX);
        if (points->count > 0 && depth <= points->runs[points->count - 1].iodepth)
            return diag_error(diag, COMMAND_LINE, "--iodepth wants rising depths; %lu comes after %u", depth,
                              points->runs[points->count - 1].iodepth);
        points->runs[points->count++] = (struct curve_run){.iodepth = (uint32_t)depth};
        if (*end == '\0')
            return 0;
        text = end + 1;
    }
}

// Finds the job whose depth the curve sets: the one that says nothing of it.
static int find_varied(struct curve *curve)
{
    const struct option_texts *jobs = &curve->options->session.jobs;
    uint32_t found = 0;
    for (uint32_t i = 0; i < jobs->count; i++) {
        struct job_options options;
        if (job_options_parse(jobs->text[i], "--job", &options, curve->diag) != 0)
            return -1;
        if (options.iodepth_given || options.rate_iops > 0 || options.rate > 0)
            continue;
        found++;
        curve->points.job = i;
        job_options_name(&options, i, curve->varied);
    }
    if (found == 1)
        return 0;
    if (jobs->count == 1)
        return diag_error(curve->diag, COMMAND_LINE, "the job must leave iodepth to the curve, and have no rate: give "
                          "--iodepth 1,2,4,...");
    return diag_error(curve->diag, COMMAND_LINE, "the depth of one job varies, the others have an iodepth or a rate; "
                      "here %u jobs have neither", found);
}

static int check_jobs(struct curve *curve)
{
    const struct option_texts *jobs = &curve->options->session.jobs;
    if (jobs->count == 0)
        return diag_error(curve->diag, COMMAND_LINE, "a curve needs its load: "
                          "--job \"rw=randread bs=4k number_ios=100000\"");
    struct workload *workload = session_create_jobs(jobs, curve->diag);
    if (workload == NULL)
        return -1;
    workload_destroy(workload);
    return find_varied(curve);
}

// Everything that can be wrong with what the user gave, found before anything is simulated.
static int prepare(struct curve *curve, const char *line)
{
    const struct curve_options *options = curve->options;
    const char *depths = options->depths != NULL ? options->depths : "1,2,4,8,16,32,64,128,256";
    int failed = check_jobs(curve);
    failed |= parse_depths(depths, &curve->points, curve->diag);
    failed |= loaded_config_read(&curve->loaded, curve->diag, options->session.config_path, &options->session.sets,
                                 options->session.seed);
    if (options->session.output != NULL)
        failed |= folder_check(options->session.output, FOLDER_CURVE, curve->diag);
    else if (options->resume)
        failed |= diag_error(curve->diag, COMMAND_LINE, "--resume goes on with the curve in a folder: give --output");
    curve->points.session = options->session;
    curve->points.line = line;
    curve->points.varied = options->session.jobs.count > 1 ? curve->varied : NULL;
    curve->points.jobs = options->jobs == 0 ? 1 : MIN(options->jobs, CURVE_POINTS_MAX);
    curve->job = session_job_text(&options->session.jobs);
    curve->report = (struct report_curve){
        .drive = curve->loaded.values.name,
        .config = curve->loaded.config,
        .seed = curve->loaded.values.seed,
        .sets = options->session.sets.text,
        .set_count = options->session.sets.count,
        .job = curve->job,
        .varied = curve->points.varied,
        .points = curve->done,
        .host = {.command_line = line, .kernel = session_kernel_name(&options->session)},
    };
    return failed;
}

// --- what is done --------------------------------------------------------------------------------------------------

static bool talks(const struct curve *curve)
{
    return session_progress(&curve->options->session) != PROGRESS_NEVER;
}

static void collect(struct curve *curve)
{
    curve->report.count = 0;
    for (size_t i = 0; i < curve->points.count; i++)
        if (curve->points.runs[i].state == CURVE_POINT_DONE)
            curve->done[curve->report.count++] = curve->points.runs[i].point;
    curve->report.complete = curve->report.count == curve->points.count;
}

// From a curve of the same that is there already.
static int find_done(struct curve *curve)
{
    const char *difference, *output = curve->options->session.output;
    enum report_curve_there there = report_curve_look(&curve->report, output, &difference);
    if (there == REPORT_CURVE_OTHER && curve->options->resume)
        return diag_error(curve->diag, (struct place){.file = output},
                          "is no curve to go on with: it differs in %s; without --resume it is replaced", difference);
    curve->report.there = there == REPORT_CURVE_INCOMPLETE ||
                          (there == REPORT_CURVE_COMPLETE && curve->options->resume);
    for (size_t i = 0; i < curve->points.count && curve->report.there; i++) {
        struct curve_run *run = &curve->points.runs[i];
        if (report_curve_point_find(&curve->report, output, run->iodepth, &run->point) == 0)
            run->state = CURVE_POINT_DONE;
    }
    collect(curve);
    if (curve->report.there && talks(curve))
        fprintf(stderr, "%s: going on; %zu of %zu depths are there\n", output, curve->report.count,
                curve->points.count);
    return 0;
}

static int write_curve(struct curve *curve)
{
    int result = report_write_curve(&curve->report, curve->options->session.output, curve->diag);
    curve->report.there |= result == 0;
    curve->failed |= result != 0;
    return result;
}

// A line that is rewritten on a terminal, else a line a point.
static void show_progress(const struct curve *curve, const struct curve_run *run)
{
    size_t done = curve->report.count, count = curve->points.count;
    bool terminal = options_takes_escapes(STDERR_FILENO);
    if (!talks(curve))
        return;
    if (terminal && done == count)
        fputs("\r\033[K", stderr);
    else if (terminal)
        fprintf(stderr, "\r%zu of %zu depths\033[K", done, count);
    else
        fprintf(stderr, "depth %u: %zu of %zu\n", run->iodepth, done, count);
}

static int on_done(void *context, const struct curve_run *run)
{
    struct curve *curve = context;
    collect(curve);
    curve->report.finished = run->folder;
    curve->report.finished_iodepth = run->iodepth;
    int result = run->folder == NULL ? 0 : write_curve(curve);
    curve->report.finished = NULL;
    show_progress(curve, run);
    return result;
}

// --- all -----------------------------------------------------------------------------------------------------------

static int measure(struct curve *curve)
{
    const struct session_options *session = &curve->options->session;
    char *stage = session->output == NULL ? NULL : folder_stage(session->output);
    curve->points.stage = stage;
    curve->points.done = on_done;
    curve->points.context = curve;
    progress_enter(session_progress(session), NULL);
    int code = curve_points_run(&curve->points);
    if (curve->report.there)
        write_curve(curve); // what was there already may be all there is to say
    if (stage != NULL)
        folder_remove_stage(stage);
    if (curve->report.count > 0 && !session->quiet)
        report_print_curve(&curve->report, stdout, options_want_colour());
    return curve->failed ? EXIT_USER_ERROR : code;
}

static int run_locked(struct curve *curve)
{
    const char *output = curve->options->session.output;
    if (output == NULL)
        return measure(curve);
    struct folder_lock *lock = folder_lock(output, curve->diag);
    if (lock == NULL)
        return EXIT_USER_ERROR;
    int code = find_done(curve) == 0 ? measure(curve) : EXIT_USER_ERROR;
    folder_unlock(lock);
    return code;
}

static int run(const struct invocation *call)
{
    struct curve_options options = *(const struct curve_options *)call->options;
    struct curve *curve = xcalloc(1, sizeof *curve);
    *curve = (struct curve){.options = &options, .diag = diag_create()};
    options.session.config_path = call->arguments[0];
    int code = prepare(curve, call->line) == 0 ? run_locked(curve) : EXIT_USER_ERROR;
    if (curve->report.there && !curve->failed && !options.session.no_plots)
        session_draw(&options.session);
    loaded_config_free(&curve->loaded);
    diag_print(curve->diag, stderr);
    diag_destroy(curve->diag);
    free(curve->job);
    free(curve);
    return code;
}

const struct command command_curve = {
    .name = "curve",
    .arguments = "CONFIG.yaml --job TEXT [--iodepth N,N,...] [options]",
    .summary = "Measure throughput against latency at one queue depth after another.",
    .details = "With --output each depth's own result is kept in DIR/points as soon as it is done. A curve that was "
               "interrupted goes on where it ended when it is asked for again with the same configuration, seed, job "
               "and sqtail; another curve in DIR is replaced when the first depth is done.",
    .example = "sqtail curve tiny.yaml --job \"rw=randread bs=4k number_ios=20000\" -o curve",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1,
    .options_bytes = sizeof(struct curve_options),
    .run = run,
};
