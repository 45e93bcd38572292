// The workload is played: requests arrive, go to their queues, and end.
//
// A request exists from its arrival, which the workload sets, to its completion. Little's law is kept as two sums
// that are computed differently: the integral over time of the number outstanding, and the latencies.
#include <stdarg.h>
#include <stdio.h>

#include "host/driver/contents.h"
#include "host/driver/host_internal.h"
#include "host/driver/layer.h"
#include "trace/trace.h"

// --- beginning and end ---------------------------------------------------------------------------------------------

static void end_ramp(struct host *host)
{
    host->ramping = false;
    host_restart_measuring(host);
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

static void finish(struct host *host, enum host_state state)
{
    host->state = state;
    if (state == HOST_FINISHED && !host->stopping)
        host->until = workload_until(host->workload);
    command_stats_extend(host->command_stats, host->until);
    group_finish_all(host);
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

// Of a bio that needed no command no interrupt tells.
static void finish_bio(struct host *host, struct host_request *request, const struct breakdown *path)
{
    host_finish_request(host, request, path);
    if (host->completing == NULL)
        host_pump(host);
}

void host_begin(struct host *host)
{
    tick_t now = sim_now(host->sim);
    queue_set_limits(host);
    if (host->functional)
        contents_create(host);
    if (host->config->block_layer)
        layer_create(host, finish_bio);
    host->stats.bringup_time = now - host->stats.bringup_time;
    host->state = HOST_RUNNING;
    host->area_at = now;
    host_restart_measuring(host);
    host->workload->ops->start(host->workload, &(struct workload_start){
        .now = now,
        .think_time = host->config->think_time,
        .seed = sim_seed(host->sim),
        .drive = {.capacity_bytes = host->capacity_bytes, .block_bytes = host_block_bytes(host)},
    });
    group_create_all(host);
    start_ramp(host);
    host_pump(host);
}

// --- requests -----------------------------------------------------------------------------------------------------

static inline void account(struct host *host)
{
    tick_t now = sim_now(host->sim);
    host->area += (tick_sum_t)(host->arrived - host->completed) * (now - host->area_at);
    host->area_at = now;
}

static inline void add_request(struct host *host, struct host_request *request)
{
    if (unlikely(host->block != NULL))
        layer_add_request(host, request);
    else
        queue_add_request(host, request);
}

static void submit_first(void *context)
{
    struct host_cpu *cpu = context;
    struct host_request *request = container_of(list_pop(&cpu->submitting), struct host_request, link);
    if (!list_empty(&cpu->submitting))
        sim_at(cpu->host->sim, container_of(cpu->submitting.head, struct host_request, link)->submitted, submit_first,
               cpu);
    add_request(cpu->host, request);
    if (cpu->host->block != NULL && list_empty(&cpu->submitting))
        layer_rest(cpu->host);
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
        add_request(host, request);
    else
        submit_later(host, request);
}

static inline void count_arrival(struct host *host, const struct workload_request *io)
{
    struct host_stats *stats = &host->stats;
    uint64_t outstanding = host->arrived - host->completed;
    stats->most_in_flight = MAX(stats->most_in_flight, outstanding);
    if (unlikely(host->groups != NULL))
        group_arrived(host, io);
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
    if (unlikely(host->block != NULL) && host->free_of_charge)
        layer_rest(host);
    queue_ring_doorbells(host);
    bool by_count = host->ramping && workload_ramp_end(host->workload) == TICK_NEVER; // no time will end its ramp
    bool over = host->stopping || (host->exhausted && (!host->ramping || by_count));
    if (over && host_idle(host) && host->state == HOST_RUNNING)
        finish(host, HOST_FINISHED);
}

static inline void record(struct host *host, const struct host_request *request, const struct breakdown *path)
{
    const struct workload_request *io = &request->io;
    if (unlikely(host->groups != NULL))
        group_completed(host, request, path);
    if (unlikely(io->ramp)) {
        command_stats_check(io->kind, path);
        return;
    }
    host->stats.completed++;
    host->stats.failed += request->failed;
    command_stats_record(host->command_stats, io->kind, io->bytes, request->failed, path);
    if (host->command_stats->places != NULL && io->kind != IO_FLUSH)
        places_add(host->command_stats->places, io->kind, io->offset, request->arrival);
    if (host->command_done != NULL && path->changed - path->start >= *host->command_least)
        host_tell_command(host, request, path);
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

// --- what is true of it --------------------------------------------------------------------------------------------

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
