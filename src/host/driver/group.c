// The loads of a workload that are measured each by itself, beside the whole: several jobs at once.
//
// Each has the time that is its own: from when measuring began, or it began to issue, whichever is later, to its last
// completion, or to where its runtime or another job ended it. Rates are taken over that time. When one that waits for
// others begins is known with its first request.
#include <stdlib.h>

#include "host/driver/host_internal.h"
#include "util/alloc.h"

uint32_t host_group_count(const struct host *host)
{
    return host->groups == NULL ? 0 : host->workload->group_count;
}

static struct workload_group group_of(const struct host *host, uint32_t index)
{
    return host->workload->ops->group(host->workload, index);
}

void group_create_all(struct host *host)
{
    uint32_t count = host->workload->group_count;
    if (count == 0)
        return;
    host->groups = xcalloc(count, sizeof *host->groups);
    for (uint32_t i = 0; i < count; i++) {
        command_stats_init(&host->groups[i].commands);
        if (host->command_stats->explained)
            command_stats_explain(&host->groups[i].commands);
    }
    group_restart_all(host);
}

void group_destroy_all(struct host *host)
{
    for (uint32_t i = 0; i < host_group_count(host); i++)
        command_stats_destroy(&host->groups[i].commands);
    free(host->groups);
    host->groups = NULL;
}

static void restart(struct host_group *group, tick_t origin)
{
    command_stats_restart(&group->commands, origin);
    group->load = (struct host_group_load){.most_in_flight = group->arrived - group->completed};
    group->submitted = group->offered_bytes = 0;
    group->last_arrival = origin;
}

void group_restart_all(struct host *host)
{
    for (uint32_t i = 0; i < host_group_count(host); i++)
        restart(&host->groups[i], MAX(sim_now(host->sim), group_of(host, i).begins));
}

void group_arrived(struct host *host, const struct workload_request *io)
{
    struct host_group *group = &host->groups[io->group];
    if (unlikely(group->commands.origin == TICK_NEVER))
        restart(group, group_of(host, io->group).begins);
    uint64_t outstanding = ++group->arrived - group->completed;
    group->load.most_in_flight = MAX(group->load.most_in_flight, outstanding);
    if (io->ramp)
        return;
    group->submitted++;
    group->load.waiting_at_end = outstanding; // so far this is the last one
    group->last_arrival = sim_now(host->sim);
    group->offered_bytes += io_moves_data(io->kind) ? io->bytes : 0;
}

void group_completed(struct host *host, const struct host_request *request, const struct breakdown *path)
{
    const struct workload_request *io = &request->io;
    struct host_group *group = &host->groups[io->group];
    group->completed++;
    if (!io->ramp)
        command_stats_record(&group->commands, io->kind, io->bytes, request->failed, path);
}

static void finish(struct host_group *group, tick_t until)
{
    tick_t came = MAX(group->last_arrival, until) - group->commands.origin;
    command_stats_extend(&group->commands, until);
    group->load.offered_iops = host_per_second(group->submitted, came);
    group->load.offered_mb_s = host_per_second(group->offered_bytes, came) / 1e6;
}

// A run that was stopped has ended each of them at its last completion.
void group_finish_all(struct host *host)
{
    for (uint32_t i = 0; i < host_group_count(host); i++)
        if (host->groups[i].commands.origin == TICK_NEVER)
            restart(&host->groups[i], sim_now(host->sim)); // it never began
    for (uint32_t i = 0; i < host_group_count(host); i++)
        finish(&host->groups[i], host->state == HOST_FINISHED && !host->stopping ? group_of(host, i).until : 0);
}

struct host_group_result host_get_group(struct host *host, uint32_t index)
{
    struct workload_group group = group_of(host, index);
    struct host_group *measured = &host->groups[index];
    command_stats_settle(&measured->commands);
    return (struct host_group_result){
        .name = group.name,
        .text = group.text,
        .commands = &measured->commands,
        .load = group.open_loop ? &measured->load : NULL,
    };
}
