// What the host measures, from when on, and the rates that came and were done.
#include <math.h>

#include "host/driver/host_internal.h"

void host_on_measure(struct host *host, void (*measure)(void *context, tick_t origin), void *context)
{
    host->measure = measure;
    host->measure_context = context;
}

void host_on_command(struct host *host, void (*done)(void *context, const struct command_record *record), void *context,
                     const tick_t *least)
{
    host->command_done = done;
    host->command_context = context;
    host->command_least = least;
}

void host_tell_command(struct host *host, const struct host_request *request, const struct breakdown *path)
{
    host->command_done(host->command_context, &(struct command_record){
        .number = host->stats.completed,
        .time = request->arrival > host->measured_from ? request->arrival - host->measured_from : 0,
        .queue = request->queue->id,
        .kind = request->io.kind,
        .offset = request->io.offset,
        .bytes = request->io.bytes,
        .path = path,
    });
}

static void restart_stats(struct host *host, tick_t origin)
{
    struct host_stats *stats = &host->stats;
    *stats = (struct host_stats){
        .queues = stats->queues,
        .bringup_time = stats->bringup_time,
        .most_in_flight = host->arrived - host->completed,
    };
    host->measured_from = host->last_arrival = origin;
    host->offered_bytes = 0;
    host->cpu_time = 0;
}

void host_restart_measuring(struct host *host)
{
    tick_t origin = sim_now(host->sim);
    restart_stats(host, origin);
    if (host->block != NULL)
        block_restart_stats(host->block);
    command_stats_restart(host->command_stats, origin);
    group_restart_all(host);
    if (host->measure != NULL)
        host->measure(host->measure_context, origin);
}

uint64_t host_requests_done(const struct host *host)
{
    return workload_requests_done(host->workload, host->stats.completed);
}

// What came within `came`, and what was done within `done`.
static void compute_rates(struct host *host, tick_t came, tick_t done)
{
    struct host_stats *stats = &host->stats;
    struct kind_stats total;
    kind_stats_init(&total);
    command_stats_total(host->command_stats, &total);
    stats->offered_iops = host_per_second(stats->submitted, came);
    stats->offered_mb_s = host_per_second(host->offered_bytes, came) / 1e6;
    stats->served_iops = host_per_second(total.count, done);
    stats->served_mb_s = host_per_second(total.bytes, done) / 1e6;
    kind_stats_destroy(&total);
}

const struct block_stats *host_block_stats(struct host *host)
{
    if (host->block == NULL)
        return NULL;
    host->block_stats = *block_get_stats(host->block);
    host->block_stats.cpu_time = host->cpu_time + host->block_stats.poll_time;
    return &host->block_stats;
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
