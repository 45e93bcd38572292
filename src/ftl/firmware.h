// The core's processors: who gets one next, and for how long.
#ifndef SQTAIL_FTL_FIRMWARE_H
#define SQTAIL_FTL_FIRMWARE_H

#include <stdbool.h>
#include <stdint.h>

#include "ftl/ftl_config.h"
#include "sim/sim.h"
#include "sim/timeline.h"
#include "stats/meter.h"
#include "stats/wait.h"
#include "util/list.h"
#include "util/pool.h"

enum { FIRMWARE_PROCESSORS_MAX = 64 };

// For whom the firmware works, the more urgent first.
enum firmware_class { FIRMWARE_HOST, FIRMWARE_BACKGROUND, FIRMWARE_CLASSES };

// The last pieces of background work of a processor; those that follow each other without a gap are one.
enum { FIRMWARE_RUNS = 16 };
struct firmware_runs {
    struct firmware_run {
        tick_t from, to;
    } runs[FIRMWARE_RUNS];
    uint32_t latest;
};

struct firmware_stats {
    uint64_t waits;   // background work that waited for an idle processor
    uint64_t yields;  // work that gave way after a slice
    uint64_t overdue; // work that waited for the bound
};

struct firmware {
    struct sim *sim;
    struct clock clock;
    uint32_t count; // of processors
    bool host_first;
    tick_t slice; // what a piece of work takes at most, whole cycles; 0: it runs to its end
    tick_t bound; // of waiting behind what is more urgent; 0: none
    struct timeline processors[FIRMWARE_PROCESSORS_MAX];
    struct list waiting[FIRMWARE_CLASSES]; // tasks that wait for an idle processor, in order of arrival
    bool wake_pending;
    struct pool tasks;
    struct meter meter;
    struct firmware_stats stats;
    struct firmware_runs *runs; // of each processor; NULL: nobody asks
};

void firmware_init(struct firmware *firmware, struct sim *sim, const struct ftl_config *config);
void firmware_destroy(struct firmware *firmware);

// Who waits for a processor is told behind whose work, from now on.
void firmware_explain(struct firmware *firmware);

// As firmware_run, for a command of the host, in whose path its waits are put down if that keeps causes.
void firmware_serve(struct firmware *firmware, tick_t duration, struct breakdown *path, sim_event_fn *then,
                    void *context);

// Works for `duration`; then(context) is called when it is through, in an event of its own even when that is now.
void firmware_run(struct firmware *firmware, enum firmware_class class, tick_t duration, sim_event_fn *then,
                  void *context);

#endif
