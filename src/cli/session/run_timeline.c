// A run with timelines.
//
// Which commands are the slowest is known at the end, and the time of one begins long before anybody knows that it will
// be one of them. As a run can be repeated to the picosecond, the load is run twice: the first run gives the result, and
// the times; the second, by the native kernel, writes them. So nothing has to be kept, and nothing is missing.
#include "cli/session/run_timeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/whole_file.h"
#include "config/field.h"
#include "config/value.h"
#include "timeline/slowest.h"
#include "timeline/timeline.h"
#include "util/alloc.h"

#define OPTION(name) ((struct place){.file = name})

enum { FILES_MAX = 8, SLOWEST_MAX = 10000 };

struct run {
    const struct timeline_options *options;
    struct timeline_windows windows;
    struct slowest *slowest; // in the first of two runs
    struct timeline *timeline;
    FILE *files[FILES_MAX];
};

// --- what is asked for ---------------------------------------------------------------------------------------------

static int parse_time(const char *text, size_t length, tick_t *time, struct diag *diag)
{
    static const struct config_field field = {.key = "window", .type = CONFIG_TIME};
    struct config_problem problem;
    char *part = xformat("%.*s", (int)length, text);
    bool is_time = config_parse(&field, part, time, &problem);
    free(part);
    return is_time ? 0 : diag_error(diag, OPTION("--window"), "%s", problem.message);
}

static int read_window(const char *text, struct timeline_window *window, struct diag *diag)
{
    size_t length = strcspn(text, "-");
    if (text[length] == '\0')
        return diag_error(diag, OPTION("--window"), "wants two times, such as 10ms-12ms; got '%s'", text);
    if (parse_time(text, length, &window->from, diag) != 0 ||
        parse_time(text + length + 1, strlen(text + length + 1), &window->to, diag) != 0)
        return -1;
    if (window->from >= window->to)
        return diag_error(diag, OPTION("--window"), "ends before it begins, or is empty: '%s'", text);
    return 0;
}

static int check_files(const struct option_texts *files, struct diag *diag)
{
    for (uint32_t i = 0; i < files->count; i++)
        if (timeline_format_of(files->text[i]) == NULL)
            return diag_error(diag, OPTION("--timeline"), "'%s' ends in none of .json (Perfetto) and .vcd (GTKWave)",
                              files->text[i]);
    if (files->count > FILES_MAX)
        return diag_error(diag, OPTION("--timeline"), "is given more than %d times", FILES_MAX);
    return 0;
}

static int check_together(const struct timeline_options *options, const struct session_options *session,
                          struct diag *diag)
{
    if (options->window != NULL && options->around_slowest > 0)
        return diag_error(diag, OPTION("sqtail"), "give either --window or --around-slowest, not both");
    if (options->files.count == 0)
        return diag_error(diag, OPTION("sqtail"),
                          "--window and --around-slowest choose from a timeline: give --timeline");
    if (options->around_slowest > SLOWEST_MAX)
        return diag_error(diag, OPTION("--around-slowest"), "is at most %d", SLOWEST_MAX);
    for (uint32_t i = 0; options->around_slowest > 0 && i < session->traces.count; i++)
        if (strcmp(session->traces.text[i], "-") == 0)
            return diag_error(diag, OPTION("--around-slowest"),
                              "reads the recording twice, which standard input cannot be");
    return 0;
}

static int read_options(struct run *run, const struct session_options *session)
{
    const struct timeline_options *options = run->options;
    struct diag *diag = diag_create();
    struct timeline_window window = {0, TICK_END};
    int failed = check_together(options, session, diag) | check_files(&options->files, diag);
    if (options->window != NULL)
        failed |= read_window(options->window, &window, diag);
    windows_add(&run->windows, window.from, window.to);
    diag_print(diag, stderr);
    diag_destroy(diag);
    return failed;
}

// --- the first of two runs -----------------------------------------------------------------------------------------

static int attach_slowest(void *self, struct machine *machine, const struct machine_config *config, struct diag *diag)
{
    struct run *run = self;
    (void)config, (void)diag;
    run->slowest = slowest_create(machine_ssd(machine), run->options->around_slowest);
    return 0;
}

static int take_slowest(void *self, bool complete, struct diag *diag)
{
    struct run *run = self;
    (void)complete, (void)diag;
    windows_free(&run->windows);
    run->windows = slowest_windows(run->slowest);
    return 0;
}

// --- the run that is written ---------------------------------------------------------------------------------------

static int open_files(struct run *run, struct diag *diag)
{
    const struct option_texts *paths = &run->options->files;
    for (uint32_t i = 0; i < paths->count; i++) {
        run->files[i] = whole_file_open(paths->text[i]);
        if (run->files[i] == NULL)
            return diag_error(diag, OPTION(paths->text[i]), "cannot be written: %s", strerror(errno));
        timeline_write(run->timeline, timeline_format_of(paths->text[i]), run->files[i]);
    }
    return 0;
}

static int attach_timeline(void *self, struct machine *machine, const struct machine_config *config, struct diag *diag)
{
    struct run *run = self;
    struct ssd *ssd = machine_ssd(machine);
    run->timeline = timeline_create(ssd, machine_sim(machine), run->windows,
                                    nvme_get_namespace(ssd_frontend(ssd), config->host.nsid).block_bytes);
    run->windows = (struct timeline_windows){NULL, 0};
    return open_files(run, diag);
}

static int close_files(struct run *run, struct diag *diag)
{
    const struct option_texts *paths = &run->options->files;
    int failed = 0;
    for (uint32_t i = 0; i < paths->count; i++) {
        if (whole_file_close(run->files[i], paths->text[i]) != 0)
            failed |= diag_error(diag, OPTION(paths->text[i]), "cannot be written: %s", strerror(errno));
        run->files[i] = NULL;
    }
    return failed;
}

static int end_timeline(void *self, bool complete, struct diag *diag)
{
    struct run *run = self;
    double ms = (double)timeline_length(run->timeline) / (double)TICKS_PER_MS;
    timeline_end(run->timeline);
    if (timeline_shown(run->timeline) == 0)
        diag_warning(diag, OPTION("--timeline"), "nothing happened in the window: the run ended at %.6g ms", ms);
    if (!complete)
        diag_warning(diag, OPTION("--timeline"), "ends where the run was stopped, at %.6g ms", ms);
    return close_files(run, diag);
}

// What a run that failed leaves.
static void drop_files(struct run *run)
{
    for (uint32_t i = 0; i < FILES_MAX; i++) {
        if (run->files[i] == NULL)
            continue;
        char *unfinished = xformat("%s.new", run->options->files.text[i]);
        fclose(run->files[i]);
        unlink(unfinished);
        free(unfinished);
    }
}

// --- both ----------------------------------------------------------------------------------------------------------

static int ignore(void *context, const struct report_input *input, struct diag *diag)
{
    (void)context, (void)input, (void)diag;
    return 0;
}

// The second run repeats the first one: nothing of it is new but the timeline.
static int write_slowest(const struct session_options *session, const char *command_line,
                         const struct session_watch *writer)
{
    struct session_options again = *session;
    again.output = NULL;
#ifdef HAVE_SYSTEMC
    again.kernel = SESSION_NATIVE;
#endif
    again.watch = writer;
    return session_run(&again, command_line, ignore, NULL);
}

static int run_once_or_twice(struct run *run, const struct session_options *session, const char *command_line,
                             session_use_fn *use, void *context)
{
    const struct session_watch finder = {run, attach_slowest, take_slowest, session->watch},
                               writer = {run, attach_timeline, end_timeline, session->watch},
                               second = {run, attach_timeline, end_timeline, NULL};
    struct session_options first = *session;
    first.watch = run->options->around_slowest > 0 ? &finder : &writer;
    int code = session_run(&first, command_line, use, context);
    if (code != 0 || run->options->around_slowest == 0)
        return code;
    return write_slowest(session, command_line, &second);
}

static bool asked_for(const struct timeline_options *options)
{
    return options->files.count > 0 || options->window != NULL || options->around_slowest > 0;
}

int run_with_timeline(const struct timeline_options *options, const struct session_options *session,
                      const char *command_line, session_use_fn *use, void *context)
{
    struct run run = {.options = options};
    if (!asked_for(options))
        return session_run(session, command_line, use, context);
    int code = read_options(&run, session) != 0 ? EXIT_USER_ERROR
                                                : run_once_or_twice(&run, session, command_line, use, context);
    drop_files(&run);
    slowest_destroy(run.slowest);
    timeline_destroy(run.timeline);
    windows_free(&run.windows);
    return code;
}
