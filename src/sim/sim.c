// The engine: runs the events of the queue, keeps the clock, and tells who drives it from outside.
#include "sim/sim.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/event_queue.h"
#include "util/alloc.h"
#include "util/check.h"

struct sim {
    struct sim_clock_view clock; // first, for sim_now
    tick_t bound;                // of the running sim_run_before
    uint64_t events;
    volatile sig_atomic_t stop; // asked for
    bool stopped;               // the last run ended because of that
    bool running;
    struct event_queue queue;
    uint64_t seed;
    char *command;
    sim_event_fn *earlier;
    void *earlier_context;
    sim_event_fn *idle;
    void *idle_context;
};

struct sim *sim_create(uint64_t seed)
{
    struct sim *sim = xcalloc(1, sizeof *sim);
    sim->seed = seed;
    sim->command = xstrdup("");
    event_queue_init(&sim->queue);
    return sim;
}

void sim_destroy(struct sim *sim)
{
    if (sim == NULL)
        return;
    event_queue_destroy(&sim->queue);
    free(sim->command);
    free(sim);
}

// The rest of sim_at, for what is not so at nearly every event; out of line, so that sim_at saves no registers for it.
static __attribute__((noinline)) void at_unusual(struct sim *sim, tick_t when, sim_event_fn *fn, void *context)
{
    SIM_CHECK(sim, "engine", when >= sim->clock.now, "an event for %llu ps lies in the past",
              (unsigned long long)when);
    bool earlier = !sim->running && sim->earlier != NULL && when < sim_next(sim);
    event_queue_push(&sim->queue, when, fn, context);
    if (earlier)
        sim->earlier(sim->earlier_context);
}

void sim_at(struct sim *sim, tick_t when, sim_event_fn *fn, void *context)
{
    if (unlikely(when < sim->clock.now || !sim->running || event_queue_full(&sim->queue)))
        at_unusual(sim, when, fn, context);
    else
        event_queue_push(&sim->queue, when, fn, context);
}

tick_t sim_next(const struct sim *sim)
{
    if (event_queue_empty(&sim->queue))
        return TICK_NEVER;
    tick_t next = event_queue_first(&sim->queue)->time;
    return next < TICK_END ? next : TICK_NEVER;
}

bool sim_out_of_time(const struct sim *sim)
{
    return !event_queue_empty(&sim->queue) && sim_next(sim) == TICK_NEVER;
}

// Whether there is more to do, though no event is left.
static bool idle_brings_more(struct sim *sim)
{
    if (sim->stop || sim->idle == NULL || !event_queue_empty(&sim->queue))
        return false;
    sim->idle(sim->idle_context);
    return !event_queue_empty(&sim->queue);
}

static void run_events(struct sim *sim)
{
    struct event_queue *queue = &sim->queue;
    while (!sim->stop && !event_queue_empty(queue) && event_queue_first(queue)->time < sim->bound) {
        struct event event = event_queue_pop(queue);
        sim->clock.now = event.time;
        sim->events++;
        event.fn(event.context);
    }
}

void sim_run_before(struct sim *sim, tick_t bound)
{
    sim->running = true;
    sim->bound = MIN(bound, TICK_END);
    do
        run_events(sim);
    while (idle_brings_more(sim));
    sim->running = false;
    sim->stopped = sim->stop != 0;
    if (sim->stopped)
        sim->stop = 0; // else one that a signal sets right now would be lost
}

void sim_lower_bound(struct sim *sim, tick_t bound)
{
    sim->bound = MIN(sim->bound, bound);
}

void sim_stop(struct sim *sim)
{
    sim->stop = 1;
}

bool sim_stopped(const struct sim *sim)
{
    return sim->stopped;
}

uint64_t sim_events(const struct sim *sim)
{
    return sim->events;
}

uint64_t sim_seed(const struct sim *sim)
{
    return sim->seed;
}

void sim_advance(struct sim *sim, tick_t when)
{
    SIM_CHECK(sim, "engine", when >= sim->clock.now && when <= sim_next(sim), "cannot move the clock to %llu ps",
              (unsigned long long)when);
    sim->clock.now = when;
}

void sim_on_earlier(struct sim *sim, sim_event_fn *fn, void *context)
{
    sim->earlier = fn;
    sim->earlier_context = context;
}

void sim_on_idle(struct sim *sim, sim_event_fn *fn, void *context)
{
    sim->idle = fn;
    sim->idle_context = context;
}

void sim_set_command(struct sim *sim, const char *command)
{
    free(sim->command);
    sim->command = xstrdup(command);
}

void sim_check_failed(const struct sim *sim, const char *component, const char *file, int line, const char *condition,
                      const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "sqtail: broken invariant in %s at %llu ps (seed %llu), %s:%d: %s: ", component,
            (unsigned long long)sim->clock.now, (unsigned long long)sim->seed, file, line, condition);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nto reproduce: %s\n", sim->command);
    exit(EXIT_BROKEN_INVARIANT);
}
