// The progress line, and the signals that reach a running simulation.
//
// A timer and the signals SIGINT, SIGTERM and SIGUSR1 only stop the engine between two events; what to do is then
// decided in progress_poll, outside the signal handler, so nothing of it can change a result.
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
// The time before the engine runs, spent on `doing`, such as "reading the recording": nothing polls then, so a signal
// that asks to end ends the process at once, with a word on what was being done. Ends with progress_start, or with
// NULL.
void progress_prepare(enum progress_when when, const char *doing);

void progress_stop(struct progress *progress);

// To be called whenever the engine was stopped: shows what is due. Returns false when the user asked to end the run.
bool progress_poll(struct progress *progress, uint64_t completed);

// The signal that asked to end the run; 0 for none.
int progress_signal(void);

#endif
