// Runs tasks in processes of their own, several at once.
//
// From the same state, so that they do not depend on how many run at once. A signal that asks to end is passed on to
// them; however this process ends, so do they.
#include "cli/runs/run_pool.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/time.h>
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

int run_pool_code(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
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

enum { WAITING_MS = 250 };

static void on_alarm(int signal)
{
    (void)signal; // it only ends a wait
}

// The alarm reaches this process in no other place.
static void take_alarm(int how)
{
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigprocmask(how, &alarm, NULL);
}

// While a pool has somebody to tell that it waits, an alarm ends each wait; 0: no more.
static void set_alarm(unsigned ms)
{
    take_alarm(ms > 0 ? SIG_BLOCK : SIG_UNBLOCK);
    struct sigaction action = {.sa_handler = on_alarm};
    struct timeval interval = {.tv_usec = (suseconds_t)ms * 1000};
    struct itimerval timer = {.it_interval = interval, .it_value = interval};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
}

static NORETURN void run_child(const struct run_pool *pool, size_t task, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    progress_take_signals(SIG_DFL);
    signal(SIGUSR1, SIG_IGN);
    take_alarm(SIG_UNBLOCK);
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
    if (state->pool->waiting != NULL)
        take_alarm(SIG_UNBLOCK);
    pid_t process = waitpid(-1, &status, 0);
    int error = errno;
    if (state->pool->waiting != NULL)
        take_alarm(SIG_BLOCK);
    if (process < 0 && error == EINTR && state->pool->waiting != NULL)
        state->pool->waiting(state->pool->context);
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
    if (pool->waiting != NULL)
        set_alarm(WAITING_MS);
    for (;;) {
        bool more = code == EXIT_SUCCESS && end_signal == 0 && state.next < pool->count;
        if (!more && state.running == 0)
            break;
        int one = more && state.running < pool->at_once ? begin_or_wait(&state) : finish_one(&state);
        code = code == EXIT_SUCCESS ? one : code;
    }
    if (pool->waiting != NULL)
        set_alarm(0);
    return code == EXIT_SUCCESS && end_signal != 0 ? 128 + end_signal : code;
}
