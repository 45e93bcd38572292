// The controller, put together from its parts; each is described in its own header.
#ifndef SQTAIL_NVME_NVME_INTERNAL_H
#define SQTAIL_NVME_NVME_INTERNAL_H

#include "nvme/command/command.h"
#include "nvme/pci/cmb.h"
#include "nvme/pci/config_space.h"
#include "nvme/controller.h"
#include "nvme/pci/dma_read.h"
#include "nvme/admin/errors.h"
#include "nvme/admin/events.h"
#include "nvme/feature/features.h"
#include "nvme/feature/power.h"
#include "nvme/queue/fetch.h"
#include "nvme/link/link.h"
#include "nvme/pci/interrupt.h"
#include "nvme/namespace.h"
#include "nvme/command/opcode.h"
#include "nvme/log/telemetry.h"
#include "nvme/queue/processors.h"
#include "nvme/queue/queues.h"
#include "nvme/queue/shadow.h"
#include "nvme/registers.h"
#include "store/sectors.h"
#include "store/store.h"
#include "util/macros.h"
#include "util/pool.h"

enum { NVME_SCRATCH_BYTES = 65536 }; // the largest host page

struct nvme {
    struct sim *sim;
    const struct nvme_config *config;
    const struct pcie_config *pcie;
    struct pcie_host_port host;
    struct ftl_port core;
    struct nvme_observer observer;

    uint32_t epoch; // counts resets
    unsigned page_shift;
    uint32_t transfer_max; // bytes, MDTS
    bool ready;
    bool stopped; // by a shutdown: nothing more is fetched
    void (*reset)(struct nvme *nvme, enum nvme_reset kind); // reset_all, for who lies below it

    struct link link;
    struct nvme_stats stats;
    struct nvme_pci pci;
    struct nvme_cmb cmb;
    struct nvme_interrupts interrupts;
    struct nvme_registers registers;
    struct nvme_queues queues;
    struct nvme_shadow shadow;
    struct nvme_fetches fetch;
    struct nvme_dma_reads dma_reads;
    struct nvme_commands commands;
    struct nvme_processors processors;
    struct nvme_subsystem subsystem;
    struct nvme_features features;
    struct nvme_power power;
    struct {
        bool set; // by the host, since the last reset
        tick_t set_at;
    } timestamp;
    struct nvme_events events;
    struct nvme_telemetry telemetry;
    struct nvme_errors errors;
    struct nvme_opcodes opcodes;
    struct pool accesses; // of the host to registers
    struct list buffers;  // free ones
    struct sectors uncorrectable; // marked by Write Uncorrectable
    struct store *store;  // contents of the drive; NULL: they are not kept
    uint8_t *scratch; // NVME_SCRATCH_BYTES: a host page of PRP entries
};

// Whether there may be entries to fetch when there is room for them.
static inline bool is_room_wanted(const struct nvme *nvme)
{
    return nvme->fetch.listed > 0 || unlikely(nvme->commands.in_flight == nvme->config->max_commands);
}

#endif
