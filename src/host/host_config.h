// The host's keys: processors, queues and what its software costs.
#ifndef SQTAIL_HOST_HOST_CONFIG_H
#define SQTAIL_HOST_HOST_CONFIG_H

#include "config/config.h"

struct host_config {
    uint32_t cpus;         // 1 .. 1024
    uint32_t queues;       // I/O queue pairs asked for; 0: one for each CPU
    uint32_t queue_depth;  // commands in flight a queue, 1 .. 65534
    uint64_t max_transfer; // bytes: larger reads, writes and write zeroes are split
    tick_t t_submit;       // ps of CPU time, by request
    tick_t t_interrupt;    // ps of CPU time, by interrupt
    tick_t t_complete;     // ps of CPU time, by completion queue entry
    tick_t think_time;     // ps between a completion and the next request of a closed loop
};

extern const struct config_field host_config_fields[];
extern const size_t host_config_field_count;

int host_config_check(const struct host_config *host, const struct config *config, struct diag *diag);

// I/O queue pairs that the driver asks for.
static inline uint32_t host_config_queues(const struct host_config *host)
{
    return host->queues == 0 ? host->cpus : host->queues;
}

#endif
