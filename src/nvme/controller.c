// The controller as a whole: creation, and the accesses that come over the link.
//
// BAR0: registers from 0, doorbells from 1000h (NVM Express 1.4, section 3.1), then, each on a page of its own, the
// MSI-X table and its pending bits.
#include "nvme/controller.h"

#include <stdlib.h>

#include "nvme/command/command_buffer.h"
#include "nvme/queue/cq_heads.h"
#include "nvme/io/io.h"
#include "nvme/nvme_internal.h"
#include "nvme/pci/msix_table.h"
#include "nvme/pci/pci_errors.h"
#include "nvme/admin/queue_commands.h"
#include "util/alloc.h"
#include "util/macros.h"

// A register access that crosses the link.
struct nvme_access {
    struct nvme *nvme;
    uint64_t offset;
    uint64_t value;
    unsigned bytes;
    void (*done)(void *context, uint64_t value);
    void *context;
};

// --- accesses to BAR0 ----------------------------------------------------------------------------------------------

// Whether the function answers. Anything else is an unsupported request: it reads ones and writes nothing.
static inline bool is_claimed(const struct nvme *nvme, const struct nvme_access *access)
{
    return nvme->pci.memory_enabled && access->offset + access->bytes <= nvme->pci.bar_bytes;
}

static uint32_t bar_read(const struct nvme *nvme, uint64_t offset)
{
    if (offset < NVME_REGISTER_BYTES)
        return registers_read(nvme, (uint32_t)offset);
    if (offset >= nvme->cmb.offset)
        return cmb_read(nvme, offset);
    return offset >= nvme->pci.table_offset ? msix_table_read(nvme, offset) : 0;
}

static void vector_write(struct nvme *nvme, uint64_t offset, uint32_t value)
{
    uint64_t vector = (offset - nvme->pci.table_offset) / PCI_MSIX_ENTRY_BYTES;
    if (vector >= nvme->config->msix_vectors)
        return; // beyond the table, or the pending bits, which are read-only
    msix_table_write(nvme, offset, value);
    interrupts_masks_changed(nvme, (uint32_t)vector, 1);
}

static void bar_write(struct nvme *nvme, uint64_t offset, uint32_t value)
{
    if (offset < NVME_REGISTER_BYTES)
        registers_write(nvme, (uint32_t)offset, value);
    else if (offset >= NVME_REG_DOORBELLS && offset < nvme->pci.doorbell_end)
        queues_doorbell(nvme, offset, value);
    else if (offset >= nvme->cmb.offset)
        cmb_write(nvme, offset, value);
    else if (offset >= nvme->pci.table_offset)
        vector_write(nvme, offset, value);
}

// Of less than a doubleword the bytes that are asked for.
static uint64_t bar_value(const struct nvme *nvme, uint64_t offset, unsigned bytes)
{
    uint64_t low = bar_read(nvme, offset & ~UINT64_C(3));
    if (bytes == 8)
        return low | (uint64_t)bar_read(nvme, offset + 4) << 32;
    return low >> 8 * (offset % 4) & ((UINT64_C(1) << 8 * bytes) - 1);
}

static void write_arrived(void *context)
{
    struct nvme_access *access = context;
    struct nvme *nvme = access->nvme;
    if (unlikely(!is_claimed(nvme, access)))
        pci_unsupported_request(nvme, true);
    else if (likely(access->bytes >= 4))
        bar_write(nvme, access->offset, (uint32_t)access->value);
    if (unlikely(access->bytes == 8) && is_claimed(nvme, access))
        bar_write(nvme, access->offset + 4, (uint32_t)(access->value >> 32));
    pool_give(&nvme->accesses, access);
}

static void answer_arrived(void *context)
{
    struct nvme_access access = *(struct nvme_access *)context;
    pool_give(&access.nvme->accesses, context);
    access.done(access.context, access.value);
}

static void read_arrived(void *context)
{
    struct nvme_access *access = context;
    struct nvme *nvme = access->nvme;
    if (is_claimed(nvme, access)) {
        access->value = bar_value(nvme, access->offset, access->bytes);
    } else {
        pci_unsupported_request(nvme, false);
        access->value = UINT64_MAX >> (64 - 8 * access->bytes);
    }
    sim_at(nvme->sim, link_mmio_completion(&nvme->link, sim_now(nvme->sim), access->bytes), answer_arrived, access);
}

static void write_later(struct nvme *nvme, uint64_t offset, unsigned bytes, uint64_t value, tick_t arrival)
{
    struct nvme_access *access = pool_take(&nvme->accesses);
    access->nvme = nvme;
    access->offset = offset;
    access->value = value;
    access->bytes = bytes;
    sim_at(nvme->sim, arrival, write_arrived, access);
}

static void ring_later(struct nvme *nvme, uint32_t id, uint32_t head, tick_t at)
{
    uint64_t offset = NVME_REG_DOORBELLS + ((2 * (uint64_t)id + 1) << (2 + nvme->config->doorbell_stride));
    write_later(nvme, offset, 4, head, at);
}

static void mmio_write(void *self, uint64_t offset, unsigned bytes, uint64_t value)
{
    struct nvme *nvme = self;
    tick_t arrival = link_mmio_write(&nvme->link, sim_now(nvme->sim), bytes);
    if (bytes != 4 || !queues_keep_doorbell(nvme, offset, (uint32_t)value, arrival))
        write_later(nvme, offset, bytes, value, arrival);
}

static void mmio_read(void *self, uint64_t offset, unsigned bytes, void (*done)(void *context, uint64_t value),
                      void *context)
{
    struct nvme *nvme = self;
    struct nvme_access *access = pool_take(&nvme->accesses);
    *access = (struct nvme_access){.nvme = nvme, .offset = offset, .bytes = bytes, .done = done, .context = context};
    sim_at(nvme->sim, link_mmio_read(&nvme->link, sim_now(nvme->sim)), read_arrived, access);
}

static void conventional_reset(void *self, enum pcie_reset kind)
{
    static const enum nvme_reset kinds[] = {
        [PCIE_RESET_HOT] = NVME_RESET_HOT, [PCIE_RESET_COLD] = NVME_RESET_POWER_ON};
    reset_all(self, kinds[kind]);
}

struct pcie_device_port nvme_get_port(struct nvme *nvme)
{
    return (struct pcie_device_port){
        .self = nvme,
        .config_read = config_space_read,
        .config_write = config_space_write,
        .mmio_read = mmio_read,
        .mmio_write = mmio_write,
        .reset = conventional_reset,
    };
}

// --- creation ------------------------------------------------------------------------------------------------------

static void create_namespaces(struct nvme *nvme, uint64_t capacity_bytes)
{
    struct nvme_layout layout;
    struct config_problem problem;
    SIM_CHECK(nvme->sim, "nvme", layout_read(nvme->config, &layout, &problem), "nvme.namespaces was not checked");
    subsystem_create(&nvme->subsystem, &layout, nvme->config->max_namespaces, capacity_bytes);
    nvme->transfer_max = UINT32_C(1) << (NVME_PAGE_SHIFT_MIN + nvme->config->mdts);
}

static void create_memory(struct nvme *nvme)
{
    pool_init(&nvme->accesses, sizeof(struct nvme_access));
    nvme->scratch = xmalloc(NVME_SCRATCH_BYTES);
}

static void create_parts(struct nvme *nvme)
{
    static void (*const create[])(struct nvme *nvme) = {
        commands_create,   queues_create,     queue_commands_create, fetch_create,        interrupts_create,
        errors_create,     processors_create, registers_create,      config_space_create, dma_read_create,
        shadow_create,        cmb_create,
        power_create,      features_create,   firmware_create,
    };
    for (size_t i = 0; i < ARRAY_SIZE(create); i++)
        create[i](nvme);
    opcodes_create(&nvme->opcodes, nvme->config);
}

// So that the clock stands at the end where it does when every doorbell is an event.
static void nothing_else_happens(void *context)
{
    cq_heads_become_events(context);
}

struct nvme *nvme_create(struct sim *sim, const struct pcie_config *pcie, const struct nvme_config *config,
                         uint64_t capacity_bytes)
{
    struct nvme *nvme = xcalloc(1, sizeof *nvme);
    nvme->sim = sim;
    nvme->pcie = pcie;
    nvme->config = config;
    nvme->page_shift = NVME_PAGE_SHIFT_MIN;
    nvme->reset = reset_all;
    nvme->queues.ring_later = ring_later;
    link_init(&nvme->link, pcie);
    create_namespaces(nvme, capacity_bytes);
    create_memory(nvme);
    sectors_init(&nvme->uncorrectable, capacity_bytes);
    create_parts(nvme);
    reset_all(nvme, NVME_RESET_POWER_ON);
    sim_on_idle(sim, nothing_else_happens, nvme);
    return nvme;
}

void nvme_destroy(struct nvme *nvme)
{
    if (nvme == NULL)
        return;
    sim_on_idle(nvme->sim, NULL, NULL);
    commands_destroy(nvme);
    command_buffers_destroy(nvme);
    queues_destroy(nvme);
    fetch_destroy(nvme);
    dma_read_destroy(nvme);
    shadow_destroy(nvme);
    cmb_destroy(nvme);
    interrupts_destroy(nvme);
    errors_destroy(nvme);
    features_destroy(nvme);
    link_destroy(&nvme->link);
    pool_destroy(&nvme->accesses);
    store_destroy(nvme->store);
    sectors_destroy(&nvme->uncorrectable);
    free(nvme->scratch);
    free(nvme);
}

void nvme_keep_contents(struct nvme *nvme, uint64_t volatile_bytes)
{
    nvme->store = store_create(nvme->subsystem.capacity, volatile_bytes);
}

void nvme_bind(struct nvme *nvme, struct pcie_host_port host, struct ftl_port core)
{
    nvme_bind_host(nvme, host);
    nvme->core = core;
}

void nvme_bind_host(struct nvme *nvme, struct pcie_host_port host)
{
    nvme->host = host;
    config_space_decide_access(nvme);
}

void nvme_observe(struct nvme *nvme, struct nvme_observer observer)
{
    nvme->observer = observer;
}

struct nvme_namespace_size nvme_get_namespace(const struct nvme *nvme, uint32_t nsid)
{
    const struct nvme_namespace *ns = subsystem_namespace(&nvme->subsystem, nsid);
    if (ns == NULL)
        return (struct nvme_namespace_size){0};
    return (struct nvme_namespace_size){.bytes = namespace_bytes(ns), .block_bytes = UINT32_C(1) << ns->lba_shift};
}

struct nvme_observer nvme_get_observer(const struct nvme *nvme)
{
    return nvme->observer;
}

void nvme_report_health(struct nvme *nvme, unsigned available_spare_percent, unsigned used_percent)
{
    nvme->subsystem.health.available_spare = available_spare_percent;
    nvme->subsystem.health.percentage_used = used_percent;
    events_check_health(nvme);
}

// --- what is measured ----------------------------------------------------------------------------------------------

static bool queues_empty(const struct nvme *nvme)
{
    for (uint32_t id = 0; id <= nvme->config->max_queues; id++)
        if (nvme->queues.sqs[id].exists && nvme->queues.sqs[id].tail != nvme->queues.sqs[id].fetched)
            return false;
    return true;
}

bool nvme_idle(const struct nvme *nvme)
{
    return nvme->commands.in_flight == 0 && !nvme->registers.shutting_down && (nvme->stopped || queues_empty(nvme));
}

const struct nvme_stats *nvme_get_stats(struct nvme *nvme)
{
    struct nvme_stats *stats = &nvme->stats;
    cq_heads_take_all(nvme, sim_now(nvme->sim));
    stats->tlps_to_host = nvme->link.tlps_up;
    stats->tlps_to_device = nvme->link.tlps_down;
    stats->wire_bytes_to_host = nvme->link.wire_bytes_up;
    stats->wire_bytes_to_device = nvme->link.wire_bytes_down;
    stats->entries_per_fetch = stats->fetches == 0 ? 0 : (double)stats->entries_fetched / (double)stats->fetches;
    return stats;
}

void nvme_stats_restart(struct nvme *nvme, tick_t origin)
{
    cq_heads_take_before(nvme, sim_now(nvme->sim)); // what arrives in this tick comes after
    nvme->stats = (struct nvme_stats){0};
    link_restart(&nvme->link, origin);
    meter_restart(&nvme->processors.meter, origin);
}

struct meter *nvme_link_up_meter(struct nvme *nvme)
{
    return &nvme->link.up.meter;
}

struct meter *nvme_link_down_meter(struct nvme *nvme)
{
    return &nvme->link.down_meter;
}

struct meter *nvme_processor_meter(struct nvme *nvme)
{
    return &nvme->processors.meter;
}
