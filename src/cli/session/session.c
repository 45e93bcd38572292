// Loads, runs, reports.
#include "cli/session/session.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/find_config.h"
#include "cli/session/recordings.h"
#include "cli/session/replay_load.h"
#include "cli/session/replay_words.h"
#include "host/job/job_file.h"
#include "host/job/jobs.h"
#include "host/replay/replay.h"
#include "host/steady.h"
#include "report/folder/folder.h"
#include "report/data/command_log.h"
#include "report/report.h"
#include "report/text/slow_commands.h"
#include "util/alloc.h"
#ifdef HAVE_SYSTEMC
#include "sc/kernel.h"
#endif

#define COMMAND_LINE ((struct place){.file = "sqtail"})

// --- configuration -------------------------------------------------------------------------------------------------

static void set_seed(struct config *config, struct diag *diag, const char *seed)
{
    char *end = NULL;
    errno = 0;
    strtoull(seed, &end, 10);
    if (!isdigit((unsigned char)seed[0]) || *end != '\0' || errno != 0) {
        diag_error(diag, (struct place){.file = "--seed"},
                   "wants a whole number from 0 to 18446744073709551615; got '%s'", seed);
        return;
    }
    char *assignment = xmalloc(strlen(seed) + sizeof "seed=");
    sprintf(assignment, "seed=%s", seed);
    config_set(config, diag, assignment);
    free(assignment);
}

static void check_config(const struct loaded_config *loaded, struct diag *diag)
{
    config_check_effect(loaded->config, diag);
    if (machine_check_config(&loaded->values, loaded->config, diag) == 0)
        ssd_check_effect(&loaded->values.drive, loaded->config, diag);
}

int loaded_config_read(struct loaded_config *loaded, struct diag *diag, const char *path,
                       const struct option_texts *sets, const char *seed)
{
    unsigned before = diag_error_count(diag);
    machine_get_sections(loaded->sections);
    loaded->config = config_create(loaded->sections, &loaded->values);
    if (path != NULL) {
        char *found = find_config(path, diag);
        config_on_include(loaded->config, find_shipped_config);
        if (found != NULL)
            config_load(loaded->config, diag, found);
        free(found);
    }
    for (uint32_t i = 0; i < sets->count; i++)
        config_set(loaded->config, diag, sets->text[i]);
    if (seed != NULL)
        set_seed(loaded->config, diag, seed);
    if (diag_error_count(diag) == before)
        check_config(loaded, diag);
    return diag_error_count(diag) == before ? 0 : -1;
}

void loaded_config_free(struct loaded_config *loaded)
{
    config_destroy(loaded->config);
    loaded->config = NULL;
}

// --- drives --------------------------------------------------------------------------------------------------------

struct session_drive {
    struct session_options options; // that it is of
    struct loaded_config loaded;
    struct machine *machine; // once the configuration is known to be one
};

static struct session_drive *open_drive(const struct session_options *options, struct diag *diag)
{
    struct session_drive *drive = xcalloc(1, sizeof *drive);
    drive->options = *options;
    if (loaded_config_read(&drive->loaded, diag, options->config_path, &options->sets, options->seed) == 0)
        drive->machine = machine_create(&drive->loaded.values);
    return drive;
}

void session_close_drive(struct session_drive *drive)
{
    if (drive == NULL)
        return;
    machine_destroy(drive->machine);
    loaded_config_free(&drive->loaded);
    free(drive);
}

struct session_drive *session_prepare_drive(const struct session_options *options)
{
    struct diag *diag = diag_create();
    struct session_drive *drive = open_drive(options, diag);
    diag_destroy(diag);
    if (drive->machine != NULL) {
        machine_bind(drive->machine);
        machine_prepare(drive->machine);
        return drive;
    }
    session_close_drive(drive);
    return NULL;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_drive(const struct session_options *a, const struct session_options *b)
{
    bool same = same_text(a->config_path, b->config_path) && same_text(a->seed, b->seed) &&
                a->sets.count == b->sets.count;
    for (uint32_t i = 0; same && i < a->sets.count; i++)
        same = same_text(a->sets.text[i], b->sets.text[i]);
    return same;
}

// What the flash is prepared by: neither times, nor what is around it.
static bool decides_initial_state(const char *section, const char *key)
{
    static const char *const others[] = {"host", "nvme", "pcie", "dram", "ecc", "reliability"};
    static const char *const of_nand[] = {"transfer_rate", "interface", "scheduler", "starvation_bound"};
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        if (strcmp(section, others[i]) == 0)
            return false;
    for (size_t i = 0; i < ARRAY_SIZE(of_nand); i++)
        if (strcmp(section, "nand") == 0 && strcmp(key, of_nand[i]) == 0)
            return false;
    return strcmp(key, "name") != 0 && strcmp(key, "description") != 0 && strncmp(key, "t_", 2) != 0 &&
           strncmp(key, "suspend_", strlen("suspend_")) != 0;
}

void session_initial_state(const struct config *config, char hex[CONFIG_HASH_BYTES])
{
    config_hash_of(config, decides_initial_state, hex);
}

// --- one run -------------------------------------------------------------------------------------------------------

struct session {
    const struct session_options *options;
    const char *command_line;
    struct diag *diag;
    struct session_drive *drive;
    const struct session_drive *beside; // a prepared one that may be like it; NULL: none
    struct machine *machine; // the drive's
    struct recordings recordings;
    struct job_file *job_file;
    struct workload *workload;
    struct command_log *log;  // of every command; NULL for none
    struct slow_commands *slowest;  // NULL: not kept
    struct folder_lock *lock; // of the result folder; NULL for none
    struct progress_phase preparing;
    struct progress *progress;
    double prepare_s, wall_s, cpu_s;
    bool interrupted;
};


// Options that change only how a recording is replayed must not be given, and forgotten, with a job.
static int refuse_replay_options(struct session *session)
{
    const char *unused = replay_words_first(session->options);
    if (unused == NULL)
        return 0;
    return diag_error(session->diag, COMMAND_LINE, "--%s is for recordings (--trace); a job says it in its own words",
                      unused);
}

static int create_jobs(const struct option_texts *jobs, struct load_part *parts, struct diag *diag)
{
    for (uint32_t i = 0; i < jobs->count; i++)
        if (jobs->text[i][strspn(jobs->text[i], " \t\n")] == '\0')
            return diag_error(diag, COMMAND_LINE, "the job is empty; say what to do, such as "
                              "--job \"rw=randread bs=4k number_ios=10000\" (sqtail list job)");
    return jobs_create_parts(jobs->text, jobs->count, parts, diag);
}

struct workload *session_create_jobs(const struct option_texts *jobs, struct diag *diag)
{
    struct load_part parts[JOBS_MAX];
    if (jobs->count <= JOBS_MAX)
        return create_jobs(jobs, parts, diag) != 0 ? NULL : jobs_beside(parts, jobs->count, diag);
    diag_error(diag, COMMAND_LINE, "--job is given more than %d times", JOBS_MAX);
    return NULL;
}

// Jobs and recordings, in this order, so that a recording more changes no job's requests.
static int open_parts(struct session *session)
{
    const struct session_options *options = session->options;
    struct load_part parts[JOBS_MAX];
    uint32_t jobs = options->jobs.count, traces = options->traces.count;
    if (jobs + traces > JOBS_MAX)
        return diag_error(session->diag, COMMAND_LINE, "more than %d jobs and recordings", JOBS_MAX);
    if (create_jobs(&options->jobs, parts, session->diag) != 0)
        return -1;
    if (recordings_open(&session->recordings, options, parts + jobs, session->diag) == 0)
        session->workload = jobs_beside(parts, jobs + traces, session->diag);
    else
        for (uint32_t i = 0; i < jobs; i++)
            workload_destroy(parts[i].workload);
    return session->workload == NULL ? -1 : 0;
}

char *session_job_text(const struct option_texts *jobs)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    for (uint32_t i = 0; i < jobs->count; i++)
        fprintf(to, "%s%s", i == 0 ? "" : JOBS_SEPARATOR, jobs->text[i]);
    fclose(to);
    if (jobs->count > 0)
        return text;
    free(text);
    return NULL;
}

int session_read_terms(const char *text, struct load_terms *terms, struct diag *diag)
{
    char *where = xformat("--%s", load_option(text));
    struct workload *workload = load_create(&(struct job_text){.text = text, .where = where, .line = 1}, 0, diag);
    free(where);
    if (workload == NULL)
        return -1;
    *terms = *workload->ops->beside->terms(workload);
    workload_destroy(workload);
    return 0;
}

// Only its requests may end a job that is to become steady: how many they are bounds its warm-up.
int session_check_until(const struct session_options *options, struct diag *diag)
{
    if (options->until == SESSION_UNTIL_END)
        return 0;
    if (options->traces.count > 0)
        return diag_error(diag, COMMAND_LINE, "--until steady is for jobs (--job); a recording ends with its last "
                          "request");
    struct load_terms terms;
    for (uint32_t i = 0; i < options->jobs.count; i++) {
        if (session_read_terms(options->jobs.text[i], &terms, diag) == 0 && !terms.by_requests)
            return diag_error(diag, COMMAND_LINE, load_is_model(options->jobs.text[i])
                              ? "--until steady is for jobs (--job); a workload says itself how long it is"
                              : "--until steady ends a job, and its ramp, by itself: leave runtime, ramp_time and "
                                "ramp_ios out; number_ios bounds it");
    }
    return 0;
}

// Of a job file its jobs, as --job would have them.
static int open_jobs(struct session *session)
{
    const struct session_options *options = session->options;
    if (options->fio == NULL) {
        session->workload = session_create_jobs(&options->jobs, session->diag);
        return session->workload == NULL ? -1 : 0;
    }
    if (options->until == SESSION_UNTIL_STEADY)
        return diag_error(session->diag, COMMAND_LINE, "--until steady is for --job; a job file says itself how long "
                          "its jobs are");
    session->job_file = job_file_read(options_input_path(options->fio), session->diag);
    if (session->job_file == NULL)
        return -1;
    if (session->job_file->count > JOBS_MAX)
        return diag_error(session->diag, (struct place){.file = options->fio}, "more than %d jobs", JOBS_MAX);
    session->workload = jobs_create_of(session->job_file->texts, session->job_file->count, session->diag);
    return session->workload == NULL ? -1 : 0;
}

static int open_workload(struct session *session)
{
    const struct session_options *options = session->options;
    bool has_job = options->jobs.count > 0;
    if (options->load != NULL) {
        session->workload = options->load->create(options->load->self);
        return 0;
    }
    if (options->fio != NULL && (has_job || options->traces.count > 0))
        return diag_error(session->diag, COMMAND_LINE, "--fio gives all jobs: give neither --trace nor --job with it");
    if (options->traces.count > 0)
        return session_check_until(options, session->diag) != 0 ? -1 : open_parts(session);
    if (!has_job && options->fio == NULL)
        return diag_error(session->diag, COMMAND_LINE,
                          "nothing to run: give a recording (--trace PATH) or a job "
                          "(--job \"rw=randread bs=4k ...\")");
    if (refuse_replay_options(session) != 0)
        return -1;
    if (open_jobs(session) != 0)
        return -1;
    if (session_check_until(options, session->diag) != 0)
        return -1;
    if (options->until == SESSION_UNTIL_STEADY)
        session->workload = steady_create(session->workload);
    return 0;
}

static void on_command(void *context, const struct command_record *record)
{
    struct session *session = context;
    if (session->log != NULL)
        command_log_add(session->log, record);
    if (session->slowest != NULL)
        slow_commands_add(session->slowest, record);
}

// What is kept of single commands, beside the statistics.
static int watch_commands(struct session *session)
{
    enum { SLOWEST = 100 };
    static const char *const formats[] = {NULL, "csv", "sqlite"};
    static const tick_t all = 0;
    const struct session_options *options = session->options;
    bool explained = options->tail == SESSION_TAIL_ON;
    if (options->explain_slowest > 0 && !explained)
        return diag_error(session->diag, COMMAND_LINE, "--explain-slowest needs --tail=on");
    if (options->explain_slowest > UINT32_MAX)
        return diag_error(session->diag, COMMAND_LINE, "--explain-slowest is too large");
    if (options->log != NULL &&
        (session->log = command_log_open(options->log, formats[options->log_format], session->diag)) == NULL)
        return -1;
    if (explained) {
        machine_explain(session->machine, options->explain_slowest > 0);
        session->slowest = slow_commands_create((uint32_t)MAX(options->explain_slowest, (uint64_t)SLOWEST));
    }
    if (options->output != NULL)
        machine_keep_places(session->machine);
    if (explained || session->log != NULL)
        host_on_command(machine_host(session->machine), on_command, session,
                        session->log != NULL ? &all : slow_commands_least(session->slowest));
    return 0;
}

// Everything that can be wrong with what the user gave, found before anything is simulated.
static int prepare(struct session *session)
{
    const struct session_options *options = session->options;
    if (session->drive == NULL)
        session->drive = open_drive(options, session->diag);
    session->machine = session->drive->machine;
    int failed = open_workload(session);
    if (options->output != NULL)
        failed |= folder_check(options->output, FOLDER_RUN, session->diag);
    if (failed != 0 || session->machine == NULL)
        return -1;
    if (options->output != NULL && (session->lock = folder_lock(options->output, session->diag)) == NULL)
        return -1;
    if (watch_commands(session) != 0)
        return -1;
    sim_set_command(machine_sim(session->machine), session->command_line);
    struct nvme_namespace_size drive = nvme_get_namespace(ssd_frontend(machine_ssd(session->machine)),
                                                          session->drive->loaded.values.host.nsid);
    return workload_check(session->workload, drive.bytes, drive.block_bytes, session->diag);
}

static bool on_stopped(void *context)
{
    struct session *session = context;
    uint64_t completed = host_requests_done(machine_host(session->machine));
    bool go_on = progress_poll(session->progress, completed);
    session->interrupted |= !go_on;
    return go_on;
}

static double clock_seconds(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void on_prepared(void *context)
{
    struct session *session = context;
    double wall = clock_seconds(CLOCK_MONOTONIC), cpu = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
    session->prepare_s = wall + session->wall_s;
    session->wall_s = -wall;
    session->cpu_s = -cpu;
    session->progress = progress_start(machine_sim(session->machine), session_progress(session->options),
                                       workload_request_count(session->workload));
}

static const struct progress_phase reading_config = {"reading the configuration", "nothing was measured", NULL},
                                   reading_recording = {"reading the recording", "nothing was measured", NULL};

// wall_s and cpu_s hold the time at which something began, negated, until it ends.
static void simulate(struct session *session)
{
    struct machine *machine = session->machine;
    struct machine_watcher watcher = {.context = session, .prepared = on_prepared, .stopped = on_stopped};
    session->preparing = (struct progress_phase){
        "preparing the drive", "nothing was measured",
        session->lock == NULL ? NULL : folder_lock_path(session->lock),
    };
    progress_enter(session_progress(session->options), &session->preparing);
    session->wall_s = -clock_seconds(CLOCK_MONOTONIC);
    if (session->beside != NULL) {
        machine_bind(machine);
        machine_prepare_beside(machine, session->beside->machine);
    }
#ifdef HAVE_SYSTEMC
    if (session->options->kernel == SESSION_SYSTEMC)
        systemc_run(machine, session->workload, &watcher);
    else
#endif
    {
        machine_bind(machine);
        machine_start(machine, session->workload, &watcher);
        machine_run_native(machine);
    }
    session->wall_s += clock_seconds(CLOCK_MONOTONIC);
    session->cpu_s += clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
    progress_stop(session->progress);
}

enum progress_when session_progress(const struct session_options *options)
{
    return options->quiet && options->progress == PROGRESS_AUTO ? PROGRESS_NEVER : options->progress;
}

const char *session_kernel_name(const struct session_options *options)
{
#ifdef HAVE_SYSTEMC
    return options->kernel == SESSION_SYSTEMC ? "systemc" : "native";
#else
    (void)options;
    return "native";
#endif
}

static uint64_t peak_memory(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss * 1024;
}

// What fills the drive as it was configured; NULL when it was full, and what was read has been trimmed.
static const char *what_fills(const struct session *session)
{
    const struct ftl_config *ftl = &session->drive->loaded.values.drive.ftl;
    if (ftl->precondition == FTL_PRECONDITION_EMPTY)
        return "ftl.precondition=sequential";
    return ftl->precondition_fill < 1 ? "ftl.precondition_fill=100%" : NULL;
}

static void put_what_if(const char *output, FILE *to)
{
    fputs("what if: repeat with --set KEY=VALUE -o OTHER, then sqtail compare ", to);
    options_print_quoted(output, to);
    fputs(" OTHER", to);
}

// What somebody who sees these results may want to do next; to be freed.
static char *next_step(struct session *session)
{
    const char *output = session->options->output;
    const struct ftl_stats *ftl = ftl_get_stats(ssd_core(machine_ssd(session->machine)));
    const char *fill = what_fills(session);
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    if (fill != NULL && 2 * ftl->unmapped_reads > ftl->host_units_read)
        fprintf(to, "most reads found nothing written; fill the drive: --set %s", fill);
    else if (output == NULL)
        fputs("keep results and plots with -o DIR; change the drive with --set, see sqtail schema", to);
    else if (session->interrupted || machine_stopped(session->machine) != NULL)
        fputs("not complete, so sqtail compare will not take it; repeat it to the end", to);
    else
        put_what_if(output, to);
    fclose(to);
    return text;
}

// The one recording that is all there is to play; NULL: there is another load.
static const struct recording *only_recording(const struct session *session)
{
    bool only = session->recordings.count == 1 && session->options->jobs.count == 0;
    return only ? session->recordings.list : NULL;
}

// Of all loads, to be freed.
static char *load_text(const struct session *session)
{
    const struct session_options *options = session->options;
    struct option_texts texts = options->jobs;
    if (only_recording(session) != NULL)
        return replay_load_text(&session->recordings.list->own);
    for (uint32_t i = 0; i < options->traces.count; i++)
        texts.text[texts.count++] = options->traces.text[i];
    if (session->job_file == NULL)
        return session_job_text(&texts);
    for (uint32_t i = 0; i < session->job_file->count; i++)
        texts.text[texts.count++] = session->job_file->texts[i].text;
    return session_job_text(&texts);
}

// What is of one session's results alone, beside the machine's own.
struct findings {
    struct stat_group groups[MACHINE_GROUPS_MAX + WORKLOAD_GROUPS_MAX];
    struct report_meter meters[SSD_METERS_MAX];
    size_t meter_count;
    struct named_strip counts[SSD_COUNTS_MAX];
    struct report_job jobs[JOBS_MAX];
    char *load, *next; // texts
    struct steady_outcome steady;
};

static void collect_meters(struct session *session, struct findings *found)
{
    struct ssd_meter parts[SSD_METERS_MAX];
    found->meter_count = machine_meters(session->machine, parts);
    for (size_t i = 0; i < found->meter_count; i++)
        found->meters[i] = (struct report_meter){parts[i].name, parts[i].meter};
}

// Of the load number `group` of several; NULL: it is a job.
static const struct trace_info *source_of(const struct session *session, uint32_t group)
{
    uint32_t jobs = session->options->jobs.count;
    bool is = session->recordings.count > 0 && group >= jobs;
    return is ? trace_get_info(session->recordings.list[group - jobs].trace) : NULL;
}

static void collect_jobs(struct session *session, struct findings *found)
{
    struct host *host = machine_host(session->machine);
    for (uint32_t i = 0; i < host_group_count(host); i++) {
        struct host_group_result job = host_get_group(host, i);
        found->jobs[i] = (struct report_job){job.name, job.text, job.commands, job.load, source_of(session, i)};
    }
}

static size_t collect_groups(struct session *session, struct findings *found)
{
    size_t count = machine_stat_groups(session->machine, found->groups);
    return count + workload_stats(session->workload, found->groups + count, WORKLOAD_GROUPS_MAX);
}

// Queued bios without a block layer reach the drive as they are, which a reader of the recording may not expect.
static const char *note_on(const struct session *session)
{
    if (session->drive->loaded.values.host.block_layer || !recordings_are_queued(&session->recordings))
        return NULL;
    return "nothing merges or splits what was queued; --set host.block_layer=true does as Linux does";
}

static bool is_complete(const struct session *session)
{
    return !session->interrupted && machine_stopped(session->machine) == NULL;
}

static struct report_host host_of(const struct session *session)
{
    return (struct report_host){
        .command_line = session->command_line,
        .kernel = session_kernel_name(session->options),
        .prepare_s = session->prepare_s,
        .wall_s = session->wall_s,
        .cpu_s = session->cpu_s,
        .peak_memory_bytes = peak_memory(),
    };
}

static struct report_input input_of(struct session *session, struct findings *found)
{
    struct machine *machine = session->machine;
    return (struct report_input){
        .drive = session->drive->loaded.values.name,
        .config = session->drive->loaded.config,
        .seed = session->drive->loaded.values.seed,
        .sets = session->options->sets.text,
        .set_count = session->options->sets.count,
        .complete = is_complete(session),
        .stopped = machine_stopped(machine),
        .source = only_recording(session) != NULL ? trace_get_info(session->recordings.list->trace) : NULL,
        .job = found->load,
        .note = note_on(session),
        .load = session->workload->open_loop ? host_get_stats(machine_host(machine)) : NULL,
        .events = sim_events(machine_sim(machine)),
        .duration = machine_duration(machine),
        .commands = machine_commands(machine),
        .jobs = found->jobs,
        .job_count = host_group_count(machine_host(machine)),
        .groups = found->groups,
        .group_count = collect_groups(session, found),
        .meters = found->meters,
        .meter_count = found->meter_count,
        .counts = found->counts,
        .count_count = ssd_counts(machine_ssd(machine), found->counts),
        .slowest = session->slowest,
        .host = host_of(session),
        .next = found->next,
        .steady = session->options->until == SESSION_UNTIL_STEADY ? &found->steady : NULL,
    };
}

// Hands what was measured to `use`.
static int report(struct session *session, session_use_fn *use, void *context)
{
    struct findings found = {.next = next_step(session)};
    if (session->options->until == SESSION_UNTIL_STEADY)
        found.steady = steady_get_outcome(session->workload);
    found.load = load_text(session);
    collect_meters(session, &found);
    collect_jobs(session, &found);
    struct report_input input = input_of(session, &found);
    int result = use(context, &input, session->diag);
    free(found.load);
    free(found.next);
    return result;
}

static int attach_watch(struct session *session)
{
    const struct session_watch *watch = session->options->watch;
    const struct machine_config *config = &session->drive->loaded.values;
    int failed = 0;
    for (; watch != NULL && failed == 0; watch = watch->next)
        failed = watch->attach(watch->self, session->machine, config, session->diag);
    return failed;
}

static int end_watch(struct session *session)
{
    const struct session_watch *watch = session->options->watch;
    int failed = 0;
    for (; watch != NULL; watch = watch->next)
        failed |= watch->ended(watch->self, is_complete(session), session->diag);
    return failed;
}

static int run_prepared(struct session *session, session_use_fn *use, void *context)
{
    if (attach_watch(session) != 0)
        return -1;
    simulate(session);
    const char *failure = machine_failure(session->machine);
    if (failure != NULL)
        return diag_error(session->diag, COMMAND_LINE, "the run did not finish: %s", failure);
    machine_check(session->machine);
    int result = report(session, use, context) | end_watch(session);
    const char *stopped = machine_stopped(session->machine);
    if (recordings_failed(&session->recordings))
        return -1; // the reason is told
    return stopped == NULL ? result : diag_error(session->diag, COMMAND_LINE, "%s", stopped);
}

int session_run_on(struct session_drive *drive, const struct session_options *options, const char *command_line,
                   session_use_fn *use, void *context)
{
    bool own = drive != NULL && same_drive(&drive->options, options);
    struct session session = {.options = options, .command_line = command_line, .diag = diag_create(),
                              .drive = own ? drive : NULL, .beside = own ? NULL : drive};
    enum progress_when when = session_progress(options);
    progress_enter(when, options->traces.count > 0 ? &reading_recording : &reading_config);
    int failed = prepare(&session);
    if (failed == 0)
        failed = run_prepared(&session, use, context);
    else
        progress_enter(when, NULL);
    failed |= command_log_close(session.log, session.diag);
    slow_commands_destroy(session.slowest);
    folder_unlock(session.lock);
    diag_print(session.diag, stderr);
    diag_destroy(session.diag);
    session_close_drive(session.drive);
    if (session.workload != NULL)
        workload_destroy(session.workload);
    job_file_destroy(session.job_file);
    recordings_close(&session.recordings);
    if (session.interrupted)
        return 128 + progress_signal();
    return failed == 0 ? EXIT_SUCCESS : EXIT_USER_ERROR;
}

int session_run(const struct session_options *options, const char *command_line, session_use_fn *use, void *context)
{
    return session_run_on(NULL, options, command_line, use, context);
}

void session_draw(const struct session_options *options)
{
    static const struct progress_phase drawing = {"drawing the plots", "the result is written", NULL};
    struct diag *diag = diag_create();
    progress_enter(session_progress(options), &drawing);
    report_draw(options->output, REPORT_DRAW_LIMIT_S, diag);
    progress_enter(session_progress(options), NULL);
    diag_print(diag, stderr);
    diag_destroy(diag);
}
