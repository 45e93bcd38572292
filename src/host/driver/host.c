// The host as a whole: its life, the device's view of it, and what is true at the end.
#include "host/host.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/driver/contents.h"
#include "host/driver/host_internal.h"
#include "host/driver/layer.h"
#include "host/driver/poll.h"
#include "util/alloc.h"

struct host *host_create(struct sim *sim, const struct host_config *config, const struct pcie_config *pcie,
                         struct command_stats *stats)
{
    struct host *host = xcalloc(1, sizeof *host);
    host->sim = sim;
    host->config = config;
    host->pcie = pcie;
    host->command_stats = stats;
    host->wake_at = TICK_NEVER;
    host->free_of_charge = config->t_submit == 0 && config->t_interrupt == 0 && config->t_complete == 0;
    host->cpus = xcalloc(config->cpus, sizeof *host->cpus);
    for (uint32_t cpu = 0; cpu < config->cpus; cpu++)
        host->cpus[cpu].host = host;
    host->by_cpus = fastdiv_make(config->cpus);
    host->controller = xcalloc(1, sizeof *host->controller);
    pool_init(&host->requests, sizeof(struct host_request));
    memory_init(&host->memory, 4 * MEMORY_PAGE_BYTES + queue_memory_bytes(config));
    host_ring_init(host, &host->admin, ADMIN_ENTRIES);
    host->scratch = memory_allocate(&host->memory, MEMORY_PAGE_BYTES);
    return host;
}

void host_destroy(struct host *host)
{
    if (host == NULL)
        return;
    layer_destroy(host);
    contents_destroy(host);
    queue_destroy_all(host);
    group_destroy_all(host);
    memory_destroy(&host->memory);
    pool_destroy(&host->requests);
    free(host->waits);
    free(host->cpus);
    free(host->controller);
    free(host);
}

// --- the device's view ---------------------------------------------------------------------------------------------
//
// The driver hands out addresses of its memory only: a DMA elsewhere is a bug, of one side or the other.

static bool dma_read(void *self, uint64_t address, void *to, size_t bytes)
{
    struct host *host = self;
    SIM_CHECK(host->sim, "host", memory_read(&host->memory, address, to, bytes),
              "DMA read of %zu bytes at 0x%llx, where no memory is", bytes, (unsigned long long)address);
    return true;
}

static bool dma_write(void *self, uint64_t address, const void *from, size_t bytes)
{
    struct host *host = self;
    SIM_CHECK(host->sim, "host", memory_write(&host->memory, address, from, bytes),
              "DMA write of %zu bytes at 0x%llx, where no memory is", bytes, (unsigned long long)address);
    if (unlikely(host->map.queues[SET_POLL] != 0))
        poll_note_write(host, address);
    return true;
}

// With one vector for all, the admin queue and I/O queue 1 share it, as in Linux.
static bool has_io_completions(const struct host *host)
{
    struct nvme_cqe cqe;
    return host->vectors == 1 && host->state == HOST_RUNNING && host_ring_peek(&host->queues[0].ring, &cqe);
}

static void receive_message(void *self, uint32_t vector, uint64_t address, uint32_t data)
{
    (void)vector; // the data tell
    struct host *host = self;
    SIM_CHECK(host->sim, "host", address == MEMORY_INTERRUPT_BASE, "MSI-X message to 0x%llx, which was not given out",
              (unsigned long long)address);
    if (data == 0)
        bringup_interrupt(host);
    if (data > 0 || has_io_completions(host))
        complete_interrupt(host, MAX(data, 1u));
}

void host_bind(struct host *host, struct pcie_device_port device)
{
    host->device = device;
}

struct pcie_host_port host_get_port(struct host *host)
{
    return (struct pcie_host_port){
        .self = host, .dma_read = dma_read, .dma_write = dma_write, .interrupt = receive_message};
}

// The drive's share of the command's stopwatch.
static void drive_completed(void *self, const struct nvme_completed *completed)
{
    struct host *host = self;
    if (completed->sqid == 0 || completed->sqe->cid >= host->depth)
        return;
    struct host_tag *tag = &host->queues[completed->sqid - 1].tags[completed->sqe->cid];
    tag->path = *completed->path;
    tag->told = true;
}

void host_check_contents(struct host *host)
{
    host->functional = true;
}

void host_explain(struct host *host)
{
    host->waits = xcalloc((size_t)host_config_queues(host->config) + 1, sizeof *host->waits);
}

struct nvme_observer host_get_observer(struct host *host)
{
    return (struct nvme_observer){
        .self = host,
        .waits = host->waits,
        .completed = drive_completed,
    };
}

// --- the run -------------------------------------------------------------------------------------------------------

static void start_bringup(void *context)
{
    struct host *host = context;
    bringup_start(host);
}

void host_start(struct host *host, struct workload *workload, void (*finished)(void *context), void *context)
{
    SIM_CHECK(host->sim, "host", host->state == HOST_OFF && host->device.self != NULL, "started twice or not bound");
    host->state = HOST_BRINGUP;
    host->workload = workload;
    host->finished = finished;
    host->finished_context = context;
    host->stats.bringup_time = sim_now(host->sim);
    sim_after(host->sim, 0, start_bringup, host);
}

static void stop_now(void *context)
{
    struct host *host = context;
    if (host->state == HOST_RUNNING)
        host_pump(host);
    else if (host->state == HOST_BRINGUP)
        host_fail(host, "interrupted before the controller was ready");
}

void host_interrupt_run(struct host *host)
{
    host->stopping = true;
    sim_after(host->sim, 0, stop_now, host);
}

// --- what is true of it --------------------------------------------------------------------------------------------

const char *host_failure(struct host *host)
{
    if (host->state == HOST_OFF || host->state == HOST_FINISHED)
        return NULL;
    if (host->state == HOST_BRINGUP)
        snprintf(host->failure, sizeof host->failure, "the controller never answered: %s", bringup_waits_for(host));
    else if (host->state == HOST_RUNNING)
        snprintf(host->failure, sizeof host->failure, "%llu requests never completed",
                 (unsigned long long)(host->arrived - host->completed));
    return host->failure;
}

const char *host_stopped(const struct host *host)
{
    return host->stopped;
}

void host_check(const struct host *host)
{
    SIM_CHECK(host->sim, "host", host->arrived == host->completed, "%llu requests submitted, %llu completed",
              (unsigned long long)host->arrived, (unsigned long long)host->completed);
    SIM_CHECK(host->sim, "host", host->area == host->latency_sum,
              "Little's law: integral of outstanding requests %.17g ps, sum of latencies %.17g ps", (double)host->area,
              (double)host->latency_sum);
    size_t taken = pool_taken(&host->requests);
    SIM_CHECK(host->sim, "host", taken == 0, "%zu requests were not given back", taken);
    if (host->block != NULL)
        block_check(host->block);
}
