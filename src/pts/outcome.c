// The folder of a test, and its tables as CSV.
#include "pts/outcome.h"

#include <inttypes.h>

#include "report/data/summary_json.h"
#include "report/locale_guard.h"

// --- tables --------------------------------------------------------------------------------------------------------

static void put_cell(const struct pts_course *course, size_t index, const struct pts_cell *cell, FILE *to)
{
    fprintf(to, "%" PRIu32 ",%" PRIu32 ",%" PRIu64, pts_cell_percent(course, index), pts_cell_bytes(course, index),
            cell->requests);
    for (int m = 0; m < PTS_METRICS; m++)
        fprintf(to, ",%.12g", cell->value[m]);
}

#define CELL_NAMES "read_percent,block_bytes,requests,iops,mb_s,mean_us,p99.999_us,max_us"

void pts_write_rounds(const struct pts_outcome *outcome, FILE *to)
{
    const struct pts_course *course = outcome->course;
    fputs("round," CELL_NAMES ",round_end_s,capacities_written,write_amplification\n", to);
    for (size_t r = 0; r < course->round_count; r++)
        for (size_t c = 0; c < pts_course_cells(course); c++) {
            const struct pts_round *round = &course->rounds[r];
            fprintf(to, "%zu,", r + 1);
            put_cell(course, c, &round->cells[c], to);
            fprintf(to, ",%.12g,%.12g,%.12g\n", round->seconds, round->fills, round->write_amplification);
        }
}

void pts_write_table(const struct pts_outcome *outcome, FILE *to)
{
    const struct pts_course *course = outcome->course;
    struct pts_window window;
    fputs(CELL_NAMES "\n", to);
    if (!pts_course_window(course, &window))
        return;
    for (size_t c = 0; c < pts_course_cells(course); c++) {
        struct pts_cell cell = pts_course_mean(course, &window, c);
        put_cell(course, c, &cell, to);
        fputc('\n', to);
    }
}

// --- the folder ----------------------------------------------------------------------------------------------------

static void write_host(const struct pts_outcome *outcome, FILE *to)
{
    struct kind_stats total;
    kind_stats_init(&total);
    command_stats_total(outcome->run->commands, &total);
    report_write_host(&outcome->run->host, total.count, outcome->run->events, to);
    kind_stats_destroy(&total);
}

typedef void write_fn(const struct pts_outcome *outcome, FILE *to);

static void write_file(struct folder *folder, const char *name, write_fn *write, const struct pts_outcome *outcome)
{
    FILE *file = folder_open(folder, name);
    if (file == NULL)
        return;
    write(outcome, file);
    folder_close(folder, file, name);
}

static void write_response(const struct pts_outcome *outcome, FILE *to)
{
    histogram_write_hgrm(&outcome->course->response.latencies, 1e3, 5, to);
}

static int write_all(const struct pts_outcome *outcome, const char *path, struct diag *diag)
{
    struct folder folder;
    if (folder_begin(&folder, path, diag) != 0)
        return -1;
    write_file(&folder, "rounds.csv", pts_write_rounds, outcome);
    write_file(&folder, "table.csv", pts_write_table, outcome);
    if (outcome->course->response.there)
        write_file(&folder, "response-times.hgrm", write_response, outcome);
    write_file(&folder, "host.json", write_host, outcome);
    pts_plot(outcome, &folder);
    write_file(&folder, "pts.json", pts_write_json, outcome); // last: it says what the others hold
    return folder_commit(&folder);
}

int pts_write(const struct pts_outcome *outcome, const char *folder, struct diag *diag)
{
    struct locale_guard guard = locale_guard_enter();
    int result = write_all(outcome, folder, diag);
    locale_guard_leave(guard);
    return result;
}
