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
    // of an open loop; else NAN
    double offered_iops, offered_mb_s; // what arrived, over the time in which it did
    double served_iops, served_mb_s;   // what completed, over the time until the last did
    uint64_t waiting_at_end;     // requests not completed when the last one arrived
    tick_t late;                 // from then, or the end of runtime, to the last completion
    uint64_t most_in_flight;     // between arrival and completion
    uint64_t async_events;
    uint64_t queues;             // I/O queue pairs in use; not restarted
    tick_t bringup_time;         // power-on to the first request; not restarted
};

// Of an open loop that is one of several jobs.
struct host_group_load {
    double offered_iops, offered_mb_s; // what arrived, over the time in which it did
    uint64_t waiting_at_end;           // requests not completed when the last one arrived
    uint64_t most_in_flight;
};

extern const struct stat_field host_stat_fields[];
extern const size_t host_stat_field_count;

#endif
