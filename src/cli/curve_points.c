// Runs the points of a curve, several at once, from the same initial state and with the same seed.
#include "cli/curve_points.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cli/run_pool.h"
#include "report/summary_json.h"
#include "util/alloc.h"

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

// The runs that wait, as tasks.
struct waiting {
    struct curve_points *points;
    struct curve_run *runs[CURVE_POINTS_MAX];
};

static int run_child(void *context, size_t task)
{
    const struct waiting *waiting = context;
    const struct curve_points *points = waiting->points;
    struct curve_run *run = waiting->runs[task];
    struct session_options session = points->session;
    char *job = xformat("%s iodepth=%u", session.jobs.text[points->job], run->iodepth);
    session.jobs.text[points->job] = job;
    session.progress = PROGRESS_NEVER;
    session.output = run->folder;
    int code = session_run(&session, points->line, hand_over, run);
    free(job);
    return code;
}

// --- in the curve's own process ------------------------------------------------------------------------------------

static int prepare(void *context, size_t task)
{
    const struct waiting *waiting = context;
    struct curve_run *run = waiting->runs[task];
    if (run->summary == NULL && (run->summary = tmpfile()) == NULL)
        return -1;
    if (waiting->points->stage != NULL && run->folder == NULL)
        run->folder = xformat("%s/iodepth-%u", waiting->points->stage, run->iodepth);
    return 0;
}

static int refused(void *context, size_t task)
{
    const struct waiting *waiting = context;
    fprintf(stderr, "sqtail: error: cannot start the run at depth %u: %s\n", waiting->runs[task]->iodepth,
            strerror(errno));
    waiting->runs[task]->state = CURVE_POINT_FAILED;
    return EXIT_USER_ERROR;
}

static void close_run(struct curve_run *run)
{
    if (run->summary != NULL)
        fclose(run->summary);
    free(run->folder);
    run->summary = NULL;
    run->folder = NULL;
}

static size_t count_done(const struct curve_points *points)
{
    size_t count = 0;
    for (size_t i = 0; i < points->count; i++)
        count += points->runs[i].state == CURVE_POINT_DONE;
    return count;
}

// Who was told to end needs no blame.
static int blame(const struct curve_points *points, const struct curve_run *run, int status)
{
    size_t done = count_done(points);
    if (WIFSIGNALED(status)) {
        if (run_pool_signal() == 0)
            fprintf(stderr, "sqtail: error: the run at depth %u was killed by signal %d (%s); %zu of %zu depths are "
                            "done\n", run->iodepth, WTERMSIG(status), strsignal(WTERMSIG(status)), done,
                    points->count);
        return 128 + WTERMSIG(status);
    }
    if (run_pool_signal() == 0)
        fprintf(stderr, "sqtail: error: the run at depth %u failed; %zu of %zu depths are done\n", run->iodepth, done,
                points->count);
    return WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : EXIT_USER_ERROR;
}

static int ended(void *context, size_t task, int status)
{
    struct waiting *waiting = context;
    struct curve_points *points = waiting->points;
    struct curve_run *run = waiting->runs[task];
    bool whole = status == 0 && fseek(run->summary, 0, SEEK_SET) == 0 &&
                 report_curve_point_read(run->summary, points->varied, run->iodepth, &run->point) == 0;
    run->state = whole ? CURVE_POINT_DONE : CURVE_POINT_FAILED;
    int code = whole ? EXIT_SUCCESS : blame(points, run, status);
    if (whole && points->done(points->context, run) != 0)
        code = EXIT_USER_ERROR;
    close_run(run);
    return code;
}

int curve_points_run(struct curve_points *points)
{
    struct waiting waiting = {.points = points};
    struct run_pool pool = {.at_once = points->jobs, .context = &waiting, .prepare = prepare, .child = run_child,
                            .ended = ended, .refused = refused};
    for (size_t i = 0; i < points->count; i++)
        if (points->runs[i].state == CURVE_POINT_WAITING)
            waiting.runs[pool.count++] = &points->runs[i];
    int code = run_pool(&pool);
    for (size_t i = 0; i < points->count; i++)
        close_run(&points->runs[i]);
    return code;
}
