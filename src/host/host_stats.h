// What the host counts of itself.
#ifndef SQTAIL_HOST_HOST_STATS_H
#define SQTAIL_HOST_HOST_STATS_H

#include "sim/tick.h"
#include "stats/stat.h"

struct host_stats {
    uint64_t submitted;          // requests of the workload
    uint64_t completed;
    uint64_t failed;             // completed with an error status
    uint64_t split;              // requests that took more than one command
    uint64_t commands;           // I/O commands
    uint64_t queue_full;         // requests that had to wait for a tag
    uint64_t interrupts;         // of I/O queues
    uint64_t spurious;           // interrupts that found no new completion queue entry
    uint64_t sq_doorbells;       // of I/O queues
    uint64_t cq_doorbells;
    uint64_t async_events;
    uint64_t queues;             // I/O queue pairs in use; not restarted
    tick_t bringup_time;         // power-on to the first request; not restarted
};

extern const struct stat_field host_stat_fields[];
extern const size_t host_stat_field_count;

#endif
