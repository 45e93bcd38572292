// Runs tasks in processes of their own, several at once.
//
// From the same state, so that they do not depend on how many run at once. A signal that asks to end is passed on to
// them; however this process ends, so do they.
#include "cli/run_pool.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/progress.h"
#include "util/macros.h"

// Signal handlers have no context; one pool runs at a time.
static volatile sig_atomic_t children[RUN_POOL_MAX];
static volatile sig_atomic_t end_signal;

int run_pool_signal(void)
{
    return end_signal;
}

static void pass_on(int signal)
{
    if (signal != SIGUSR1)
        end_signal = signal;
    for (size_t i = 0; i < RUN_POOL_MAX; i++)
        if (children[i] != 0)
            kill(children[i], signal);
}

struct pool_state {
    const struct run_pool *pool;
    size_t tasks[RUN_POOL_MAX]; // of each child
    size_t next;                // task to begin
    size_t running;
};

static NORETURN void run_child(const struct run_pool *pool, size_t task, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    progress_take_signals(SIG_DFL);
    signal(SIGUSR1, SIG_IGN);
    exit(pool->child(pool->context, task));
}

static size_t free_slot(void)
{
    size_t slot = 0;
    while (children[slot] != 0)
        slot++;
    return slot;
}

static int begin(struct pool_state *state)
{
    const struct run_pool *pool = state->pool;
    pid_t parent = getpid();
    size_t slot = free_slot();
    fflush(NULL);
    if (pool->prepare != NULL && pool->prepare(pool->context, state->next) != 0)
        return -1;
    pid_t process = fork();
    if (process == 0)
        run_child(pool, state->next, parent);
    if (process < 0)
        return -1;
    children[slot] = process;
    state->tasks[slot] = state->next++;
    state->running++;
    if (end_signal != 0)
        kill(process, end_signal);
    return 0;
}

// Waits until one of those that run ends.
static int finish_one(struct pool_state *state)
{
    int status = 0;
    pid_t process = waitpid(-1, &status, 0);
    for (size_t i = 0; i < RUN_POOL_MAX; i++) {
        if (process <= 0 || children[i] != process)
            continue;
        children[i] = 0;
        state->running--;
        return state->pool->ended(state->pool->context, state->tasks[i], status);
    }
    return EXIT_SUCCESS;
}

// What cannot be begun now, for want of memory or processes, may be when another has ended.
static int begin_or_wait(struct pool_state *state)
{
    if (begin(state) == 0)
        return EXIT_SUCCESS;
    return state->running > 0 ? finish_one(state) : state->pool->refused(state->pool->context, state->next);
}

int run_pool(const struct run_pool *pool)
{
    struct pool_state state = {.pool = pool};
    int code = EXIT_SUCCESS;
    progress_take_signals(pass_on);
    for (;;) {
        bool more = code == EXIT_SUCCESS && end_signal == 0 && state.next < pool->count;
        if (!more && state.running == 0)
            break;
        int one = more && state.running < pool->at_once ? begin_or_wait(&state) : finish_one(&state);
        code = code == EXIT_SUCCESS ? one : code;
    }
    return code == EXIT_SUCCESS && end_signal != 0 ? 128 + end_signal : code;
}
