// Runs the points of a curve, several at once, from the same initial state.
#include "cli/runs/curve_points.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cli/runs/runs.h"
#include "report/data/summary_json.h"
#include "util/alloc.h"

// The runs that wait, as tasks.
struct waiting {
    struct curve_points *points;
    struct curve_run **at;
    struct runs runs;
};

static struct curve_run *run_of(void *context, size_t task)
{
    return ((struct waiting *)context)->at[task];
}

// --- in the process of a point -------------------------------------------------------------------------------------

static int keep(void *context, size_t task, const struct report_input *input, struct diag *diag)
{
    const struct curve_run *run = run_of(context, task);
    if (run->folder != NULL && report_write(input, run->folder, diag) != 0)
        return -1;
    if (run->summary != NULL)
        report_write_json(input, run->summary);
    if (run->summary != NULL && fflush(run->summary) == 0 && !ferror(run->summary))
        return 0;
    return diag_error(diag, (struct place){.file = "sqtail"}, "cannot hand over the results: %m");
}

// --- in the curve's own process ------------------------------------------------------------------------------------

static void describe(void *context, size_t task, struct session_options *session)
{
    const struct curve_points *points = ((struct waiting *)context)->points;
    const struct curve_run *run = run_of(context, task);
    *session = points->session;
    if (run->job != NULL)
        session->jobs.text[points->job] = run->job;
    else
        session->iodepth = run->load.iodepth;
    session->progress = PROGRESS_NEVER;
    session->output = run->folder;
    if (run->seed != NULL)
        session->seed = run->seed;
}

static void begins(void *context, size_t task)
{
    struct curve_run *run = run_of(context, task);
    if (run->summary == NULL)
        run->summary = tmpfile();
}

void curve_points_name(const struct curve_run *run, FILE *to)
{
    if (run->load.rate_iops > 0)
        fprintf(to, "rate %" PRIu64, run->load.rate_iops);
    else
        fprintf(to, "depth %" PRIu32, run->load.iodepth);
    if (run->seed != NULL)
        fprintf(to, ", seed %s", run->seed);
}

static void put_name(void *context, size_t task, FILE *to)
{
    fputs("at ", to);
    curve_points_name(run_of(context, task), to);
}

static void close_run(struct curve_run *run)
{
    if (run->summary != NULL)
        fclose(run->summary);
    run->summary = NULL;
}

static int ended(void *context, size_t task, int status)
{
    struct waiting *waiting = context;
    struct curve_points *points = waiting->points;
    struct curve_run *run = run_of(context, task);
    bool whole = status == 0 && run->summary != NULL && fseek(run->summary, 0, SEEK_SET) == 0 &&
                 report_curve_point_read(run->summary, points->varied, &run->load, &run->point) == 0;
    run->state = whole ? CURVE_POINT_DONE : CURVE_POINT_FAILED;
    close_run(run);
    if (!whole)
        return runs_blame(&waiting->runs, task, status);
    return points->done(points->context, run) == 0 ? EXIT_SUCCESS : EXIT_USER_ERROR;
}

// --- all -----------------------------------------------------------------------------------------------------------

static void set_words(const struct curve_points *points, struct curve_run *run)
{
    const char *job = points->session.jobs.text[points->job];
    char name[REPORT_CURVE_POINT_BYTES];
    if (run->load.rate_iops > 0)
        run->job = xformat("%s rate_iops=%" PRIu64, job, run->load.rate_iops);
    else if (job != NULL)
        run->job = xformat("%s iodepth=%" PRIu32, job, run->load.iodepth);
    if (points->stage != NULL)
        run->folder = xformat("%s/%s", points->stage, report_curve_point_name(&run->load, run->seed, name));
}

struct curve_run *curve_points_add(struct curve_points *points, struct report_curve_load load, const char *seed)
{
    points->runs = xgrow(points->runs, points->count, sizeof *points->runs);
    struct curve_run *run = &points->runs[points->count++];
    *run = (struct curve_run){.load = load, .seed = seed};
    set_words(points, run);
    return run;
}

int curve_points_run(struct curve_points *points)
{
    struct waiting waiting = {.points = points, .at = xcalloc(points->count + 1, sizeof *waiting.at)};
    waiting.runs = (struct runs){.at_once = points->at_once, .line = points->line, .context = &waiting,
                                 .describe = describe, .keep = keep, .ended = ended, .begins = begins,
                                 .name = put_name};
    for (size_t i = 0; i < points->count; i++)
        if (points->runs[i].state == CURVE_POINT_WAITING)
            waiting.at[waiting.runs.count++] = &points->runs[i];
    int code = runs_make(&waiting.runs);
    free(waiting.at);
    return code;
}

void curve_points_free(struct curve_points *points)
{
    for (size_t i = 0; i < points->count; i++) {
        close_run(&points->runs[i]);
        free(points->runs[i].folder);
        free(points->runs[i].job);
        report_curve_point_free(&points->runs[i].point);
    }
    free(points->runs);
}
