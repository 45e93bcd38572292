// sqtail curve: throughput against latency, one queue depth after another.
//
// Each depth is a run of its own in a process of its own, from the same initial state and with the same seed, so the
// points do not depend on how many run at once. A signal that asks to end is passed on to them; what was measured
// before is then reported, marked as not complete.
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/session.h"
#include "host/job.h"
#include "report/folder.h"
#include "report/report_curve.h"
#include "util/alloc.h"

#define COMMAND_LINE ((struct place){.file = "sqtail"})

enum { POINTS_MAX = 64 };

struct curve_options {
    struct session_options session;
    const char *depths;
    uint64_t jobs;
};

#define AT(member) offsetof(struct curve_options, member)

static const struct option_row rows[] = {
    {"job", 'j', OPTION_TEXT, AT(session.job), "TEXT",
     "The load, in fio's words without iodepth, such as \"rw=randread bs=4k number_ios=100000\"."},
    {"iodepth", 'd', OPTION_TEXT, AT(depths), "N,N,...", "Queue depths (default 1,2,4,8,16,32,64,128,256)."},
    {"set", 's', OPTION_TEXTS, AT(session.sets), "KEY=VALUE", "Change a key of the configuration; may be repeated."},
    {"seed", 0, OPTION_TEXT, AT(session.seed), "N", "Seed of every random stream; as --set seed=N."},
    {"kernel", 'k', OPTION_CHOICE, AT(session.kernel), SESSION_KERNELS,
     "Who drives the engine; results are the same."},
    {"parallel", 'P', OPTION_COUNT, AT(jobs), "N", "Points to run at once (default 1)."},
    {"output", 'o', OPTION_TEXT, AT(session.output), "DIR", "Write curve.json, curve.csv and plots into DIR."},
    {"no-plots", 0, OPTION_FLAG, AT(session.no_plots), NULL, "Write the plots' scripts, but do not run gnuplot."},
    {"progress", 0, OPTION_CHOICE, AT(session.progress), "auto|always|never",
     "When to show progress on standard error."},
    {"quiet", 'q', OPTION_FLAG, AT(session.quiet), NULL, "Print neither table nor progress: nothing but errors and warnings."},
};

// What a point's process hands over by its pipe.
struct point_result {
    struct report_curve_point point;
    uint64_t events;
};

struct point_run {
    uint32_t iodepth;
    pid_t process;
    int pipe;
    struct point_result result; // once it has finished
};

// --- signals -------------------------------------------------------------------------------------------------------

// Signal handlers have no context; the points of one curve run at a time.
static volatile sig_atomic_t children[POINTS_MAX];
static volatile sig_atomic_t end_signal;

static void pass_on(int signal)
{
    if (signal != SIGUSR1)
        end_signal = signal;
    for (size_t i = 0; i < POINTS_MAX; i++)
        if (children[i] != 0)
            kill(children[i], signal);
}

// --- points --------------------------------------------------------------------------------------------------------

static int parse_depths(const char *text, struct point_run runs[POINTS_MAX], size_t *count, struct diag *diag)
{
    *count = 0;
    for (;;) {
        char *end = NULL;
        errno = 0;
        unsigned long depth = strtoul(text, &end, 10);
        if (end == text || errno != 0 || depth == 0 || depth > 65535 || (*end != ',' && *end != '\0'))
            return diag_error(diag, COMMAND_LINE, "--iodepth wants depths from 1 to 65535, such as 1,2,4; not '%s'",
                              text);
        if (*count == POINTS_MAX)
            return diag_error(diag, COMMAND_LINE, "--iodepth takes up to %d depths", POINTS_MAX);
        if (*count > 0 && depth <= runs[*count - 1].iodepth)
            return diag_error(diag, COMMAND_LINE, "--iodepth wants rising depths; %lu comes after %u", depth,
                              runs[*count - 1].iodepth);
        runs[(*count)++] = (struct point_run){.iodepth = (uint32_t)depth};
        if (*end == '\0')
            return 0;
        text = end + 1;
    }
}

static int send_point(void *context, const struct report_input *input, struct diag *diag)
{
    const struct point_run *run = context;
    struct point_result result;
    memset(&result, 0, sizeof result);
    result.point = report_curve_point_of(input->commands, input->duration, run->iodepth, 0);
    result.events = input->events;
    if (write(run->pipe, &result, sizeof result) != (ssize_t)sizeof result)
        return diag_error(diag, COMMAND_LINE, "cannot hand over the results: %m");
    return 0;
}

static char *job_with_depth(const char *job, uint32_t depth)
{
    char *text = xmalloc(strlen(job) + 32);
    sprintf(text, "%s iodepth=%u", job, depth);
    return text;
}

static int run_child(const struct curve_options *options, const char *line, struct point_run *run)
{
    struct session_options session = options->session;
    char *job = job_with_depth(session.job, run->iodepth);
    session.job = job;
    session.progress = PROGRESS_NEVER;
    session.output = NULL;
    int code = session_run(&session, line, send_point, run);
    free(job);
    return code;
}

static int start(const struct curve_options *options, const char *line, struct point_run *run, size_t index)
{
    int ends[2];
    fflush(NULL);
    if (pipe(ends) != 0 || (run->process = fork()) < 0) {
        fprintf(stderr, "sqtail: error: cannot start the run at depth %u: %s\n", run->iodepth, strerror(errno));
        return EXIT_FAILURE;
    }
    if (run->process == 0) {
        progress_take_signals(SIG_DFL);
        signal(SIGUSR1, SIG_IGN);
        close(ends[0]);
        run->pipe = ends[1];
        exit(run_child(options, line, run));
    }
    children[index] = run->process;
    close(ends[1]);
    run->pipe = ends[0];
    if (end_signal != 0)
        kill(run->process, end_signal);
    return EXIT_SUCCESS;
}

static int finish(struct point_run *run, size_t index)
{
    struct point_result result;
    int status = 0;
    bool whole = read(run->pipe, &result, sizeof result) == (ssize_t)sizeof result;
    close(run->pipe);
    while (waitpid(run->process, &status, 0) < 0 && errno == EINTR)
        continue;
    children[index] = 0;
    if (WIFSIGNALED(status))
        return 128 + WTERMSIG(status);
    if (WEXITSTATUS(status) != EXIT_SUCCESS || !whole)
        return WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : EXIT_FAILURE;
    run->result = result;
    return EXIT_SUCCESS;
}

// A line that is rewritten on a terminal, else a line a point.
static void show_progress(const struct curve_options *options, const struct point_run *runs, size_t done,
                          size_t count)
{
    bool terminal = options_takes_escapes(STDERR_FILENO);
    if (session_progress(&options->session) == PROGRESS_NEVER || done == 0)
        return;
    if (terminal && done == count)
        fputs("\r\033[K", stderr);
    else if (terminal)
        fprintf(stderr, "\r%zu of %zu depths, up to %u\033[K", done, count, runs[done - 1].iodepth);
    else
        fprintf(stderr, "depth %u: %zu of %zu\n", runs[done - 1].iodepth, done, count);
}

// Runs the points, `jobs` at once, in order; stops at the first that fails. Returns how many succeeded.
static size_t run_points(const struct curve_options *options, const char *line, struct point_run *runs, size_t count,
                         int *code)
{
    size_t jobs = options->jobs == 0 ? 1 : MIN(options->jobs, count);
    size_t started = 0, finished = 0, done = 0;
    *code = EXIT_SUCCESS;
    while (done < count && *code == EXIT_SUCCESS) {
        if (started < count && started < done + jobs) {
            *code = start(options, line, &runs[started], started);
            started += *code == EXIT_SUCCESS;
            continue;
        }
        *code = finish(&runs[finished], finished);
        finished++;
        done += *code == EXIT_SUCCESS;
        if (*code == EXIT_SUCCESS)
            show_progress(options, runs, done, count);
    }
    for (; finished < started; finished++)
        finish(&runs[finished], finished);
    return done;
}

static int report(const struct curve_options *options, const char *line, const struct loaded_config *loaded,
                  const struct point_run *runs, size_t done, bool complete, struct diag *diag)
{
    struct report_curve_point points[POINTS_MAX];
    struct report_curve curve = {
        .drive = loaded->values.name,
        .config = loaded->config,
        .seed = loaded->values.seed,
        .complete = complete,
        .job = options->session.job,
        .points = points,
        .count = done,
        .host = {.command_line = line, .kernel = session_kernel_name(&options->session)},
    };
    for (size_t i = 0; i < done; i++) {
        points[i] = runs[i].result.point;
        curve.events += runs[i].result.events;
    }
    int result = options->session.output == NULL ? 0 : report_write_curve(&curve, options->session.output, diag);
    if (!options->session.quiet)
        report_print_curve(&curve, stdout, options_want_colour());
    return result;
}

static int check_job(const struct curve_options *options, struct diag *diag)
{
    const char *job = options->session.job;
    if (job == NULL)
        return diag_error(diag, COMMAND_LINE, "a curve needs its load: "
                          "--job \"rw=randread bs=4k number_ios=100000\"");
    if (strstr(job, "iodepth=") != NULL)
        return diag_error(diag, COMMAND_LINE, "the job must leave iodepth to the curve: give --iodepth 1,2,4,...");
    struct workload *workload = job_create(job, diag);
    if (workload == NULL)
        return -1;
    workload_destroy(workload);
    return 0;
}

static int measure(const struct curve_options *options, const char *line, struct diag *diag)
{
    struct point_run runs[POINTS_MAX];
    struct loaded_config loaded = {0};
    size_t count = 0;
    int code = EXIT_USER_ERROR;
    bool written = false;
    struct folder_lock *lock = NULL;
    int failed = check_job(options, diag);
    failed |= parse_depths(options->depths != NULL ? options->depths : "1,2,4,8,16,32,64,128,256", runs, &count,
                           diag);
    failed |= loaded_config_read(&loaded, diag, options->session.config_path, &options->session.sets,
                                 options->session.seed);
    if (options->session.output != NULL)
        failed |= folder_check(options->session.output, diag);
    if (failed == 0 && options->session.output != NULL)
        failed = (lock = folder_lock(options->session.output, diag)) == NULL;
    if (failed == 0) {
        progress_take_signals(pass_on);
        size_t done = run_points(options, line, runs, count, &code);
        written = done > 0 && options->session.output != NULL;
        if (done > 0 && report(options, line, &loaded, runs, done, done == count, diag) != 0)
            code = EXIT_USER_ERROR;
    }
    folder_unlock(lock);
    loaded_config_free(&loaded);
    if (written && !options->session.no_plots)
        session_draw(&options->session);
    return code;
}

static int run(const struct invocation *call)
{
    struct curve_options options = *(const struct curve_options *)call->options;
    struct diag *diag = diag_create();
    options.session.config_path = call->arguments[0];
    int code = measure(&options, call->line, diag);
    diag_print(diag, stderr);
    diag_destroy(diag);
    return code;
}

const struct command command_curve = {
    .name = "curve",
    .arguments = "CONFIG.yaml --job TEXT [--iodepth N,N,...] [options]",
    .summary = "Measure throughput against latency at one queue depth after another.",
    .example = "sqtail curve tiny.yaml --job \"rw=randread bs=4k number_ios=20000\" -o curve",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 1,
    .max_arguments = 1,
    .options_bytes = sizeof(struct curve_options),
    .run = run,
};
