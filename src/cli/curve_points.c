// Runs the points of a curve, several at once.
//
// From the same initial state and with the same seed, each in a process of its own, so that they do not depend on how
// many run at once. A signal that asks to end is passed on to them; however this process ends, so do they.
#include "cli/curve_points.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/summary_json.h"
#include "util/alloc.h"

// Signal handlers have no context; the points of one curve run at a time.
static volatile sig_atomic_t children[CURVE_POINTS_MAX];
static volatile sig_atomic_t end_signal;

static void pass_on(int signal)
{
    if (signal != SIGUSR1)
        end_signal = signal;
    for (size_t i = 0; i < CURVE_POINTS_MAX; i++)
        if (children[i] != 0)
            kill(children[i], signal);
}

// --- in the process of a point -------------------------------------------------------------------------------------

static int hand_over(void *context, const struct report_input *input, struct diag *diag)
{
    const struct curve_run *run = context;
    if (!input->complete)
        return 0; // ended by a signal: it will be measured again
    if (run->folder != NULL && report_write(input, run->folder, diag) != 0)
        return -1;
    report_write_json(input, run->summary);
    if (fflush(run->summary) == 0 && !ferror(run->summary))
        return 0;
    return diag_error(diag, (struct place){.file = "sqtail"}, "cannot hand over the results: %m");
}

static NORETURN void run_child(const struct curve_points *points, struct curve_run *run, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    progress_take_signals(SIG_DFL);
    signal(SIGUSR1, SIG_IGN);
    struct session_options session = points->session;
    char *job = xformat("%s iodepth=%u", session.jobs.text[points->job], run->iodepth);
    session.jobs.text[points->job] = job;
    session.progress = PROGRESS_NEVER;
    session.output = run->folder;
    int code = session_run(&session, points->line, hand_over, run);
    free(job);
    exit(code);
}

// --- in the curve's own process ------------------------------------------------------------------------------------

static int cannot_start(struct curve_run *run)
{
    fprintf(stderr, "sqtail: error: cannot start the run at depth %u: %s\n", run->iodepth, strerror(errno));
    run->state = CURVE_POINT_FAILED;
    return EXIT_USER_ERROR;
}

static int start(struct curve_points *points, size_t index)
{
    struct curve_run *run = &points->runs[index];
    pid_t parent = getpid();
    fflush(NULL);
    if (run->summary == NULL && (run->summary = tmpfile()) == NULL)
        return -1;
    if (points->stage != NULL && run->folder == NULL) {
        run->folder = xmalloc(strlen(points->stage) + 32);
        sprintf(run->folder, "%s/iodepth-%u", points->stage, run->iodepth);
    }
    run->process = fork();
    if (run->process == 0)
        run_child(points, run, parent);
    if (run->process < 0)
        return -1;
    run->state = CURVE_POINT_RUNNING;
    children[index] = run->process;
    if (end_signal != 0)
        kill(run->process, end_signal);
    return 0;
}

static void close_run(struct curve_run *run)
{
    if (run->summary != NULL)
        fclose(run->summary);
    free(run->folder);
    run->summary = NULL;
    run->folder = NULL;
}

static size_t count_in(const struct curve_points *points, enum curve_point_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < points->count; i++)
        count += points->runs[i].state == state;
    return count;
}

// Who was told to end needs no blame.
static int blame(const struct curve_points *points, const struct curve_run *run, int status)
{
    size_t done = count_in(points, CURVE_POINT_DONE);
    if (WIFSIGNALED(status)) {
        if (end_signal == 0)
            fprintf(stderr, "sqtail: error: the run at depth %u was killed by signal %d (%s); %zu of %zu depths are "
                            "done\n", run->iodepth, WTERMSIG(status), strsignal(WTERMSIG(status)), done,
                    points->count);
        return 128 + WTERMSIG(status);
    }
    if (end_signal == 0)
        fprintf(stderr, "sqtail: error: the run at depth %u failed; %zu of %zu depths are done\n", run->iodepth, done,
                points->count);
    return WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : EXIT_USER_ERROR;
}

static int finish(struct curve_points *points, struct curve_run *run, int status)
{
    bool whole = status == 0 && fseek(run->summary, 0, SEEK_SET) == 0 &&
                 report_curve_point_read(run->summary, points->varied, run->iodepth, &run->point) == 0;
    run->state = whole ? CURVE_POINT_DONE : CURVE_POINT_FAILED;
    int code = whole ? EXIT_SUCCESS : blame(points, run, status);
    if (whole && points->done(points->context, run) != 0)
        code = EXIT_USER_ERROR;
    close_run(run);
    return code;
}

// Waits until one of those that run ends.
static int finish_one(struct curve_points *points)
{
    int status = 0;
    pid_t process = waitpid(-1, &status, 0);
    for (size_t i = 0; i < points->count; i++) {
        struct curve_run *run = &points->runs[i];
        if (run->state != CURVE_POINT_RUNNING || run->process != process)
            continue;
        children[i] = 0;
        return finish(points, run, status);
    }
    return EXIT_SUCCESS;
}

static size_t next_waiting(const struct curve_points *points)
{
    size_t i = 0;
    while (i < points->count && points->runs[i].state != CURVE_POINT_WAITING)
        i++;
    return i;
}

// What cannot be started now, for want of memory or processes, may be when another has ended.
static int start_or_wait(struct curve_points *points, size_t index, size_t running)
{
    if (start(points, index) == 0)
        return EXIT_SUCCESS;
    return running > 0 ? finish_one(points) : cannot_start(&points->runs[index]);
}

int curve_points_run(struct curve_points *points)
{
    int code = EXIT_SUCCESS;
    progress_take_signals(pass_on);
    for (;;) {
        size_t running = count_in(points, CURVE_POINT_RUNNING), next = next_waiting(points);
        bool more = code == EXIT_SUCCESS && end_signal == 0 && next < points->count;
        if (!more && running == 0)
            break;
        int one = more && running < points->jobs ? start_or_wait(points, next, running) : finish_one(points);
        code = code == EXIT_SUCCESS ? one : code;
    }
    for (size_t i = 0; i < points->count; i++)
        close_run(&points->runs[i]);
    return code == EXIT_SUCCESS && end_signal != 0 ? 128 + end_signal : code;
}
