// The event engine: simulated time and the order in which things happen.
//
// Everything that belongs to one simulation hangs off one `struct sim`; there are no globals, so that several drives
// can run in one process. Events have a total order, (time, order of scheduling), which depends on nothing but
// the input: not on addresses, not on the machine, not on who drives the engine.
//
// An event costs some hundred instructions before it does anything, so events are spent where a decision is made; a
// resource that serves in order of arrival is a timeline (sim/timeline.h) and costs none.
#ifndef SQTAIL_SIM_SIM_H
#define SQTAIL_SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/tick.h"
#include "util/macros.h"

struct sim;

typedef void sim_event_fn(void *context);

struct sim *sim_create(uint64_t seed);
void sim_destroy(struct sim *sim);

// The time of the event being run, or where the last run stopped.
static inline tick_t sim_now(const struct sim *sim);

uint64_t sim_seed(const struct sim *sim);

// Runs fn(context) at `when`, which must not lie in the past; never when that is at TICK_END or later. An event at the
// current tick runs after those that are already scheduled for it. There is no cancel: an event that may have become
// needless checks that when it runs.
void sim_at(struct sim *sim, tick_t when, sim_event_fn *fn, void *context);

static inline void sim_after(struct sim *sim, tick_t delay, sim_event_fn *fn, void *context);

// The time of the earliest pending event before TICK_END, TICK_NEVER when there is none. Changes nothing.
tick_t sim_next(const struct sim *sim);

// Whether events are left that will never run, because simulated time ends before them.
bool sim_out_of_time(const struct sim *sim);

// Runs every event strictly earlier than `bound` and TICK_END, in order, until none is left or someone calls sim_stop.
// The clock is left at the last event run.
void sim_run_before(struct sim *sim, tick_t bound);

// Brings the bound of the running sim_run_before forward to `bound`, when that is earlier: for an event that has
// caused something outside the engine at that time.
void sim_lower_bound(struct sim *sim, tick_t bound);

// Makes the running sim_run_before return after the current event, or the next one at once. Callable from an event and
// from a signal handler.
void sim_stop(struct sim *sim);

// Whether the last sim_run_before was ended by sim_stop.
bool sim_stopped(const struct sim *sim);

// Events run so far.
uint64_t sim_events(const struct sim *sim);

// Moves the clock to `when`, not past the next event: for who drives the engine from outside (src/sc).
void sim_advance(struct sim *sim, tick_t when);

// Called on every sim_at from outside sim_run_before that brings the earliest event forward, so that an outside
// driver can wake in time. NULL for none.
void sim_on_earlier(struct sim *sim, sim_event_fn *fn, void *context);

// Called in a running sim_run_before whenever no event is left at all: for who has kept something back that nobody
// waits for, and schedules it then. NULL: nobody.
void sim_on_idle(struct sim *sim, sim_event_fn *fn, void *context);

// The command line that reproduces this run, shown when an invariant breaks. Copied.
void sim_set_command(struct sim *sim, const char *command);

// As CHECK, and tells simulated time, component, seed and command line.
#define SIM_CHECK(sim, component, condition, ...)                                                       \
    do {                                                                                                \
        if (unlikely(!(condition)))                                                                     \
            sim_check_failed((sim), (component), __FILE__, __LINE__, #condition, __VA_ARGS__);          \
    } while (0)

NORETURN void sim_check_failed(const struct sim *sim, const char *component, const char *file, int line,
                                const char *condition, const char *format, ...) PRINTF_LIKE(6, 7);

// --- what follows is how the inline functions see the engine -------------------------------------------------------

struct sim_clock_view {
    tick_t now;
};

static inline tick_t sim_now(const struct sim *sim)
{
    return ((const struct sim_clock_view *)sim)->now;
}

static inline void sim_after(struct sim *sim, tick_t delay, sim_event_fn *fn, void *context)
{
    sim_at(sim, sim_now(sim) + delay, fn, context);
}

#endif
