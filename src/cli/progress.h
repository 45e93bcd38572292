// The progress line, and the signals that reach a running simulation.
//
// A timer, SIGUSR1 and the signals that ask to end (SIGINT, SIGTERM, SIGHUP, SIGXCPU) only stop the engine between
// two events; what to do is then decided in progress_poll, outside the signal handler, so nothing of it can change a
// result.
#ifndef SQTAIL_CLI_PROGRESS_H
#define SQTAIL_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct sim;

enum progress_when { PROGRESS_AUTO, PROGRESS_ALWAYS, PROGRESS_NEVER };

struct progress;

// Watches a run of `sim` with `total` requests to come (0: not known). AUTO shows a line that is rewritten when
// standard error is a terminal, else a line at each tenth; one progress at a time.
struct progress *progress_start(struct sim *sim, enum progress_when when, uint64_t total);

// The time before and after the engine runs: nothing polls then, so a signal that asks to end ends the process at once,
// with a word on what was being done.
struct progress_phase {
    const char *doing;   // "reading the recording"
    const char *outcome; // what is left when it ends here: "nothing was measured"
    const char *litter;  // a file to remove then, or NULL
};

// Ends with the next, with progress_start, or with NULL. What it points to must last as long.
void progress_enter(enum progress_when when, const struct progress_phase *now);

// Gives every signal that a run answers to `handler`, for who runs none itself.
void progress_take_signals(void (*handler)(int));

void progress_stop(struct progress *progress);

// To be called whenever the engine was stopped: shows what is due. Returns false when the user asked to end the run.
bool progress_poll(struct progress *progress, uint64_t completed);

// The signal that asked to end the run; 0 for none.
int progress_signal(void);

#endif
