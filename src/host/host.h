// The host: an NVMe driver with blk-mq queues, and the workload that it plays.
//
// It knows the drive only as a PCIe device. Life: host_create, host_bind, host_start, run the simulation, host_check.
#ifndef SQTAIL_HOST_HOST_H
#define SQTAIL_HOST_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "host/block/block_stats.h"
#include "host/host_config.h"
#include "host/host_stats.h"
#include "host/workload.h"
#include "nvme/observer.h"
#include "nvme/pcie.h"
#include "nvme/pcie_config.h"
#include "sim/sim.h"
#include "stats/command_record.h"
#include "stats/command_stats.h"

struct host;

// `pcie` is the platform's side of the link: the sizes that the host sets in the device. The statistics are the
// caller's and must outlive the host.
struct host *host_create(struct sim *sim, const struct host_config *config, const struct pcie_config *pcie,
                         struct command_stats *stats);
void host_destroy(struct host *host);

void host_bind(struct host *host, struct pcie_device_port device);
struct pcie_host_port host_get_port(struct host *host);

// Commands keep what the drive says that they waited for. To be called before host_get_observer.
void host_explain(struct host *host);

// Tells of each command that is measured, when it is done, unless it took less than *least at that time. To be called
// before host_start.
void host_on_command(struct host *host, void (*done)(void *context, const struct command_record *record), void *context,
                     const tick_t *least);

// For the drive: how the host learns where its commands' time went. Of a drive that does not tell, all of it is
// STAGE_SQ_FETCH's.
struct nvme_observer host_get_observer(struct host *host);

// Calls measure(context, origin) whenever measuring begins anew: at time zero of the workload, after the host has
// restarted its own statistics and the commands', and once more at the end of the workload's ramp.
void host_on_measure(struct host *host, void (*measure)(void *context, tick_t origin), void *context);

// The drive keeps contents: every write has its own, and a read that brings others than the last one's ends the run with
// a failure. Before host_start.
void host_check_contents(struct host *host);

// Brings the controller up from the current tick on, then plays the workload; calls finished once, from an event,
// when every request has completed, or when bring-up has failed: see host_failure.
void host_start(struct host *host, struct workload *workload, void (*finished)(void *context), void *context);

// Submits nothing more; what has arrived completes, then `finished` is called.
void host_interrupt_run(struct host *host);

// Why the run did not finish: the step of bring-up that failed or was never answered, requests that never
// completed, or a read that brought wrong data. NULL when all is well. To be asked once the run has finished or no events are left. Valid until the next
// call.
const char *host_failure(struct host *host);

// Why the host ended the workload before its end, though nothing failed; NULL: it did not.
const char *host_stopped(const struct host *host);

// No request has arrived that has not completed.
bool host_idle(const struct host *host);

// From Identify; 0 before bring-up has come that far.
uint64_t host_capacity_bytes(const struct host *host);
uint32_t host_block_bytes(const struct host *host);

const struct host_stats *host_get_stats(struct host *host);
const struct block_stats *host_block_stats(struct host *host); // NULL: there is no block layer

// One of several jobs, measured by itself over its own time: from when it began to issue, or measuring did, to its last
// completion, or the end of its runtime.
struct host_group_result {
    const char *name, *text;
    const struct command_stats *commands;
    const struct host_group_load *load; // of an open loop; else NULL
};

uint32_t host_group_count(const struct host *host);
struct host_group_result host_get_group(struct host *host, uint32_t index);

// Tells of all that happens in the block layer, at which time since the workload's time zero. To be called before
// host_start.
struct block_event;
typedef void host_block_event_fn(void *context, tick_t time, const struct block_event *event);
void host_on_block_event(struct host *host, host_block_event_fn *event, void *context);

// Queues and what they did, as Linux shows it; nothing where there is no block layer.
void host_print_block(const struct host *host, FILE *to);

// How many of the workload's requests have completed, of workload_request_count.
uint64_t host_requests_done(const struct host *host);

// Invariants after a run: every request submitted has completed, and Little's law: the integral over time of the
// number of requests outstanding is the sum of their latencies, to the picosecond. Stops the program when broken.
void host_check(const struct host *host);

#endif
