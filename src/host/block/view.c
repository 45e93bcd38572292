// Views. Linux 6.1 block/blk-mq-sysfs.c (cpu_list, nr_tags), block/blk-mq-debugfs.c (the files of hctxN and its cpuN), and the line
// that drivers/nvme/host/pci.c tells when the queues are set up. `dispatched`, `queued`, `merged` and `completed` are files of
// Linux up to 5.15.
#include "host/block/view.h"

#include "host/block/block_internal.h"

static bool serves(const struct block *block, uint32_t queue, uint32_t cpu)
{
    return map_queue(&block->setup.map, block->hardware[queue].set, cpu) == queue;
}

static void print_cpus(const struct block *block, uint32_t queue, FILE *to)
{
    const char *comma = "";
    for (uint32_t cpu = 0; cpu < block->setup.cpus; cpu++)
        if (serves(block, queue, cpu)) {
            fprintf(to, "%s%u", comma, cpu);
            comma = ", ";
        }
    fputc('\n', to);
}

// Queues that are polled have no vector; vector 0 is the admin queue's.
static void print_route(const struct block *block, enum queue_set set, uint32_t cpu, FILE *to)
{
    uint32_t queue = map_queue(&block->setup.map, set, cpu);
    fprintf(to, "%-6u cpu%-11u hctx%-10u %-10u ", cpu, cpu, queue, queue + 1);
    if (set == SET_POLL)
        fprintf(to, "%-8s %s\n", "-", queue_set_names[set]);
    else
        fprintf(to, "%-8u %s\n", queue + 1, queue_set_names[set]);
}

static void print_queue_files(const struct block *block, uint32_t queue, FILE *to)
{
    fprintf(to, "/sys/block/nvme0n1/mq/%u/nr_tags: %u\n", queue, block->hardware[queue].tags.count);
    fprintf(to, "/sys/block/nvme0n1/mq/%u/nr_reserved_tags: 0\n", queue);
    fprintf(to, "/sys/block/nvme0n1/mq/%u/cpu_list: ", queue);
    print_cpus(block, queue, to);
}

void block_print_map(const struct block *block, FILE *to)
{
    const uint32_t *queues = block->setup.map.queues;
    fprintf(to, "nvme0: %u/%u/%u default/read/poll queues\n\n", queues[SET_DEFAULT], queues[SET_READ],
            queues[SET_POLL]);
    fprintf(to, "%-6s %-14s %-14s %-10s %-8s %s\n", "CPU", "software queue", "hardware queue", "nvme queue", "vector",
            "type");
    for (uint32_t cpu = 0; cpu < block->setup.cpus; cpu++)
        for (int set = 0; set < SETS; set++)
            if (queues[set] > 0)
                print_route(block, (enum queue_set)set, cpu, to);
    fputc('\n', to);
    for (uint32_t i = 0; i < block->queue_count; i++)
        print_queue_files(block, i, to);
}

static void print_tags(const char *name, const struct tags *tags, uint32_t waiting, FILE *to)
{
    fprintf(to, "%s: nr_tags=%u nr_reserved_tags=0 busy=%u waiting=%u\n", name, tags->count,
            tags->count - tags->free_count, waiting);
}

static void print_request(const struct block_request *request, FILE *to)
{
    fprintf(to, "  {.op=%s, .sector=%llu, .bytes=%llu, .tag=%d, .internal_tag=%d}\n", io_kind_name(request->kind),
            (unsigned long long)request->offset / 512, (unsigned long long)request->bytes, (int)request->tag,
            (int)request->scheduler_tag);
}

static void print_list(const char *name, const struct request_list *list, FILE *to)
{
    fprintf(to, "%s: %u requests\n", name, list->count);
    for (const struct block_request *request = list->head; request != NULL; request = request->next)
        print_request(request, to);
}

static void print_software_queue(const struct software_queue *software, uint32_t cpu, enum queue_set set, FILE *to)
{
    char name[32];
    snprintf(name, sizeof name, "cpu%u/%s_rq_list", cpu, queue_set_names[set]);
    fprintf(to, "cpu%u/dispatched: %llu\n", cpu, (unsigned long long)software->dispatched);
    fprintf(to, "cpu%u/merged: %llu\n", cpu, (unsigned long long)software->merged);
    fprintf(to, "cpu%u/completed: %llu\n", cpu, (unsigned long long)software->completed);
    print_list(name, &software->lists[set], to);
}

static void print_hardware_queue(const struct block *block, const struct hardware_queue *queue, FILE *to)
{
    bool scheduled = block->scheduling != NULL;
    fprintf(to, "\nhctx%u\ntype: %s\n", queue->index, queue_set_names[queue->set]);
    fprintf(to, "queued: %llu\n", (unsigned long long)queue->queued);
    fprintf(to, "dispatched: %llu\n", (unsigned long long)queue->dispatched);
    fprintf(to, "run: %llu\n", (unsigned long long)queue->runs);
    print_list("dispatch", &queue->dispatch, to);
    print_tags("tags", &queue->tags, scheduled ? 0 : queue->sleeping_count, to);
    if (scheduled)
        print_tags("sched_tags", &queue->scheduler_tags, queue->sleeping_count, to);
    for (uint32_t cpu = 0; cpu < block->setup.cpus; cpu++)
        if (serves(block, queue->index, cpu))
            print_software_queue(&block->software[cpu], cpu, queue->set, to);
}

void block_print_queues(const struct block *block, FILE *to)
{
    fprintf(to, "scheduler: %s\nnr_requests: %u\n", block->scheduler->name, block->setup.requests);
    for (uint32_t i = 0; i < block->queue_count; i++)
        print_hardware_queue(block, &block->hardware[i], to);
}
