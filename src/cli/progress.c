// Progress on standard error, by a timer that stops the engine now and then.
#include "cli/progress.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "cli/options.h"
#include "sim/sim.h"
#include "util/alloc.h"

enum { POLL_MS = 250 };

struct progress {
    bool terminal;
    bool lines; // one at each tenth instead of a line that is rewritten
    uint64_t total;
    unsigned tenths;
    double started;
    bool shown;
};

// Signal handlers have no context; one run at a time has the process's signals.
static struct sim *watched;
static volatile sig_atomic_t end_signal;
static volatile sig_atomic_t status_wanted;
static const struct progress_phase *volatile phase; // what is done while the engine does not run; NULL when it does
static volatile sig_atomic_t phase_shown;

// What asks to end a run: the user, the terminal that closes, the limit of processor time.
static const int end_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};

static bool asks_to_end(int signal)
{
    for (size_t i = 0; i < ARRAY_SIZE(end_signals); i++)
        if (end_signals[i] == signal)
            return true;
    return false;
}

// A limit of processor time is told again each second, and a terminal that closes perhaps more than once.
static bool may_be_repeated(int signal)
{
    return signal == SIGXCPU || signal == SIGHUP;
}

// Async-signal-safe, as all that is done in on_signal.
static void say(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written;
}

static void on_signal_in_phase(int signal, const struct progress_phase *now)
{
    if (signal == SIGUSR1) {
        say(now->doing);
        say("\n");
    }
    if (signal == SIGALRM && !phase_shown) {
        phase_shown = 1;
        say(now->doing);
        say(" ...");
    }
    if (!asks_to_end(signal))
        return;
    say("sqtail: ended while ");
    say(now->doing);
    say("; ");
    say(now->outcome);
    say("\n");
    if (now->litter != NULL)
        unlink(now->litter);
    _exit(128 + signal);
}

static void on_signal(int signal)
{
    const struct progress_phase *now = phase;
    if (now != NULL) {
        on_signal_in_phase(signal, now);
        return;
    }
    if (signal == SIGUSR1)
        status_wanted = 1;
    if (asks_to_end(signal)) {
        if (end_signal != 0 && !may_be_repeated(signal) && !may_be_repeated(end_signal))
            _exit(128 + signal); // asked twice: the user does not want to wait
        end_signal = end_signal != 0 ? end_signal : signal;
    }
    if (watched != NULL)
        sim_stop(watched);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void set_timer(unsigned ms)
{
    struct timeval interval = {.tv_usec = (suseconds_t)ms * 1000};
    struct itimerval timer = {.it_interval = interval, .it_value = interval};
    setitimer(ITIMER_REAL, &timer, NULL);
}

void progress_take_signals(void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    struct sigaction old;
    for (size_t i = 0; i < ARRAY_SIZE(end_signals); i++)
        if (end_signals[i] != SIGHUP || sigaction(SIGHUP, NULL, &old) != 0 || old.sa_handler != SIG_IGN) // nohup
            sigaction(end_signals[i], &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
}

void progress_enter(enum progress_when when, const struct progress_phase *now)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    set_timer(0);
    if (phase_shown)
        say("\r\033[K");
    phase_shown = 0;
    phase = now;
    progress_take_signals(on_signal);
    sigaction(SIGALRM, &action, NULL);
    signal(SIGPIPE, SIG_IGN); // who reads what is said may go away; the run goes on
    if (now != NULL && when != PROGRESS_NEVER && options_takes_escapes(STDERR_FILENO))
        set_timer(POLL_MS);
}

struct progress *progress_start(struct sim *sim, enum progress_when when, uint64_t total)
{
    struct progress *progress = xcalloc(1, sizeof *progress);
    progress_enter(when, NULL);
    progress->terminal = when != PROGRESS_NEVER && options_takes_escapes(STDERR_FILENO);
    progress->lines = when != PROGRESS_NEVER && !progress->terminal;
    progress->total = total;
    progress->started = seconds();
    watched = sim;
    if (progress->terminal || progress->lines)
        set_timer(POLL_MS);
    return progress;
}

static void print_status(const struct progress *progress, uint64_t completed, const char *end)
{
    double elapsed = seconds() - progress->started;
    double rate = elapsed > 0 ? (double)completed / elapsed : 0;
    fprintf(stderr, "%llu", (unsigned long long)completed);
    if (progress->total > 0)
        fprintf(stderr, " of %llu requests, %.0f %%", (unsigned long long)progress->total,
                100.0 * (double)completed / (double)progress->total);
    else
        fprintf(stderr, " requests");
    fprintf(stderr, ", %.0f k/s", rate / 1000);
    if (progress->total > completed && rate > 0)
        fprintf(stderr, ", %.0f s left", (double)(progress->total - completed) / rate);
    fprintf(stderr, "%s", end);
    fflush(stderr);
}

static void show_due(struct progress *progress, uint64_t completed)
{
    if (status_wanted) {
        status_wanted = 0;
        print_status(progress, completed, "\n");
    } else if (progress->terminal) {
        progress->shown = true;
        fputc('\r', stderr);
        print_status(progress, completed, "\033[K");
    } else if (progress->lines && progress->total > 0) {
        unsigned tenths = (unsigned)(10 * completed / progress->total);
        if (tenths > progress->tenths) {
            progress->tenths = tenths;
            print_status(progress, completed, "\n");
        }
    }
}

bool progress_poll(struct progress *progress, uint64_t completed)
{
    show_due(progress, completed);
    return end_signal == 0;
}

int progress_signal(void)
{
    return end_signal;
}

void progress_stop(struct progress *progress)
{
    set_timer(0);
    watched = NULL;
    if (progress->shown)
        fputs("\r\033[K", stderr);
    free(progress);
}
