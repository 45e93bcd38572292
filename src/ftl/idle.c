// Watches of idle time: an event each, scheduled when idle time begins and, where it has begun anew meanwhile, again.
#include "ftl/idle.h"

#include <stddef.h>

static void look(void *context)
{
    struct idle_watch *watch = context;
    struct idle *idle = watch->idle;
    tick_t due = idle->since + watch->after;
    watch->armed = idle->now && due > sim_now(idle->sim);
    if (watch->armed)
        sim_at(idle->sim, due, look, watch);
    else if (idle->now && !idle->over)
        watch->begun(watch->context);
}

void idle_watch(struct idle *idle, struct idle_watch *watch)
{
    if (watch->after == 0)
        return;
    watch->idle = idle;
    watch->next = idle->watches;
    idle->watches = watch;
}

void idle_begins(struct idle *idle)
{
    idle->now = true;
    idle->since = sim_now(idle->sim);
    for (struct idle_watch *watch = idle->watches; watch != NULL; watch = watch->next) {
        if (watch->armed)
            continue;
        watch->armed = true;
        sim_after(idle->sim, watch->after, look, watch);
    }
}
