// The host as a whole: its life, the workload it plays, and what is true at the end.
//
// A request exists from its arrival, which the workload sets, to its completion. Little's law is kept as two sums
// that are computed differently: the integral over time of the number outstanding, and the latencies.
#include "host/host.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/host_internal.h"
#include "trace/trace.h"
#include "util/alloc.h"

struct journal *host_journal_create(const struct host_config *config)
{
    return journal_create(host_config_queues(config) + 1, MAX(config->queue_depth, ADMIN_ENTRIES));
}

struct host *host_create(struct sim *sim, const struct host_config *config, const struct pcie_config *pcie,
                         struct journal *journal, struct command_stats *stats)
{
    SIM_CHECK(sim, "host",
              journal->queue_count > host_config_queues(config) && journal->command_count >= config->queue_depth &&
                  journal->command_count >= ADMIN_ENTRIES,
              "the journal is too small for the host's queues");
    struct host *host = xcalloc(1, sizeof *host);
    host->sim = sim;
    host->config = config;
    host->pcie = pcie;
    host->journal = journal;
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
    queue_destroy_all(host);
    memory_destroy(&host->memory);
    pool_destroy(&host->requests);
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
    return true;
}

// With one vector for all, the admin queue and I/O queue 1 share it, as in Linux.
static bool has_io_completions(const struct host *host)
{
    struct nvme_cqe cqe;
    return host->vectors == 1 && host->state == HOST_RUNNING && host_ring_peek(&host->queues[0].ring, &cqe);
}

static void receive_message(void *self, uint64_t address, uint32_t data)
{
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
        .self = host, .dma_read = dma_read, .dma_write = dma_write, .msi = receive_message};
}

// --- measuring -----------------------------------------------------------------------------------------------------

void host_on_measure(struct host *host, void (*measure)(void *context, tick_t origin), void *context)
{
    host->measure = measure;
    host->measure_context = context;
}

void host_stats_restart(struct host *host, tick_t origin)
{
    struct host_stats *stats = &host->stats;
    *stats = (struct host_stats){
        .queues = stats->queues,
        .bringup_time = stats->bringup_time,
        .most_in_flight = host->arrived - host->completed,
    };
    host->measured_from = host->last_arrival = origin;
    host->offered_bytes = 0;
}

static void restart_measuring(struct host *host)
{
    tick_t origin = sim_now(host->sim);
    host_stats_restart(host, origin);
    command_stats_restart(host->command_stats, origin);
    if (host->measure != NULL)
        host->measure(host->measure_context, origin);
}

static void end_ramp(struct host *host)
{
    host->ramping = false;
    restart_measuring(host);
}

static void ramp_time_over(void *context)
{
    struct host *host = context;
    if (host->state != HOST_RUNNING)
        return;
    end_ramp(host);
    host_pump(host);
}

// The event is scheduled before any other of the workload, and so runs before all that happens in its tick.
static void start_ramp(struct host *host)
{
    tick_t end = workload_ramp_end(host->workload);
    host->ramping = end > sim_now(host->sim);
    if (host->ramping && end != TICK_NEVER)
        sim_at(host->sim, end, ramp_time_over, host);
}

// --- the run -------------------------------------------------------------------------------------------------------

static void finish(struct host *host, enum host_state state)
{
    host->state = state;
    if (state == HOST_FINISHED && !host->stopping)
        host->until = workload_until(host->workload);
    command_stats_extend(host->command_stats, host->until);
    host->finished(host->finished_context);
}

void host_fail(struct host *host, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(host->failure, sizeof host->failure, format, arguments);
    va_end(arguments);
    finish(host, HOST_FAILED);
}

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

void host_begin(struct host *host)
{
    tick_t now = sim_now(host->sim);
    queue_set_limits(host);
    host->stats.bringup_time = now - host->stats.bringup_time;
    host->state = HOST_RUNNING;
    host->area_at = now;
    restart_measuring(host);
    host->workload->ops->start(host->workload, &(struct workload_start){
        .now = now,
        .think_time = host->config->think_time,
        .seed = sim_seed(host->sim),
        .drive = {.capacity_bytes = host->capacity_bytes, .block_bytes = host_block_bytes(host)},
    });
    start_ramp(host);
    host_pump(host);
}

static inline void account(struct host *host)
{
    tick_t now = sim_now(host->sim);
    host->area += (tick_sum_t)(host->arrived - host->completed) * (now - host->area_at);
    host->area_at = now;
}

static void submit_first(void *context)
{
    struct host_cpu *cpu = context;
    struct host_request *request = container_of(list_pop(&cpu->submitting), struct host_request, link);
    if (!list_empty(&cpu->submitting))
        sim_at(cpu->host->sim, container_of(cpu->submitting.head, struct host_request, link)->submitted, submit_first,
               cpu);
    queue_add_request(cpu->host, request);
    queue_ring_doorbells(cpu->host);
}

// However many requests wait for a CPU, it has one event.
static void submit_later(struct host *host, struct host_request *request)
{
    uint32_t index;
    fastdiv_split(request->io.cpu, &host->by_cpus, &index);
    struct host_cpu *cpu = &host->cpus[index];
    request->submitted = host_cpu_reserve(host, index, host->config->t_submit);
    if (list_empty(&cpu->submitting))
        sim_at(host->sim, request->submitted, submit_first, cpu);
    list_push(&cpu->submitting, &request->link);
}

static void submit(struct host *host, struct host_request *request)
{
    uint32_t queue;
    fastdiv_split(request->io.cpu, &host->by_queues, &queue);
    request->queue = &host->queues[queue];
    if (host->free_of_charge)
        queue_add_request(host, request);
    else
        submit_later(host, request);
}

static inline void count_arrival(struct host *host, const struct workload_request *io)
{
    struct host_stats *stats = &host->stats;
    uint64_t outstanding = host->arrived - host->completed;
    stats->most_in_flight = MAX(stats->most_in_flight, outstanding);
    if (unlikely(io->ramp))
        return;
    stats->submitted++;
    stats->waiting_at_end = outstanding; // so far this is the last one
    host->last_arrival = sim_now(host->sim);
    host->offered_bytes += io_moves_data(io->kind) ? io->bytes : 0;
}

static inline bool fits(const struct host *host, uint64_t offset, uint64_t bytes)
{
    return offset <= host->capacity_bytes && bytes <= host->capacity_bytes - offset;
}

static bool ranges_fit(const struct host *host, const struct workload_request *io)
{
    for (uint32_t i = 0; i < io->range_count; i++)
        if (!fits(host, io->ranges[i].offset, io->ranges[i].bytes))
            return false;
    return true;
}

static void take_request(struct host *host)
{
    tick_t now = sim_now(host->sim);
    struct host_request *request = pool_take(&host->requests);
    request->io = (struct workload_request){.recorded_ns = TRACE_LATENCY_UNKNOWN};
    host->workload->ops->next(host->workload, now, &request->io);
    request->io.kind = io_kind_with_fua(request->io.kind, request->io.fua);
    const struct workload_request *io = &request->io;
    SIM_CHECK(host->sim, "host", io->range_count == 0 ? fits(host, io->offset, io->bytes) : ranges_fit(host, io),
              "a request for bytes %llu + %llu is beyond the capacity", (unsigned long long)io->offset,
              (unsigned long long)io->bytes);
    request->arrival = now;
    request->position = request->io.offset;
    request->left = request->io.bytes;
    request->open = 0;
    request->preflush = request->io.preflush && (host->controller->vwc & 1) != 0;
    request->sent = false;
    request->failed = false;
    if (unlikely(host->ramping && !request->io.ramp))
        end_ramp(host);
    account(host);
    host->arrived++;
    count_arrival(host, &request->io);
    submit(host, request);
}

static void wake(void *context)
{
    struct host *host = context;
    if (host->wake_at == sim_now(host->sim))
        host->wake_at = TICK_NEVER;
    if (host->state == HOST_RUNNING)
        host_pump(host);
}

static void take_due_requests(struct host *host)
{
    const struct workload_ops *ops = host->workload->ops;
    tick_t now = sim_now(host->sim), next;
    while ((next = ops->arrival(host->workload, now)) <= now)
        take_request(host);
    host->exhausted = next == TICK_NEVER;
    if (next >= host->wake_at)
        return;
    host->wake_at = next;
    sim_at(host->sim, next, wake, host);
}

void host_pump(struct host *host)
{
    if (!host->stopping)
        take_due_requests(host);
    queue_ring_doorbells(host);
    bool over = host->stopping || (host->exhausted && !host->ramping);
    if (over && host_idle(host) && host->state == HOST_RUNNING)
        finish(host, HOST_FINISHED);
}

static inline void record(struct host *host, const struct host_request *request, const struct breakdown *path)
{
    const struct workload_request *io = &request->io;
    if (unlikely(io->ramp)) {
        command_stats_check(io->kind, path);
        return;
    }
    host->stats.completed++;
    host->stats.failed += request->failed;
    command_stats_record(host->command_stats, io->kind, io->bytes, request->failed, path);
    if (io->recorded_ns != TRACE_LATENCY_UNKNOWN)
        command_stats_record_recorded(host->command_stats, io->kind, io->recorded_ns);
}

// A request took no time. Where all do, on a drive whose commands cost nothing, time stands still, and a workload that
// goes on until some time has passed would never end.
static void note_standstill(struct host *host, tick_t now)
{
    enum { STANDSTILL = 1 << 20 };
    if (host->standing_at != now)
        host->standing = 0;
    host->standing_at = now;
    bool ramp_by_time = host->ramping && workload_ramp_end(host->workload) != TICK_NEVER;
    bool waits = ramp_by_time || workload_request_count(host->workload) == 0;
    if (++host->standing < STANDSTILL || !waits || host->stopping)
        return;
    host->stopping = true;
    host->stopped = "simulated time stands still: a million requests in a row took none of it, so that a runtime or "
                    "ramp_time never passes; give number_ios or ramp_ios instead, or the drive a cost";
}

void host_finish_request(struct host *host, struct host_request *request, const struct breakdown *path)
{
    tick_t now = sim_now(host->sim);
    account(host);
    host->completed++;
    host->latency_sum += now - request->arrival;
    if (unlikely(now == request->arrival))
        note_standstill(host, now);
    record(host, request, path);
    if (host->workload->ops->completed != NULL)
        host->workload->ops->completed(host->workload, now, &request->io);
    pool_give(&host->requests, request);
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

bool host_idle(const struct host *host)
{
    return host->arrived == host->completed;
}

uint64_t host_capacity_bytes(const struct host *host)
{
    return host->capacity_bytes;
}

uint32_t host_block_bytes(const struct host *host)
{
    return host->capacity_bytes == 0 ? 0 : UINT32_C(1) << host->block_shift;
}

uint64_t host_requests_done(const struct host *host)
{
    return workload_requests_done(host->workload, host->stats.completed);
}

static double per_second(uint64_t count, tick_t time)
{
    return time == 0 ? NAN : (double)count * TICKS_PER_S / (double)time;
}

// What came within `came`, and what was done within `done`.
static void compute_rates(struct host *host, tick_t came, tick_t done)
{
    struct host_stats *stats = &host->stats;
    struct kind_stats total;
    kind_stats_init(&total);
    command_stats_total(host->command_stats, &total);
    stats->offered_iops = per_second(stats->submitted, came);
    stats->offered_mb_s = per_second(host->offered_bytes, came) / 1e6;
    stats->served_iops = per_second(total.count, done);
    stats->served_mb_s = per_second(total.bytes, done) / 1e6;
    kind_stats_destroy(&total);
}

const struct host_stats *host_get_stats(struct host *host)
{
    struct host_stats *stats = &host->stats;
    tick_t came = MAX(host->last_arrival, host->until), done = MAX(host->command_stats->end, came);
    stats->late = done - came;
    stats->offered_iops = stats->offered_mb_s = stats->served_iops = stats->served_mb_s = NAN;
    if (host->workload != NULL && host->workload->open_loop)
        compute_rates(host, came - host->measured_from, done - host->measured_from);
    return stats;
}

void host_check(const struct host *host)
{
    SIM_CHECK(host->sim, "host", host->arrived == host->completed, "%llu requests submitted, %llu completed",
              (unsigned long long)host->arrived, (unsigned long long)host->completed);
    SIM_CHECK(host->sim, "host", host->area == host->latency_sum,
              "Little's law: integral of outstanding requests %.17g ps, sum of latencies %.17g ps", (double)host->area,
              (double)host->latency_sum);
    SIM_CHECK(host->sim, "host", host->requests.taken == 0, "%zu requests were not given back", host->requests.taken);
}
