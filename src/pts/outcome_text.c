// A test's report for people.
#include <inttypes.h>

#include "pts/outcome.h"
#include "util/macros.h"

enum { HEAD_WIDTH = 10, WIDTH = 9 };

static void put_conditions(const struct pts_course *course, FILE *to)
{
    const struct pts_options *o = &course->options;
    fprintf(to, "outstanding  %" PRIu32 " of each of %" PRIu32 " thread%s; a minute of the specification is %.4g s "
            "here\n", o->iodepth, o->threads, o->threads == 1 ? "" : "s", (double)o->minute / TICKS_PER_S);
    if (course->test->fills_before > 0 && o->precondition_computed)
        fputs("before       sequential writes over the whole drive, computed\n", to);
    else if (course->test->fills_before > 0)
        fprintf(to, "before       sequential writes of 128 KiB, %" PRIu32 " times the capacity\n",
                course->test->fills_before);
    else
        fputs("before       nothing: the drive is as new\n", to);
    if (o->active_percent < 100)
        fprintf(to, "active range the first %" PRIu32 " %% of the capacity\n", o->active_percent);
}

static void put_rule(const struct pts_course *course, const struct pts_window *window, FILE *to)
{
    char size[PTS_NAME_BYTES], mix[PTS_NAME_BYTES], average[32];
    const struct pts_metric_row *metric = &pts_metrics[course->test->metric];
    snprintf(average, sizeof average, metric->format, window->average);
    fprintf(to, "rounds       %zu; measured in %zu to %zu, which %s steady\n", course->round_count, window->first + 1,
            window->first + PTS_WINDOW, window->steady ? "are" : "are NOT");
    fprintf(to, "tracked      %s of %s at R/W %s: average %s, range %.1f %% of it (at most %.0f %%),\n"
                "             line rises or falls by %.1f %% of it (at most %.0f %%)\n",
            metric->title, pts_size_name(course->test->tracked_bytes, size),
            pts_mix_name(course->test->tracked_percent, mix), average, 100 * window->range, 100 * PTS_RANGE_MOST,
            100 * window->excursion, 100 * PTS_SLOPE_MOST);
}

// Sizes rising from above to below, writes on the left.
static void put_table(const struct pts_course *course, const struct pts_window *window, enum pts_metric metric,
                      FILE *to)
{
    char name[PTS_NAME_BYTES], number[32];
    fprintf(to, "\n%s\n%-*s", pts_metrics[metric].title, HEAD_WIDTH, "R/W");
    for (size_t m = course->test->mix_count; m-- > 0;)
        fprintf(to, " %*s", WIDTH, pts_mix_name(course->test->read_percents[m], name));
    fputc('\n', to);
    for (size_t s = course->size_count; s-- > 0;) {
        fprintf(to, "%*s", HEAD_WIDTH, pts_size_name(course->block_bytes[s], name));
        for (size_t m = course->test->mix_count; m-- > 0;) {
            struct pts_cell cell = pts_course_mean(course, window, m * course->size_count + s);
            snprintf(number, sizeof number, pts_metrics[metric].format, cell.value[metric]);
            fprintf(to, " %*s", WIDTH, number);
        }
        fputc('\n', to);
    }
}

static void put_tables(const struct pts_course *course, const struct pts_window *window, FILE *to)
{
    put_table(course, window, course->test->metric, to);
    for (int m = PTS_MEAN_US; m < PTS_METRICS && course->test->has_response_times; m++)
        if (m != (int)course->test->metric)
            put_table(course, window, m, to);
}

static void put_response(const struct pts_course *course, FILE *to)
{
    char size[PTS_NAME_BYTES], mix[PTS_NAME_BYTES];
    const struct pts_cell *cell = &course->response.cell;
    if (!course->response.there)
        return;
    fprintf(to, "\nresponse times of %s at R/W %s over %" PRIu32 " minutes: %" PRIu64 " requests, mean %.2f us, "
            "99.999 %% %.2f us, largest %.2f us\n", pts_size_name(course->test->tracked_bytes, size),
            pts_mix_name(course->test->tracked_percent, mix), course->test->response_minutes, cell->requests,
            cell->value[PTS_MEAN_US], cell->value[PTS_NINES_US], cell->value[PTS_MAX_US]);
}

static void put_end(const struct pts_course *course, FILE *to)
{
    if (course->round_count == 0)
        return;
    const struct pts_round *last = &course->rounds[course->round_count - 1];
    fprintf(to, "\nwritten      %.2f times the capacity; write amplification of the last round %.3f\n", last->fills,
            last->write_amplification);
}

void pts_print(const struct pts_outcome *outcome, FILE *to)
{
    const struct pts_course *course = outcome->course;
    struct pts_window window;
    fprintf(to, "drive        %s\ntest         SNIA PTS %s: %s%s\n", outcome->run->drive, course->test->title,
            course->test->help, course->complete && outcome->run->complete ? "" : "; INCOMPLETE");
    put_conditions(course, to);
    if (pts_course_window(course, &window)) {
        put_rule(course, &window, to);
        put_tables(course, &window, to);
        put_response(course, to);
    }
    put_end(course, to);
}
