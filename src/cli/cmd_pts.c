// sqtail pts: the tests of the SNIA's Performance Test Specification (src/pts) on a simulated drive.
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/session/session.h"
#include "host/job/job_values.h"
#include "pts/outcome.h"
#include "util/alloc.h"

#define COMMAND_LINE ((struct place){.file = "sqtail"})

enum preconditioning { PLAYED, COMPUTED };

struct pts_call {
    struct session_options session;
    const char *minute;
    uint64_t rounds, iodepth, threads, active_range;
    uint32_t preconditioning; // enum preconditioning
};

#define AT(member) offsetof(struct pts_call, member)

static const struct option_row rows[] = {
    {"minute", 'm', OPTION_TEXT, AT(minute), "TIME",
     "Simulated time that a minute of the specification takes, such as 100ms (default: a minute for each 10^12 bytes "
     "of capacity, so that a round writes the same share of a smaller drive)."},
    {"rounds", 'r', OPTION_COUNT, AT(rounds), "N",
     "Rounds at most, at least 5 (default: 25; of wsat a day's)."},
    {"iodepth", 'd', OPTION_COUNT, AT(iodepth), "N", "Requests outstanding of each thread (default 32; of latency 1)."},
    {"threads", 0, OPTION_COUNT, AT(threads), "N", "Threads (default 1)."},
    {"active-range", 0, OPTION_COUNT, AT(active_range), "PERCENT",
     "Access the first PERCENT of the capacity alone (default 100; Client tests have 75)."},
    {"preconditioning", 'p', OPTION_CHOICE, AT(preconditioning), "played|computed",
     "Play the sequential writes that go before the first round, or begin with the drive as it is after them, which is "
     "computed."},
    {"set", 's', OPTION_TEXTS, AT(session.sets), "KEY=VALUE", "Change a key of the configuration; may be repeated."},
    {"seed", 0, OPTION_TEXT, AT(session.seed), "N", "Seed of every random stream; as --set seed=N."},
    {"kernel", 'k', OPTION_CHOICE, AT(session.kernel), SESSION_KERNELS,
     "Who drives the engine; results are the same."},
    {"output", 'o', OPTION_TEXT, AT(session.output), "DIR", "Write pts.json, tables and plots into DIR."},
    {"no-plots", 0, OPTION_FLAG, AT(session.no_plots), NULL, "Write the plots' scripts, but do not run gnuplot."},
    {"progress", 0, OPTION_CHOICE, AT(session.progress), "auto|always|never",
     "When to show progress on standard error."},
    {"quiet", 'q', OPTION_FLAG, AT(session.quiet), NULL,
     "Print neither tables nor progress: nothing but errors and warnings."},
};

// A test on its way.
struct pts_run {
    struct session_options session; // without the folder, which is not a run's
    const char *output;             // NULL: none
    struct pts_options options;
    struct pts_course course;
    struct ftl *core; // once there is a drive
    bool written;
};

// --- what the session asks for ---------------------------------------------------------------------------------------

static struct pts_flow flow_of(void *self)
{
    const struct ftl_stats *stats = ftl_get_stats(((struct pts_run *)self)->core);
    return (struct pts_flow){
        .left = stats->host_units_programmed + stats->buffer_merges,
        .programmed = stats->host_units_programmed + stats->gc_copies + stats->slc_folded + stats->padding_units,
    };
}

static int attach(void *self, struct machine *machine, const struct machine_config *config, struct diag *diag)
{
    (void)config, (void)diag;
    ((struct pts_run *)self)->core = ssd_core(machine_ssd(machine));
    return 0;
}

static int ended(void *self, bool complete, struct diag *diag)
{
    (void)self, (void)complete, (void)diag;
    return 0;
}

static struct workload *create_workload(void *self)
{
    struct phase_source source = pts_course_source(&((struct pts_run *)self)->course);
    return phases_create(&source);
}

static int write_and_show(void *context, const struct report_input *input, struct diag *diag)
{
    struct pts_run *run = context;
    struct pts_outcome outcome = {.course = &run->course, .run = input};
    int result = 0;
    if (run->output != NULL) {
        result = pts_write(&outcome, run->output, diag);
        run->written = result == 0;
    }
    if (!run->session.quiet)
        pts_print(&outcome, stdout);
    return result;
}

// --- what the user asks for ------------------------------------------------------------------------------------------

static int read_minute(const char *text, tick_t *minute, struct diag *diag)
{
    bool is_time = text != NULL && job_value_time(text, TICKS_PER_S, minute);
    if (text == NULL || (is_time && *minute >= TICKS_PER_US && *minute < TICK_END / 1440))
        return 0;
    return diag_error(diag, (struct place){.file = "--minute"}, "wants a time of 1us at least, such as 100ms or 1s; "
                      "got '%s'", text);
}

static int read_options(struct pts_run *run, const struct pts_call *call, const struct pts_test *test,
                        struct diag *diag)
{
    struct pts_options *o = &run->options;
    *o = (struct pts_options){.rounds = (uint32_t)call->rounds, .iodepth = (uint32_t)call->iodepth,
                              .threads = (uint32_t)call->threads, .active_percent = (uint32_t)call->active_range,
                              .precondition_computed = call->preconditioning == COMPUTED};
    if (call->rounds > 0 && (call->rounds < PTS_WINDOW || call->rounds > 10000))
        return diag_error(diag, COMMAND_LINE, "--rounds wants 5 to 10000: the measurement window has 5");
    if (call->iodepth > 65535 || call->threads > 1024)
        return diag_error(diag, COMMAND_LINE, "%s is too large", call->iodepth > 65535 ? "--iodepth" : "--threads");
    if (call->active_range > 100)
        return diag_error(diag, COMMAND_LINE, "--active-range wants 1 to 100 percent");
    if (o->precondition_computed && test->fills_before == 0)
        return diag_error(diag, COMMAND_LINE, "--preconditioning: %s begins with a drive as new, nothing goes before "
                          "it", test->name);
    return read_minute(call->minute, &o->minute, diag);
}

// The state that the test begins in is the test's own.
static int set_beginning(struct pts_run *run, struct diag *diag)
{
    static const char key[] = "ftl.precondition";
    struct option_texts *sets = &run->session.sets;
    for (uint32_t i = 0; i < sets->count; i++)
        if (strncmp(sets->text[i], key, strlen(key)) == 0)
            return diag_error(diag, COMMAND_LINE, "--set %s: the test says what the drive begins with", sets->text[i]);
    if (sets->count == OPTION_TEXTS_MAX)
        return diag_error(diag, COMMAND_LINE, "--set is given too often");
    sets->text[sets->count++] = run->options.precondition_computed ? "ftl.precondition=sequential"
                                                                   : "ftl.precondition=empty";
    return 0;
}

static int prepare(struct pts_run *run, const struct invocation *call, struct diag *diag)
{
    const struct pts_test *test = pts_test_find(call->arguments[0]);
    if (test == NULL)
        return diag_error(diag, COMMAND_LINE, "there is no test '%s': " PTS_TEST_NAMES, call->arguments[0]);
    run->session = ((const struct pts_call *)call->options)->session;
    run->session.config_path = call->arguments[1];
    run->output = run->session.output;
    run->session.output = NULL;
    if (read_options(run, call->options, test, diag) != 0 || set_beginning(run, diag) != 0)
        return -1;
    pts_course_init(&run->course, test, &run->options, &(struct pts_drive){.self = run, .flow = flow_of});
    return run->output == NULL ? 0 : folder_check(run->output, FOLDER_PTS, diag);
}

static int play(struct pts_run *run, const char *line)
{
    struct session_watch watch = {.self = run, .attach = attach, .ended = ended};
    struct session_load load = {.self = run, .create = create_workload};
    run->session.tail = SESSION_TAIL_OFF;
    run->session.watch = &watch;
    run->session.load = &load;
    return session_run(&run->session, line, write_and_show, run);
}

static int play_locked(struct pts_run *run, const char *line, struct diag *diag)
{
    struct folder_lock *lock = run->output == NULL ? NULL : folder_lock(run->output, diag);
    int code = run->output != NULL && lock == NULL ? EXIT_USER_ERROR : play(run, line);
    folder_unlock(lock);
    return code;
}

static void draw(struct pts_run *run)
{
    run->session.output = run->output;
    if (run->written && !run->session.no_plots)
        session_draw(&run->session);
}

static int run(const struct invocation *call)
{
    struct pts_run *run = xcalloc(1, sizeof *run);
    struct diag *diag = diag_create();
    int code = prepare(run, call, diag) == 0 ? play_locked(run, call->line, diag) : EXIT_USER_ERROR;
    diag_print(diag, stderr);
    diag_destroy(diag);
    draw(run);
    pts_course_free(&run->course);
    free(run);
    return code;
}

const struct command command_pts = {
    .name = "pts",
    .arguments = PTS_TEST_NAMES " CONFIG.yaml [options]",
    .summary = "Run a test of the SNIA's Performance Test Specification on a simulated drive.",
    .details = "Purges the drive, preconditions it, and plays rounds until the specification's steady-state rule "
               "holds, all on one drive whose state goes on; then prints the report's tables (doc/pts.md).",
    .example = "sqtail pts wsat tiny.yaml -o saturation",
    .rows = rows,
    .row_count = ARRAY_SIZE(rows),
    .min_arguments = 2,
    .max_arguments = 2,
    .options_bytes = sizeof(struct pts_call),
    .run = run,
};
