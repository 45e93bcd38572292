// The host's keys: processors, queues and what its software costs.
#ifndef SQTAIL_HOST_HOST_CONFIG_H
#define SQTAIL_HOST_HOST_CONFIG_H

#include "config/config.h"

enum host_polling { HOST_POLL_INTERRUPT, HOST_POLL_POLL, HOST_POLL_HYBRID };

struct host_config {
    uint32_t cpus;         // 1 .. 1024
    uint32_t queues;       // I/O queue pairs asked for; 0: one for each CPU
    uint32_t queue_depth;  // commands in flight a queue, 1 .. 65534
    uint64_t max_transfer; // bytes: larger reads, writes and write zeroes are split
    uint32_t nsid;         // of the namespace that is used, 1 and up
    uint32_t arbitration;  // enum nvme_ams: what CC.AMS asks for
    uint32_t urgent_queues, high_queues, medium_queues; // the first ones, in this order; the rest is low
    uint32_t high_weight, medium_weight, low_weight;    // commands of a class' turn
    bool block_layer;      // the rest of these only then
    uint32_t scheduler;    // enum block_scheduler
    uint32_t nr_requests;  // 0: Linux's own
    bool merges, plugs;
    uint32_t max_segments, max_discard_segments;
    uint64_t max_discard, io_boundary; // bytes
    tick_t t_worker;       // ps
    uint32_t write_queues, poll_queues; // beside the others
    uint32_t polling;      // enum host_polling
    tick_t t_poll;         // ps of CPU time, by look at a completion queue
    tick_t t_submit;       // ps of CPU time, by request
    tick_t t_interrupt;    // ps of CPU time, by interrupt
    tick_t t_complete;     // ps of CPU time, by completion queue entry
    tick_t think_time;     // ps between a completion and the next request of a closed loop
};

extern const struct config_field host_config_fields[];
extern const size_t host_config_field_count;

int host_config_check(const struct host_config *host, const struct config *config, struct diag *diag);

// The priority class of I/O queue `id`, 1 and up: enum nvme_qprio.
uint32_t host_config_priority(const struct host_config *host, uint32_t id);

// I/O queue pairs that the driver asks for.
static inline uint32_t host_config_queues(const struct host_config *host)
{
    uint32_t queues = host->queues == 0 ? host->cpus : host->queues;
    return queues + (host->block_layer ? host->write_queues + host->poll_queues : 0);
}

#endif
