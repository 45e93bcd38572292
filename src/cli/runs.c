// Many runs, each in a process of its own.
#include "cli/runs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cli/run_pool.h"
#include "util/alloc.h"

struct making {
    const struct runs *runs;
    struct session_options now, next; // of the run that begins, and the one after it
    struct session_drive *drive;      // for runs to begin from; NULL: none
    struct session_options drive_of;
    size_t run; // that begins
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
    making->run = run;
    int code = session_run_on(making->drive, &making->now, own != NULL ? own : runs->line, keep, making);
    free(own);
    return code;
}

// --- in this process -----------------------------------------------------------------------------------------------

// The drive of the run that begins, if another one follows that begins from it.
static void share_drive(struct making *making, size_t run)
{
    if (making->drive != NULL && session_same_drive(&making->drive_of, &making->now))
        return;
    session_close_drive(making->drive);
    making->drive = NULL;
    if (run + 1 == making->runs->count)
        return;
    making->next = describe(making->runs, run + 1);
    if (!session_same_drive(&making->now, &making->next))
        return;
    making->drive = session_prepare_drive(&making->now);
    making->drive_of = making->now;
}

static int prepare(void *context, size_t run)
{
    struct making *making = context;
    making->now = describe(making->runs, run);
    share_drive(making, run);
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

int runs_make(const struct runs *runs)
{
    struct making *making = xcalloc(1, sizeof *making);
    making->runs = runs;
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
    session_close_drive(making->drive);
    free(making);
    return code;
}
