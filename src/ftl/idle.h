// Idle time: the host has no request at the core.
//
// Who has work for such times watches: it is called once the core has been idle for as long as it asks, and again in
// the next idle time.
#ifndef SQTAIL_FTL_IDLE_H
#define SQTAIL_FTL_IDLE_H

#include <stdbool.h>

#include "sim/sim.h"

struct idle;

struct idle_watch {
    tick_t after;
    void (*begun)(void *context);
    void *context;
    struct idle *idle;
    struct idle_watch *next;
    bool armed; // an event is scheduled
};

struct idle {
    struct sim *sim;
    struct idle_watch *watches;
    tick_t since;
    bool now;  // is it idle?
    bool over; // no request will come any more: nothing is begun
};

// A watch of `after` 0 is none.
void idle_watch(struct idle *idle, struct idle_watch *watch);

void idle_begins(struct idle *idle);

static inline void idle_ends(struct idle *idle)
{
    idle->now = false;
}

#endif
