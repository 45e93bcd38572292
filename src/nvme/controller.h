// The front-end: an NVMe controller behind a PCI Express link.
//
// Towards the host it is a PCIe function (nvme/pcie.h), towards the flash a client of the core's port (ftl/ftl.h).
//
// Stages of a command's stopwatch, which is the controller's own: it starts in STAGE_SQ_FETCH when the doorbell that
// covers the command arrives, is in STAGE_CONTROLLER from the entry's arrival on, is handed to the core, enters
// STAGE_COMPLETION when the last data are on the wire, and STAGE_HOST_COMPLETE when the completion queue entry is in
// host memory, just before the host sees it and its interrupt. Then an observer is told.
#ifndef SQTAIL_NVME_CONTROLLER_H
#define SQTAIL_NVME_CONTROLLER_H

#include <stdbool.h>
#include <stdint.h>

#include "ftl/ftl.h"
#include "nvme/nvme_config.h"
#include "nvme/nvme_stats.h"
#include "nvme/observer.h"
#include "nvme/pcie.h"
#include "nvme/pcie_config.h"
#include "sim/sim.h"
#include "stats/meter.h"

struct nvme;

// `capacity_bytes` is what its namespaces share. The configurations must outlive the controller.
struct nvme *nvme_create(struct sim *sim, const struct pcie_config *pcie, const struct nvme_config *config,
                         uint64_t capacity_bytes);
void nvme_destroy(struct nvme *nvme);

// The contents of what is written are kept from now on, and a loss of power would take back up to `volatile_bytes` of
// them. Before the first access.
void nvme_keep_contents(struct nvme *nvme, uint64_t volatile_bytes);

// Binds both sides, once, before the first access.
void nvme_bind(struct nvme *nvme, struct pcie_host_port host, struct ftl_port core);

// Another host has the slot from now on.
void nvme_bind_host(struct nvme *nvme, struct pcie_host_port host);

// From now on `observer` is told of every command that completes.
void nvme_observe(struct nvme *nvme, struct nvme_observer observer);
// Who is told so far, for who wants to pass it on.
struct nvme_observer nvme_get_observer(const struct nvme *nvme);

// An active namespace; all 0: there is none of that identifier.
struct nvme_namespace_size {
    uint64_t bytes;
    uint32_t block_bytes;
};
struct nvme_namespace_size nvme_get_namespace(const struct nvme *nvme, uint32_t nsid);

// How the host reaches the controller.
struct pcie_device_port nvme_get_port(struct nvme *nvme);

// What the SMART log tells about the flash; raises the SMART event when the spare falls below its threshold.
// Until called, 100 % spare and 0 % used.
void nvme_report_health(struct nvme *nvme, unsigned available_spare_percent, unsigned used_percent);

// No command in the controller (Asynchronous Event Requests aside), none being fetched, none waiting in a queue.
bool nvme_idle(const struct nvme *nvme);

// Brought up to date by the call.
const struct nvme_stats *nvme_get_stats(struct nvme *nvme);
void nvme_stats_restart(struct nvme *nvme, tick_t origin);

// Utilisation of the link's two directions, and of the front-end's processors.
struct meter *nvme_link_up_meter(struct nvme *nvme);
struct meter *nvme_link_down_meter(struct nvme *nvme);
struct meter *nvme_processor_meter(struct nvme *nvme);

#endif
