// The controller as a whole: creation, reset, and the accesses that come over the link.
//
// BAR0: registers from 0, doorbells from 1000h (NVM Express 1.4, section 3.1), then, each on a page of its own, the
// MSI-X table and its pending bits.
#include "nvme/controller.h"

#include <stdlib.h>
#include <string.h>

#include "nvme/nvme_internal.h"
#include "util/alloc.h"
#include "util/bitmap.h"
#include "util/macros.h"

enum { BAR_PAGE = 4096, BAR_MIN = 16384 };

// --- accesses to BAR0 ----------------------------------------------------------------------------------------------

static uint32_t bar_read(const struct nvme *nvme, uint64_t offset)
{
    if (!nvme->memory_enabled)
        return UINT32_MAX;
    if (offset < NVME_REGISTER_BYTES)
        return registers_read(nvme, (uint32_t)offset);
    return offset >= nvme->table_offset ? msix_read(nvme, offset) : 0;
}

static void bar_write(struct nvme *nvme, uint64_t offset, uint32_t value)
{
    if (!nvme->memory_enabled)
        return;
    if (offset < NVME_REGISTER_BYTES)
        registers_write(nvme, (uint32_t)offset, value);
    else if (offset >= NVME_REG_DOORBELLS && offset < nvme->doorbell_end)
        queues_doorbell(nvme, offset, value);
    else if (offset >= nvme->table_offset)
        msix_write(nvme, offset, value);
}

static void write_arrived(void *context)
{
    struct nvme_access access = *(struct nvme_access *)context;
    pool_give(&access.nvme->accesses, context);
    bar_write(access.nvme, access.offset, (uint32_t)access.value);
    if (access.bytes == 8)
        bar_write(access.nvme, access.offset + 4, (uint32_t)(access.value >> 32));
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
    access->value = bar_read(nvme, access->offset);
    if (access->bytes == 8)
        access->value |= (uint64_t)bar_read(nvme, access->offset + 4) << 32;
    sim_at(nvme->sim, link_mmio_completion(&nvme->link, sim_now(nvme->sim), access->bytes), answer_arrived, access);
}

static void mmio_write(void *self, uint64_t offset, unsigned bytes, uint64_t value)
{
    struct nvme *nvme = self;
    struct nvme_access *access = pool_take(&nvme->accesses);
    *access = (struct nvme_access){.nvme = nvme, .offset = offset, .value = value, .bytes = bytes};
    sim_at(nvme->sim, link_mmio_write(&nvme->link, sim_now(nvme->sim), bytes), write_arrived, access);
}

static void mmio_read(void *self, uint64_t offset, unsigned bytes, void (*done)(void *context, uint64_t value),
                      void *context)
{
    struct nvme *nvme = self;
    struct nvme_access *access = pool_take(&nvme->accesses);
    *access = (struct nvme_access){.nvme = nvme, .offset = offset, .bytes = bytes, .done = done, .context = context};
    sim_at(nvme->sim, link_mmio_read(&nvme->link, sim_now(nvme->sim)), read_arrived, access);
}

struct pcie_device_port nvme_get_port(struct nvme *nvme)
{
    return (struct pcie_device_port){
        .self = nvme,
        .config_read = config_space_read,
        .config_write = config_space_write,
        .mmio_read = mmio_read,
        .mmio_write = mmio_write,
    };
}

// --- reset ---------------------------------------------------------------------------------------------------------

// Commands, queues and events are forgotten; nothing more happens.
static void halt(struct nvme *nvme)
{
    nvme->epoch++;
    nvme->ready = false;
    nvme->ready_at = TICK_NEVER;
    nvme->fetches = 0;
    nvme->stopped = false;
    commands_reset(nvme);
    busy_leave(nvme, nvme->io_commands);
    queues_reset(nvme);
    events_reset(nvme);
    msix_forget(nvme);
}

void controller_fatal(struct nvme *nvme)
{
    halt(nvme);
    registers_set_fatal(nvme);
}

void controller_reset(struct nvme *nvme)
{
    halt(nvme);
    features_reset(nvme);
    nvme_arbiter_reset(&nvme->arbiter, nvme->features[NVME_FEATURE_ARBITRATION]);
}

// --- creation ------------------------------------------------------------------------------------------------------

static uint64_t page_up(uint64_t bytes)
{
    return (bytes + BAR_PAGE - 1) / BAR_PAGE * BAR_PAGE;
}

static void lay_out_bar(struct nvme *nvme)
{
    const struct nvme_config *config = nvme->config;
    uint64_t doorbells = 2 * ((uint64_t)config->max_queues + 1);
    nvme->doorbell_end = NVME_REG_DOORBELLS + (doorbells << (2 + config->doorbell_stride));
    nvme->table_offset = page_up(nvme->doorbell_end);
    nvme->pba_offset = page_up(nvme->table_offset + (uint64_t)config->msix_vectors * PCI_MSIX_ENTRY_BYTES);
    uint64_t end = nvme->pba_offset + BAR_PAGE;
    for (nvme->bar_bytes = BAR_MIN; nvme->bar_bytes < end;)
        nvme->bar_bytes *= 2;
}

static void create_vectors(struct nvme *nvme)
{
    uint32_t count = nvme->config->msix_vectors;
    nvme->vectors = xcalloc(count, sizeof *nvme->vectors);
    nvme->table = xcalloc(count, PCI_MSIX_ENTRY_BYTES);
    nvme->pending = xcalloc(bitmap_words(count), sizeof *nvme->pending);
    for (uint32_t i = 0; i < count; i++) {
        nvme->vectors[i] = (struct nvme_vector){.nvme = nvme, .index = i};
        nvme->table[4 * i + 3] = PCI_MSIX_ENTRY_MASKED;
    }
}

static void create_processors(struct nvme *nvme)
{
    nvme->clock = clock_from_hz(nvme->config->frequency);
    nvme->t_decode = clock_round_up(nvme->clock, nvme->config->t_decode);
    nvme->t_complete = clock_round_up(nvme->clock, nvme->config->t_complete);
    meter_init(&nvme->processor_meter, nvme->config->processors);
}

static void create_namespace(struct nvme *nvme, uint64_t capacity_bytes)
{
    nvme->lba_shift = (unsigned)__builtin_ctzll(nvme->config->lba_size);
    nvme->blocks = capacity_bytes >> nvme->lba_shift;
    nvme->transfer_max = UINT32_C(1) << (NVME_PAGE_SHIFT_MIN + nvme->config->mdts);
    nvme->available_spare = 100;
}

static void create_pools(struct nvme *nvme)
{
    pool_init(&nvme->dmas, sizeof(struct nvme_dma));
    pool_init(&nvme->fetch_pool, sizeof(struct nvme_fetch));
    pool_init(&nvme->accesses, sizeof(struct nvme_access));
    nvme->scratch = xmalloc(NVME_SCRATCH_BYTES);
}

struct nvme *nvme_create(struct sim *sim, const struct pcie_config *pcie, const struct nvme_config *config,
                         uint64_t capacity_bytes, struct journal *journal)
{
    struct nvme *nvme = xcalloc(1, sizeof *nvme);
    nvme->sim = sim;
    nvme->pcie = pcie;
    nvme->config = config;
    nvme->journal = journal;
    nvme->page_shift = NVME_PAGE_SHIFT_MIN;
    nvme->arbitration = nvme_arbitrations[NVME_AMS_ROUND_ROBIN];
    nvme->sqs = xcalloc(config->max_queues + 1, sizeof *nvme->sqs);
    nvme->cqs = xcalloc(config->max_queues + 1, sizeof *nvme->cqs);
    nvme->errors = xcalloc(config->error_log_entries, sizeof *nvme->errors);
    link_init(&nvme->link, pcie);
    lay_out_bar(nvme);
    create_vectors(nvme);
    create_processors(nvme);
    create_namespace(nvme, capacity_bytes);
    create_pools(nvme);
    commands_create(nvme);
    registers_init(nvme);
    config_space_power_on(nvme);
    controller_reset(nvme);
    return nvme;
}

static void destroy_buffers(struct nvme *nvme)
{
    for (struct list_link *link; (link = list_pop(&nvme->buffers)) != NULL;) {
        struct nvme_buffer *buffer = container_of(link, struct nvme_buffer, link);
        free(buffer->data);
        free(buffer->pages);
        free(buffer);
    }
}

void nvme_destroy(struct nvme *nvme)
{
    if (nvme == NULL)
        return;
    commands_destroy(nvme);
    destroy_buffers(nvme);
    pool_destroy(&nvme->dmas);
    pool_destroy(&nvme->fetch_pool);
    pool_destroy(&nvme->accesses);
    free(nvme->scratch);
    free(nvme->vectors);
    free(nvme->table);
    free(nvme->pending);
    free(nvme->sqs);
    free(nvme->cqs);
    free(nvme->errors);
    free(nvme);
}

void nvme_bind(struct nvme *nvme, struct pcie_host_port host, struct ftl_port core)
{
    nvme->host = host;
    nvme->core = core;
}

void nvme_report_health(struct nvme *nvme, unsigned available_spare_percent, unsigned used_percent)
{
    nvme->available_spare = available_spare_percent;
    nvme->percentage_used = used_percent;
    events_check_health(nvme);
}

// --- what is measured ----------------------------------------------------------------------------------------------

static bool queues_empty(const struct nvme *nvme)
{
    for (uint32_t id = 0; id <= nvme->config->max_queues; id++)
        if (nvme->sqs[id].exists && nvme->sqs[id].tail != nvme->sqs[id].fetched)
            return false;
    return true;
}

bool nvme_idle(const struct nvme *nvme)
{
    return nvme->in_flight == 0 && !nvme->shutting_down && (nvme->stopped || queues_empty(nvme));
}

const struct nvme_stats *nvme_get_stats(struct nvme *nvme)
{
    struct nvme_stats *stats = &nvme->stats;
    stats->tlps_to_host = nvme->link.tlps_up;
    stats->tlps_to_device = nvme->link.tlps_down;
    stats->wire_bytes_to_host = nvme->link.wire_bytes_up;
    stats->wire_bytes_to_device = nvme->link.wire_bytes_down;
    stats->entries_per_fetch = stats->fetches == 0 ? 0 : (double)stats->entries_fetched / (double)stats->fetches;
    return stats;
}

void nvme_stats_restart(struct nvme *nvme, tick_t origin)
{
    nvme->stats = (struct nvme_stats){0};
    link_restart(&nvme->link, origin);
    meter_restart(&nvme->processor_meter, origin);
}

const struct meter *nvme_link_up_meter(const struct nvme *nvme)
{
    return &nvme->link.up_meter;
}

const struct meter *nvme_link_down_meter(const struct nvme *nvme)
{
    return &nvme->link.down_meter;
}

const struct meter *nvme_processor_meter(const struct nvme *nvme)
{
    return &nvme->processor_meter;
}
