// A test from purge to end, as phases on one drive whose state goes on:
//
//   sequential writes of 128 KiB over the capacity, where the test wants them;
//   rounds: each mix, of each its sizes, for a minute; after each round the rule is asked;
//   response times, where the test has them.
//
// The purge is the state that the drive begins in. Each phase is a job in fio's words.
#include "pts/course.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/job/jobs.h"
#include "util/alloc.h"
#include "util/macros.h"

enum { FILL_BYTES = 128 << 10, LEAST_CAPACITY = 64 << 20 };

// --- what a test consists of -----------------------------------------------------------------------------------------

size_t pts_course_cells(const struct pts_course *course)
{
    return course->test->mix_count * course->size_count;
}

uint32_t pts_cell_percent(const struct pts_course *course, size_t cell)
{
    return course->test->read_percents[cell / course->size_count];
}

uint32_t pts_cell_bytes(const struct pts_course *course, size_t cell)
{
    return course->block_bytes[cell % course->size_count];
}

size_t pts_course_tracked(const struct pts_course *course)
{
    size_t cell = 0;
    while (pts_cell_percent(course, cell) != course->test->tracked_percent ||
           pts_cell_bytes(course, cell) != course->test->tracked_bytes)
        cell++;
    return cell;
}

static const char *words_of(const struct pts_test *test, uint32_t percent)
{
    static const char *const words[2][3] = {{"randwrite", "randread", "randrw"}, {"write", "read", "rw"}};
    return words[test->sequential][percent == 0 ? 0 : percent == 100 ? 1 : 2];
}

// Threads in sequence have parts of the active range of their own; at random places all have all of it.
static char *access_job(const struct pts_course *course, uint32_t percent, uint32_t bytes, tick_t runtime)
{
    const struct pts_options *o = &course->options;
    uint32_t range = course->test->sequential ? MAX(o->active_percent / o->threads, 1u) : o->active_percent;
    char mix[32] = "", spread[48] = "";
    if (percent != 0 && percent != 100)
        snprintf(mix, sizeof mix, " rwmixread=%" PRIu32, percent);
    if (range < o->active_percent)
        snprintf(spread, sizeof spread, " offset_increment=%" PRIu32 "%%", range);
    return xformat("rw=%s%s bs=%" PRIu32 " size=%" PRIu32 "%% iodepth=%" PRIu32 " numjobs=%" PRIu32 "%s "
                   "runtime=%" PRIu64 "ns time_based", words_of(course->test, percent), mix, bytes, range, o->iodepth,
                   o->threads, spread, runtime / TICKS_PER_NS);
}

static char *cell_job(const struct pts_course *course, size_t cell)
{
    return access_job(course, pts_cell_percent(course, cell), pts_cell_bytes(course, cell), course->options.minute);
}

static char *fill_job(const struct pts_course *course)
{
    uint32_t percent = course->options.active_percent;
    uint64_t blocks = course->capacity_bytes / FILL_BYTES * percent / 100;
    return xformat("rw=write bs=%d size=%" PRIu32 "%% iodepth=32 number_ios=%" PRIu64, FILL_BYTES, percent,
                   blocks * course->test->fills_before);
}

static bool plays_fill(const struct pts_course *course)
{
    return course->test->fills_before > 0 && !course->options.precondition_computed;
}

static bool in_rounds(const struct pts_course *course)
{
    return !course->response.there && !course->complete;
}

// The job of the phase that is next.
static char *next_job(const struct pts_course *course)
{
    const struct pts_test *test = course->test;
    if (course->preconditioning)
        return fill_job(course);
    if (in_rounds(course))
        return cell_job(course, course->cell);
    return access_job(course, test->tracked_percent, test->tracked_bytes,
                      course->options.minute * test->response_minutes);
}

// --- before it begins ------------------------------------------------------------------------------------------------

static int check_job(char *text, const struct workload_drive *drive, struct diag *diag)
{
    struct job_text of = {.text = text, .where = "sqtail pts", .line = 1};
    struct workload *job = jobs_create_of(&of, 1, diag);
    int result = job == NULL ? -1 : job->ops->check(job, drive, diag);
    workload_destroy(job);
    free(text);
    return result;
}

// Sizes below the drive's block, which it cannot serve, are left out.
static void take_sizes(struct pts_course *course, uint32_t block_bytes)
{
    course->size_count = 0;
    for (size_t i = 0; i < course->test->size_count; i++)
        if (course->test->block_bytes[i] % block_bytes == 0)
            course->block_bytes[course->size_count++] = course->test->block_bytes[i];
}

static int check(void *self, const struct workload_drive *drive, struct diag *diag)
{
    struct pts_course *course = self;
    struct pts_options *o = &course->options;
    course->capacity_bytes = drive->capacity_bytes;
    take_sizes(course, drive->block_bytes);
    if (o->minute == 0)
        o->minute = drive->capacity_bytes * PTS_PS_A_BYTE;
    if (drive->capacity_bytes < LEAST_CAPACITY)
        return diag_error(diag, (struct place){.file = "sqtail pts"}, "the drive is too small: these tests need %d MiB",
                          LEAST_CAPACITY >> 20);
    int result = check_job(fill_job(course), drive, diag);
    for (size_t c = 0; c < pts_course_cells(course) && result == 0; c++)
        result = check_job(cell_job(course, c), drive, diag);
    return result;
}

void pts_course_init(struct pts_course *course, const struct pts_test *test, const struct pts_options *options,
                     const struct pts_drive *drive)
{
    *course = (struct pts_course){.test = test, .options = *options, .drive = *drive};
    struct pts_options *o = &course->options;
    o->rounds = o->rounds == 0 ? test->most_rounds : o->rounds;
    o->iodepth = o->iodepth == 0 ? test->iodepth : o->iodepth;
    o->threads = o->threads == 0 ? test->threads : o->threads;
    o->active_percent = o->active_percent == 0 ? 100 : o->active_percent;
}

void pts_course_free(struct pts_course *course)
{
    for (size_t r = 0; r < course->round_count; r++)
        free(course->rounds[r].cells);
    free(course->now.cells);
    free(course->rounds);
    free(course->tracked);
    if (course->response.there)
        histogram_destroy(&course->response.latencies);
    free(course->texts[0]);
    free(course->texts[1]);
}

// --- what was measured -----------------------------------------------------------------------------------------------

static struct pts_cell cell_of(const struct phase_result *phase)
{
    double seconds = (double)(phase->ends - phase->begins) / TICKS_PER_S, requests = (double)phase->requests;
    struct pts_cell cell = {.requests = phase->requests};
    if (phase->requests == 0)
        return cell;
    double longest = (double)phase->longest / TICKS_PER_US;
    double nines = (double)histogram_quantile(phase->latencies, 0.99999) * TICKS_PER_NS / TICKS_PER_US;
    cell.value[PTS_IOPS] = requests / seconds;
    cell.value[PTS_MB_S] = (double)phase->bytes / seconds / 1e6;
    cell.value[PTS_MEAN_US] = (double)phase->latency / requests / TICKS_PER_US;
    cell.value[PTS_NINES_US] = MIN(nines, longest); // a bucket's top
    cell.value[PTS_MAX_US] = longest;
    return cell;
}

static double amplification(struct pts_flow before, struct pts_flow now)
{
    double left = (double)(now.left - before.left), programmed = (double)(now.programmed - before.programmed);
    return left == 0 ? 0 : programmed / left;
}

static void end_round(struct pts_course *course, tick_t now)
{
    struct pts_flow flow = course->drive.flow(course->drive.self);
    course->now.seconds = (double)(now - course->began) / TICKS_PER_S;
    course->now.fills = (double)course->written / (double)course->capacity_bytes;
    course->now.write_amplification = amplification(course->flow, flow);
    course->flow = flow;
    course->rounds = xgrow(course->rounds, course->round_count, sizeof *course->rounds);
    course->tracked = xgrow(course->tracked, course->round_count, sizeof *course->tracked);
    course->tracked[course->round_count] =
        course->now.cells[pts_course_tracked(course)].value[course->test->metric];
    course->rounds[course->round_count++] = course->now;
    course->now = (struct pts_round){0};
}

bool pts_course_window(const struct pts_course *course, struct pts_window *window)
{
    if (course->round_count < PTS_WINDOW)
        return false;
    *window = pts_window_at(course->tracked, course->round_count - PTS_WINDOW);
    return true;
}

struct pts_cell pts_course_mean(const struct pts_course *course, const struct pts_window *window, size_t cell)
{
    struct pts_cell mean = {0};
    for (size_t r = window->first; r < window->first + PTS_WINDOW; r++) {
        const struct pts_cell *of = &course->rounds[r].cells[cell];
        mean.requests += of->requests;
        for (int m = 0; m < PTS_MAX_US; m++)
            mean.value[m] += of->value[m] / PTS_WINDOW;
        mean.value[PTS_MAX_US] = MAX(mean.value[PTS_MAX_US], of->value[PTS_MAX_US]);
    }
    return mean;
}

static bool rounds_are_over(const struct pts_course *course)
{
    struct pts_window window;
    if (course->round_count == course->options.rounds)
        return true;
    if (course->test->most_fills > 0)
        return course->rounds[course->round_count - 1].fills >= course->test->most_fills;
    return pts_course_window(course, &window) && window.steady;
}

// --- from phase to phase ---------------------------------------------------------------------------------------------

// Where there are response times to come, it is not over yet.
static void end_rounds(struct pts_course *course)
{
    course->response.there = course->test->response_minutes > 0;
    course->complete = !course->response.there;
    if (course->response.there)
        histogram_init(&course->response.latencies);
}

static void end_response(struct pts_course *course, const struct phase_result *phase)
{
    course->response.cell = cell_of(phase);
    histogram_add(&course->response.latencies, phase->latencies);
    course->complete = true;
}

static void end_cell(struct pts_course *course, const struct phase_result *phase)
{
    if (course->cell == 0)
        course->now.cells = xcalloc(pts_course_cells(course), sizeof *course->now.cells);
    course->now.cells[course->cell++] = cell_of(phase);
    if (course->cell < pts_course_cells(course))
        return;
    course->cell = 0;
    end_round(course, phase->ends);
    if (rounds_are_over(course))
        end_rounds(course);
}

static void end_phase(struct pts_course *course, const struct phase_result *phase)
{
    course->began = course->phase == 1 ? phase->begins : course->began;
    course->written += phase->written;
    if (course->preconditioning) {
        course->preconditioning = false;
        course->flow = course->drive.flow(course->drive.self);
    } else if (in_rounds(course)) {
        end_cell(course, phase);
    } else {
        end_response(course, phase);
    }
}

// Its words stay as long as the phase does, and the next begins before it ends.
static struct workload *create_phase(struct pts_course *course)
{
    char **text = &course->texts[course->phase++ % 2];
    free(*text);
    *text = next_job(course);
    struct diag *diag = diag_create();
    struct workload *phase = jobs_create((const char *const *)text, 1, diag);
    diag_destroy(diag);
    return phase;
}

static struct workload *first(void *self)
{
    struct pts_course *course = self;
    course->preconditioning = plays_fill(course);
    return create_phase(course);
}

static struct workload *next(void *self, const struct phase_result *ended)
{
    struct pts_course *course = self;
    end_phase(course, ended);
    return course->complete ? NULL : create_phase(course);
}

struct phase_source pts_course_source(struct pts_course *course)
{
    return (struct phase_source){.self = course, .check = check, .first = first, .next = next};
}
