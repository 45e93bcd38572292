// The points of a sweep as runs.
#include "cli/runs/sweep_runs.h"

#include <stdlib.h>
#include <string.h>

#include "cli/session/replay_words.h"
#include "cli/runs/run_line.h"
#include "cli/runs/run_pool.h"
#include "cli/runs/runs.h"
#include "cli/runs/sweep_progress.h"
#include "config/config_json.h"
#include "report/read/result_read.h"
#include "util/alloc.h"
#include "util/sha256.h"

// --- names ---------------------------------------------------------------------------------------------------------

// They were checked when they were read.
static void take_words(const struct sweep_load *load, struct session_options *session)
{
    struct diag *diag = diag_create();
    for (size_t i = 0; i < load->words.count; i++)
        replay_word_take(session, load->words.at[i], (struct place){.file = ""}, diag);
    diag_destroy(diag);
}

void sweep_runs_describe(const struct sweep_runs *runs, const struct sweep_run *run, struct session_options *session)
{
    const struct sweep_load *load = sweep_point_load(runs->plan, run->point);
    session->config_path = runs->config;
    session->sets = options_texts_of(&run->sets);
    session->jobs = options_texts_of(&run->jobs);
    session->seed = sweep_point_value(runs->plan, run->point, runs->plan->seed);
    session->traces = (struct option_texts){.count = load->trace != NULL, .text = {load->trace}};
    take_words(load, session);
    session->kernel = runs->kernel;
    session->until = runs->until;
    session->output = run->folder;
}

// What is told apart by names, beside the drive and the seed: the load's own words.
static char *load_text(const struct session_options *session, const char *recording)
{
    if (session->traces.count == 0)
        return session_job_text(&session->jobs);
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    fprintf(to, "trace %s", recording);
    replay_words_print(session, to);
    fclose(to);
    return text;
}

static void hash_text(const char *text, char id[SWEEP_ID_BYTES])
{
    char hex[SHA256_HEX_SIZE];
    struct sha256 hash;
    sha256_init(&hash);
    sha256_add(&hash, text, strlen(text));
    sha256_finish(&hash, hex);
    snprintf(id, SWEEP_ID_BYTES, "%.*s", SWEEP_ID_BYTES - 1, hex);
}

// What naming needs to know of all points.
struct naming {
    struct sweep_runs *runs;
    struct diag *diag;
    char **recordings; // by workload: the recording's own hash; NULL for jobs
    char base[CONFIG_HASH_BYTES]; // the drive without any change
    const char *checked; // jobs that are known to be right
};

static int blame_point(const struct naming *naming, const struct sweep_run *run)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    sweep_point_print(naming->runs->plan, run->point, to);
    fclose(to);
    const char *path = naming->runs->plan->path;
    diag_error(naming->diag, (struct place){.file = path != NULL ? path : "sqtail"},
               "so it is at the %s%s; leave it out, or change it", *text == '\0' ? "only point" : "point ", text);
    free(text);
    return -1;
}

static int check_jobs(struct naming *naming, const struct session_options *session, const char *text)
{
    if (session->traces.count > 0 || (naming->checked != NULL && strcmp(naming->checked, text) == 0))
        return 0;
    struct workload *workload = session_create_jobs(&session->jobs, naming->diag);
    if (workload == NULL)
        return -1;
    workload_destroy(workload);
    return session_check_until(session, naming->diag);
}

static bool is_base(const struct naming *naming, const struct sweep_run *run, const char *config_id)
{
    const struct sweep_load *load = sweep_point_load(naming->runs->plan, run->point);
    bool same = strcmp(config_id, naming->base) == 0 && run->jobs.count == load->jobs.count;
    for (size_t i = 0; same && i < run->jobs.count; i++)
        same = strcmp(run->jobs.at[i], load->jobs.at[i]) == 0;
    return same;
}

static int name_run(struct naming *naming, struct sweep_run *run)
{
    const struct sweep_runs *runs = naming->runs;
    struct session_options session = {0};
    struct loaded_config loaded = {0};
    char config_id[CONFIG_HASH_BYTES];
    sweep_point_sets(runs->plan, run->point, &run->sets);
    sweep_point_jobs(runs->plan, run->point, &run->jobs);
    sweep_runs_describe(runs, run, &session);
    char *load = load_text(&session, naming->recordings[run->point->at[runs->plan->workload]]);
    int result = check_jobs(naming, &session, load);
    result |= loaded_config_read(&loaded, naming->diag, session.config_path, &session.sets, session.seed);
    if (result == 0) {
        config_hash(loaded.config, config_id);
        session_initial_state(loaded.config, run->state);
        char *identity = xformat("%s %s %s%s", config_id, session.seed, load,
                                 session.until == SESSION_UNTIL_STEADY ? " until steady" : "");
        hash_text(identity, run->id);
        run->folder = xformat("%s/points/%s", runs->output, run->id);
        run->is_base = is_base(naming, run, config_id);
        free(identity);
    }
    loaded_config_free(&loaded);
    free(load);
    return result == 0 ? 0 : blame_point(naming, run);
}

// --- recordings, and the drive as it is ----------------------------------------------------------------------------

static int hash_recordings(struct naming *naming)
{
    const struct sweep_axis *axis = &naming->runs->plan->axes[naming->runs->plan->workload];
    int result = 0;
    naming->recordings = xcalloc(axis->count, sizeof *naming->recordings);
    for (size_t v = 0; v < axis->count; v++) {
        const struct sweep_load *load = &axis->values[v].load;
        struct session_options session = {.traces = {.count = 1, .text = {load->trace}}};
        if (load->trace == NULL)
            continue;
        take_words(load, &session);
        struct trace *trace = session_open_trace(&session, naming->diag);
        if (trace == NULL)
            result = -1;
        else
            naming->recordings[v] = xstrdup(trace_get_info(trace)->sha256);
        trace_close(trace);
    }
    return result;
}

static int name_base(struct naming *naming)
{
    struct loaded_config loaded = {0};
    struct option_texts sets = options_texts_of(&naming->runs->plan->sets);
    const char *seed = naming->runs->plan->axes[naming->runs->plan->seed].values[0].name;
    int result = loaded_config_read(&loaded, naming->diag, naming->runs->config, &sets, seed);
    if (result == 0)
        config_hash(loaded.config, naming->base);
    loaded_config_free(&loaded);
    return result;
}

static void free_naming(struct naming *naming)
{
    for (size_t v = 0; v < naming->runs->plan->axes[naming->runs->plan->workload].count; v++)
        free(naming->recordings[v]);
    free(naming->recordings);
}

// --- all -----------------------------------------------------------------------------------------------------------

struct named {
    const char *id;
    size_t index;
};

static int compare_names(const void *a, const void *b)
{
    const struct named *one = a, *other = b;
    int order = strcmp(one->id, other->id);
    return order != 0 ? order : (one->index > other->index) - (one->index < other->index);
}

static void find_twins(struct sweep_runs *runs)
{
    struct named *names = xcalloc(runs->count, sizeof *names);
    for (size_t i = 0; i < runs->count; i++)
        names[i] = (struct named){runs->at[i].id, i};
    qsort(names, runs->count, sizeof *names, compare_names);
    for (size_t i = 1; i < runs->count; i++)
        runs->at[names[i].index].is_twin = strcmp(names[i].id, names[i - 1].id) == 0;
    free(names);
}

int sweep_runs_plan(struct sweep_runs *runs, struct diag *diag)
{
    struct naming naming = {.runs = runs, .diag = diag};
    int result = hash_recordings(&naming) | name_base(&naming);
    runs->count = runs->plan->point_count;
    runs->at = xcalloc(runs->count, sizeof *runs->at);
    for (size_t i = 0; i < runs->count; i++)
        runs->at[i].point = &runs->plan->points[i];
    for (size_t i = 0; i < runs->count && result == 0; i++)
        result = name_run(&naming, &runs->at[i]);
    free_naming(&naming);
    if (result != 0)
        return -1;
    find_twins(runs);
    for (size_t i = 0; i < runs->count; i++)
        runs->at[i].there = result_is_whole(runs->at[i].folder);
    return 0;
}

void sweep_runs_free(struct sweep_runs *runs)
{
    for (size_t i = 0; i < runs->count; i++) {
        text_list_free(&runs->at[i].sets);
        text_list_free(&runs->at[i].jobs);
        free(runs->at[i].folder);
    }
    free(runs->at);
}

// --- making --------------------------------------------------------------------------------------------------------

// Those to be made, in the order in which they are begun.
struct making {
    struct sweep_runs *sweep;
    struct sweep_run **at;
    struct runs runs;
    struct sweep_progress *progress;
    unsigned in_a_row; // that failed
};

// As many failures in a row have one cause, such as a full disk.
enum { IN_A_ROW_MAX = 8 };

static int tell_one_cause(void)
{
    fprintf(stderr, "sqtail: error: %d points in a row failed, so no more are begun; asked for again, the sweep goes on\n",
            IN_A_ROW_MAX);
    return EXIT_USER_ERROR;
}

static struct sweep_run *run_of(void *context, size_t task)
{
    return ((struct making *)context)->at[task];
}

static void describe(void *context, size_t task, struct session_options *session)
{
    sweep_runs_describe(((struct making *)context)->sweep, run_of(context, task), session);
}

static char *line_of(void *context, size_t task)
{
    struct session_options session = {0};
    describe(context, task, &session);
    return run_line(&session);
}

static const char *state_of(void *context, size_t task)
{
    return run_of(context, task)->state;
}

static int keep(void *context, size_t task, const struct report_input *input, struct diag *diag)
{
    return report_write(input, run_of(context, task)->folder, diag);
}

static void put_name(void *context, size_t task, FILE *to)
{
    fprintf(to, "%s (", run_of(context, task)->id);
    sweep_point_print(((struct making *)context)->sweep->plan, run_of(context, task)->point, to);
    fputc(')', to);
}

static void begins(void *context, size_t task)
{
    sweep_progress_begin(((struct making *)context)->progress, task);
}

static void waiting(void *context)
{
    sweep_progress_show(((struct making *)context)->progress);
}

static int ended(void *context, size_t task, int status)
{
    struct making *making = context;
    struct sweep_run *run = run_of(context, task);
    run->there = status == 0 && result_is_whole(run->folder);
    run->failed = !run->there && run_pool_signal() == 0;
    making->sweep->made += run->there;
    making->sweep->failed += run->failed;
    sweep_progress_end(making->progress, task);
    if (!run->there)
        runs_blame(&making->runs, task, status);
    making->in_a_row = run->failed ? making->in_a_row + 1 : 0;
    return making->in_a_row == IN_A_ROW_MAX ? tell_one_cause() : EXIT_SUCCESS;
}

// Twins share what was made.
static void tell_twins(struct sweep_runs *runs)
{
    for (size_t i = 0; i < runs->count; i++)
        if (runs->at[i].is_twin)
            runs->at[i].there = result_is_whole(runs->at[i].folder);
}

int sweep_runs_make(struct sweep_runs *sweep, size_t shard, size_t shards)
{
    struct making making = {.sweep = sweep, .at = xcalloc(sweep->count, sizeof *making.at)};
    for (size_t i = 0; i < sweep->count; i++)
        if (!sweep->at[i].there && !sweep->at[i].is_twin && i % shards == shard)
            making.at[sweep->wanted++] = &sweep->at[i];
    making.runs = (struct runs){
        .count = sweep->wanted, .at_once = sweep->at_once, .context = &making, .describe = describe,
        .line_of = line_of, .state = state_of, .keep = keep, .ended = ended, .begins = begins, .waiting = waiting, .name = put_name,
    };
    making.progress = sweep_progress_create(sweep->plan, making.at, sweep->wanted, sweep->shows_progress);
    int code = runs_make(&making.runs);
    sweep_progress_destroy(making.progress);
    free(making.at);
    tell_twins(sweep);
    return code == EXIT_SUCCESS && sweep->failed > 0 ? EXIT_USER_ERROR : code;
}
