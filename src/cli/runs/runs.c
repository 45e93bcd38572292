// Many runs, each in a process of its own.
#include "cli/runs/runs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cli/runs/run_pool.h"
#include "util/alloc.h"

// Initial states that are kept, and how many runs ahead one is kept for.
enum { KEPT_MAX = 8, AHEAD_MAX = 64 };

struct making {
    const struct runs *runs;
    char **states;                     // of each run
    struct session_options now;        // of the run that begins
    size_t run;                        // that begins
    struct session_drive *drive;       // it begins from, or beside; NULL: none
    struct session_drive *kept[KEPT_MAX]; // NULL: none
    const char *kept_state[KEPT_MAX];
};

static struct session_options describe(const struct runs *runs, size_t run)
{
    struct session_options options = {.progress = PROGRESS_NEVER, .quiet = true};
    runs->describe(runs->context, run, &options);
    return options;
}

// --- in the process of a run ---------------------------------------------------------------------------------------

static int keep(void *context, const struct report_input *input, struct diag *diag)
{
    const struct making *making = context;
    if (!input->complete)
        return 0; // ended by a signal: it will be made again
    return making->runs->keep(making->runs->context, making->run, input, diag);
}

static int run_child(void *context, size_t run)
{
    struct making *making = context;
    const struct runs *runs = making->runs;
    char *own = runs->line == NULL ? runs->line_of(runs->context, run) : NULL;
    int code = session_run_on(making->drive, &making->now, own != NULL ? own : runs->line, keep, making);
    free(own);
    return code;
}

// --- in this process -----------------------------------------------------------------------------------------------

// "tiny.yaml nand.t_r=+20% seed 1"; to be freed.
static char *drive_text(const struct session_options *options)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    fprintf(to, "%s", options->config_path == NULL ? "" : options->config_path);
    for (uint32_t i = 0; i < options->sets.count; i++)
        fprintf(to, " %s", options->sets.text[i]);
    fprintf(to, " seed %s", options->seed == NULL ? "" : options->seed);
    fclose(to);
    return text;
}

static void name_states(struct making *making)
{
    const struct runs *runs = making->runs;
    making->states = xcalloc(runs->count + 1, sizeof *making->states);
    for (size_t i = 0; i < runs->count; i++) {
        struct session_options options = describe(runs, i);
        making->states[i] = runs->state == NULL ? drive_text(&options) : xstrdup(runs->state(runs->context, i));
    }
}

static bool is_wanted_after(const struct making *making, const char *state)
{
    size_t end = MIN(making->runs->count, making->run + AHEAD_MAX);
    for (size_t i = making->run + 1; i < end; i++)
        if (strcmp(making->states[i], state) == 0)
            return true;
    return false;
}

// The slot of a state, or of none; KEPT_MAX: there is none such.
static size_t find_kept(const struct making *making, const char *state)
{
    size_t found = KEPT_MAX;
    for (size_t i = 0; i < KEPT_MAX; i++)
        if (making->kept[i] == NULL ? state == NULL : state != NULL && strcmp(making->kept_state[i], state) == 0)
            found = MIN(found, i);
    return found;
}

static void let_go(struct making *making)
{
    for (size_t i = 0; i < KEPT_MAX; i++)
        if (making->kept[i] != NULL && making->kept[i] != making->drive &&
            !is_wanted_after(making, making->kept_state[i])) {
            session_close_drive(making->kept[i]);
            making->kept[i] = NULL;
        }
}

// The drive that the run begins from, which is prepared now where a later one begins from it, too.
static void find_drive(struct making *making)
{
    const char *state = making->states[making->run];
    size_t slot = find_kept(making, state);
    making->drive = slot == KEPT_MAX ? NULL : making->kept[slot];
    let_go(making);
    slot = find_kept(making, NULL);
    if (making->drive != NULL || slot == KEPT_MAX || !is_wanted_after(making, state))
        return;
    making->drive = making->kept[slot] = session_prepare_drive(&making->now);
    making->kept_state[slot] = state;
}

static int prepare(void *context, size_t run)
{
    struct making *making = context;
    making->run = run;
    making->now = describe(making->runs, run);
    find_drive(making);
    if (making->runs->begins != NULL)
        making->runs->begins(making->runs->context, run);
    return 0;
}

static int ended(void *context, size_t run, int status)
{
    struct making *making = context;
    return making->runs->ended(making->runs->context, run, status);
}

static void waiting(void *context)
{
    struct making *making = context;
    if (making->runs->waiting != NULL)
        making->runs->waiting(making->runs->context);
}

static void put_name(const struct runs *runs, size_t run, const char *how)
{
    fputs("sqtail: error: ", stderr);
    fputs(how, stderr);
    fputs("the run ", stderr);
    runs->name(runs->context, run, stderr);
}

static int refused(void *context, size_t run)
{
    const struct making *making = context;
    int error = errno;
    put_name(making->runs, run, "cannot start ");
    fprintf(stderr, ": %s\n", strerror(error));
    return EXIT_USER_ERROR;
}

int runs_blame(const struct runs *runs, size_t run, int status)
{
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (run_pool_signal() == 0) { // who was told to end needs no blame
        put_name(runs, run, "");
        if (signal != 0)
            fprintf(stderr, " was killed by signal %d (%s)\n", signal, strsignal(signal));
        else
            fputs(" failed\n", stderr);
    }
    return run_pool_code(status) != 0 ? run_pool_code(status) : EXIT_USER_ERROR;
}

static void free_making(struct making *making)
{
    for (size_t i = 0; i < KEPT_MAX; i++)
        session_close_drive(making->kept[i]);
    for (size_t i = 0; i < making->runs->count; i++)
        free(making->states[i]);
    free(making->states);
    free(making);
}

int runs_make(const struct runs *runs)
{
    struct making *making = xcalloc(1, sizeof *making);
    making->runs = runs;
    name_states(making);
    struct run_pool pool = {
        .count = runs->count,
        .at_once = MIN(MAX(runs->at_once, 1u), (size_t)RUN_POOL_MAX),
        .context = making,
        .prepare = prepare,
        .child = run_child,
        .ended = ended,
        .refused = refused,
        .waiting = runs->waiting == NULL ? NULL : waiting,
    };
    int code = run_pool(&pool);
    free_making(making);
    return code;
}
