// Writes a run's result folder.
#include "report/report.h"

#include "report/folder/folder.h"
#include "report/locale_guard.h"
#include "report/data/course.h"
#include "report/plot/plots.h"
#include "report/text/slow_commands.h"
#include "report/data/summary_json.h"
#include "report/text/summary_text.h"

static uint64_t command_count(const struct report_input *input)
{
    uint64_t count = 0;
    for (int i = 0; i < IO_KIND_COUNT; i++)
        count += input->commands->kinds[i].count;
    return count;
}

static void write_host(const struct report_input *input, FILE *to)
{
    report_write_host(&input->host, command_count(input), input->events, to);
}

typedef void write_fn(const struct report_input *input, FILE *to);

static void write_file(struct folder *folder, const char *name, write_fn *write, const struct report_input *input)
{
    FILE *file = folder_open(folder, name);
    if (file == NULL)
        return;
    write(input, file);
    folder_close(folder, file, name);
}

static void write_slowest(const struct report_input *input, FILE *to)
{
    slow_commands_write_csv(input->slowest, to);
}

static void write_text(const struct report_input *input, FILE *to)
{
    report_write_summary(input, (struct summary_style){.colour = false, .host = false}, to);
}

// Fine enough that a distribution can be drawn from the file: steps of 1 % at most, and finer towards its end.
enum { HGRM_TICKS = 50 };

static void write_histogram(struct folder *folder, const char *name, const struct histogram *histogram)
{
    FILE *file = folder_open(folder, name);
    if (file == NULL)
        return;
    histogram_write_hgrm(histogram, 1e3, HGRM_TICKS, file);
    folder_close(folder, file, name);
}

// `scope`: what stands before the names of the files.
static void write_histograms_of(struct folder *folder, const char *scope, const struct command_stats *commands)
{
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        if (commands->kinds[i].count == 0)
            continue;
        char name[64];
        snprintf(name, sizeof name, "%s%s.hgrm", scope, io_kind_name(i));
        write_histogram(folder, name, &commands->kinds[i].latency);
    }
}

static void write_recorded_histograms(struct folder *folder, const struct command_stats *commands)
{
    for (int i = 0; i < IO_KIND_COUNT; i++) {
        char name[64];
        snprintf(name, sizeof name, "recorded.%s.hgrm", io_kind_name(i));
        if (commands->kinds[i].recorded.count != 0)
            write_histogram(folder, name, &commands->kinds[i].recorded);
    }
}

static void write_histograms(struct folder *folder, const struct report_input *input)
{
    write_histograms_of(folder, "", input->commands);
    write_recorded_histograms(folder, input->commands);
    for (size_t i = 0; i < input->job_count; i++) {
        char scope[48];
        snprintf(scope, sizeof scope, "%s.", input->jobs[i].name);
        write_histograms_of(folder, scope, input->jobs[i].commands);
    }
}

typedef void write_course_fn(const struct course *course, FILE *to);

static void write_course(struct folder *folder, const char *name, const struct course *course, write_course_fn *write)
{
    FILE *file = folder_open(folder, name);
    if (file == NULL)
        return;
    write(course, file);
    folder_close(folder, file, name);
}

static void write_courses(struct folder *folder, const struct report_input *input)
{
    struct course *course = course_create(input);
    write_course(folder, "timeseries.csv", course, course_write_csv);
    write_course(folder, "utilization.csv", course, course_write_utilization);
    if (course_has_offsets(course))
        write_course(folder, "offsets.csv", course, course_write_offsets);
    course_destroy(course);
}

// From the files that are there by now: what cannot be read back could not be written, which is told.
static void write_plots(struct folder *folder)
{
    struct result result;
    struct diag *diag = diag_create();
    if (result_read(&result, folder->temporary, diag) == 0) {
        plot_write_all(folder, &result);
        result_destroy(&result);
    }
    diag_destroy(diag);
}

static int write_all(const struct report_input *input, const char *path, struct diag *diag)
{
    struct folder folder;
    if (folder_begin(&folder, path, diag) != 0)
        return -1;
    write_file(&folder, "summary.json", report_write_json, input);
    write_file(&folder, "summary.txt", write_text, input);
    write_file(&folder, "stats.csv", report_write_csv, input);
    if (input->slowest != NULL)
        write_file(&folder, "slowest.csv", write_slowest, input);
    write_file(&folder, "host.json", write_host, input);
    write_histograms(&folder, input);
    write_courses(&folder, input);
    write_plots(&folder);
    return folder_commit(&folder);
}

int report_write(const struct report_input *input, const char *folder, struct diag *diag)
{
    struct locale_guard guard = locale_guard_enter();
    int result = write_all(input, folder, diag);
    locale_guard_leave(guard);
    return result;
}
