// How far a sweep is.
#include "cli/runs/sweep_progress.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/runs/run_pool.h"
#include "report/text/number_text.h"
#include "util/alloc.h"

enum { TABLE_WIDTH = 100 };

struct sweep_progress {
    const struct sweep_plan *plan;
    struct sweep_run *const *runs;
    size_t count, done, failed;
    struct {
        size_t run;
        double began;
    } running[RUN_POOL_MAX];
    size_t running_count;
    double began;
    bool shown, terminal;
    unsigned tenths;    // that were told
    size_t lines_shown; // of the table on the terminal
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

struct sweep_progress *sweep_progress_create(const struct sweep_plan *plan, struct sweep_run *const *runs,
                                             size_t count, bool shown)
{
    struct sweep_progress *progress = xcalloc(1, sizeof *progress);
    *progress = (struct sweep_progress){.plan = plan, .runs = runs, .count = count, .began = now(), .shown = shown,
                                        .terminal = options_takes_escapes(STDERR_FILENO)};
    return progress;
}

// The table goes; what comes next is the sweep's outcome.
static void clear(struct sweep_progress *progress)
{
    if (progress->lines_shown > 0)
        fprintf(stderr, "\r\033[%zuA\033[J", progress->lines_shown);
    progress->lines_shown = 0;
}

void sweep_progress_destroy(struct sweep_progress *progress)
{
    clear(progress);
    free(progress);
}

static void put_state(const struct sweep_progress *progress)
{
    double elapsed = now() - progress->began, rate = elapsed > 0 ? (double)progress->done / elapsed : 0;
    char number[NUMBER_TEXT_BYTES];
    fprintf(stderr, "%zu of %zu points, %.0f %%", progress->done, progress->count,
            100.0 * (double)progress->done / (double)progress->count);
    if (progress->failed > 0)
        fprintf(stderr, ", %zu failed", progress->failed);
    if (progress->done > 0 && progress->done < progress->count)
        fprintf(stderr, ", %s a second, %.0f s left", number_text(rate, number),
                (double)(progress->count - progress->done) / rate);
    fputc('\n', stderr);
}

static void put_running(const struct sweep_progress *progress, size_t i)
{
    const struct sweep_run *run = progress->runs[progress->running[i].run];
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    sweep_point_print(progress->plan, run->point, to);
    fclose(to);
    fprintf(stderr, "%7.1f s  %s  %.*s\n", now() - progress->running[i].began, run->id, TABLE_WIDTH - 30, text);
    free(text);
}

static void put_tenth(struct sweep_progress *progress)
{
    unsigned tenths = (unsigned)(10 * progress->done / progress->count);
    if (tenths > progress->tenths)
        put_state(progress);
    progress->tenths = tenths;
}

void sweep_progress_show(struct sweep_progress *progress)
{
    if (!progress->shown)
        return;
    if (!progress->terminal) {
        put_tenth(progress);
        return;
    }
    clear(progress);
    put_state(progress);
    for (size_t i = 0; i < progress->running_count; i++)
        put_running(progress, i);
    progress->lines_shown = 1 + progress->running_count;
}

void sweep_progress_begin(struct sweep_progress *progress, size_t run)
{
    progress->running[progress->running_count].run = run;
    progress->running[progress->running_count++].began = now();
}

void sweep_progress_end(struct sweep_progress *progress, size_t run)
{
    size_t i = 0;
    while (progress->running[i].run != run)
        i++;
    progress->running[i] = progress->running[--progress->running_count];
    progress->done++;
    progress->failed += progress->runs[run]->failed;
    if (!progress->terminal)
        sweep_progress_show(progress);
    else if (progress->runs[run]->failed)
        clear(progress); // for what is said of it
}
