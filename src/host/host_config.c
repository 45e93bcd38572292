// The host's keys.
#include "host/host_config.h"

#include <stdbool.h>

#include "spec/nvme.h"
#include "host/block/scheduler.h"
#include "util/macros.h"

static const char *const arbitration_names[] = {
    [NVME_AMS_ROUND_ROBIN] = "round_robin",
    [NVME_AMS_WEIGHTED] = "weighted_round_robin",
    NULL,
};

static const char *const polling_names[] = {
    [HOST_POLL_INTERRUPT] = "interrupt",
    [HOST_POLL_POLL] = "poll",
    [HOST_POLL_HYBRID] = "hybrid",
    NULL,
};

#define ROW(name, kind, def, low, high, text, ...)                                                                 \
    {                                                                                                             \
        .key = #name, .type = kind, .offset = offsetof(struct host_config, name), .fallback = def, .min = low,    \
        .max = high, .help = text, ##__VA_ARGS__                                                                  \
    }
#define LAYERED .when = "host.block_layer is true"
#define WEIGHTED .when = "host.arbitration is weighted_round_robin"

const struct config_field host_config_fields[] = {
    ROW(cpus, CONFIG_UINT, "8", "1", "1024", "Processors; a request of CPU n uses queue n modulo the queues."),
    ROW(queues, CONFIG_UINT, "0", "0", "1024",
        "I/O queue pairs to ask the controller for, which may grant fewer; 0: one a CPU (Linux)."),
    ROW(queue_depth, CONFIG_UINT, "1023", "1", "65534",
        "Commands in flight a queue; at most CAP.MQES (Linux 6.1, module parameter io_queue_depth: 1024 entries)."),
    ROW(max_transfer, CONFIG_BYTES, "1280KiB", "4KiB", "4MiB",
        "Largest read, write or write zeroes command; also limited by MDTS (Linux 6.1, BLK_DEF_MAX_SECTORS)."),
    {.key = "namespace", .type = CONFIG_UINT, .offset = offsetof(struct host_config, nsid), .fallback = "1",
     .min = "1", .max = "64", .help = "Identifier of the namespace that all I/O goes to, of those of nvme.namespaces."},
    {.key = "arbitration", .type = CONFIG_CHOICE, .offset = offsetof(struct host_config, arbitration),
     .fallback = "round_robin", .choices = arbitration_names,
     .help = "CC.AMS; Linux 6.1 knows round_robin only, the other one needs nvme.arbitration (NVMe 1.4, 4.13)."},
    ROW(urgent_queues, CONFIG_UINT, "0", "0", "1024",
        "So many queues, from the first on, are of the urgent class.", WEIGHTED),
    ROW(high_queues, CONFIG_UINT, "0", "0", "1024",
        "So many queues after them are of high priority.", WEIGHTED),
    ROW(medium_queues, CONFIG_UINT, "0", "0", "1024",
        "So many queues after them are of medium priority; the rest is of low priority.", WEIGHTED),
    ROW(high_weight, CONFIG_UINT, "1", "1", "256",
        "Commands that the high class may have in its turn (NVMe 1.4, 5.21.1.1).", .when = "host.high_queues is not 0"),
    ROW(medium_weight, CONFIG_UINT, "1", "1", "256", "Commands in the medium class' turn.",
        .when = "host.medium_queues is not 0"),
    ROW(low_weight, CONFIG_UINT, "1", "1", "256", "Commands in the low class' turn.", WEIGHTED),
    ROW(block_layer, CONFIG_BOOL, "false", NULL, NULL,
        "Requests go through a model of Linux's block layer: plugs, merges, splits, tags, flushes."),
    {.key = "scheduler", .type = CONFIG_CHOICE, .offset = offsetof(struct host_config, scheduler),
     .fallback = "none", .choices = block_scheduler_names, .help = "Scheduler of the block layer.", LAYERED},
    ROW(nr_requests, CONFIG_UINT, "0", "0", "65534",
        "Requests of a hardware queue in the block layer; 0: queue_depth, with a scheduler twice that of at most 128.",
        LAYERED),
    ROW(merges, CONFIG_BOOL, "true", NULL, NULL, "Bios may join requests (Linux: nomerges is 0).", LAYERED),
    ROW(plugs, CONFIG_BOOL, "true", NULL, NULL,
        "What a CPU submits at one moment is held in a plug; of recordings theirs hold.", LAYERED),
    ROW(max_segments, CONFIG_UINT, "127", "1", "65535",
        "Pieces of memory a request (Linux 6.1, NVME_MAX_SEGS).", LAYERED),
    ROW(max_discard, CONFIG_BYTES, "4294966784B", "512B", "4294966784B",
        "Largest trim of the block layer (Linux, bio_split_discard: UINT_MAX bytes).", LAYERED),
    ROW(max_discard_segments, CONFIG_UINT, "256", "1", "256",
        "Ranges a trim may get by merging (NVMe: 256).", LAYERED),
    ROW(io_boundary, CONFIG_BYTES, "0", "0", "1GiB",
        "Reads and writes are split at its multiples (Linux: chunk_sectors, NVMe: NOIOB); 0: nowhere.", LAYERED),
    ROW(t_worker, CONFIG_TIME, "0", "0", "1s",
        "Time until a kernel worker runs a queue that was left to it (assumption).", LAYERED),
    ROW(write_queues, CONFIG_UINT, "0", "0", "1024",
        "So many queues more, and reads have a set of queues of their own (Linux: nvme.write_queues).", LAYERED),
    ROW(poll_queues, CONFIG_UINT, "0", "0", "1024",
        "So many queues more, without interrupts, for requests that are polled for (Linux: nvme.poll_queues).", LAYERED),
    {.key = "polling", .type = CONFIG_CHOICE, .offset = offsetof(struct host_config, polling), .fallback = "interrupt",
     .choices = polling_names, .when = "host.block_layer is true, and host.poll_queues is not 0",
     .help = "Reads and writes are waited for by interrupt, or polled for, after half their mean time when hybrid."},
    ROW(t_poll, CONFIG_TIME, "100ns", "0", "1s", "CPU time to look at a completion queue (assumption).",
        .when = "host.polling is poll or hybrid"),
    ROW(t_submit, CONFIG_TIME, "0", "0", "1s", "CPU time to submit a request (assumption); 0: none."),
    ROW(t_interrupt, CONFIG_TIME, "0", "0", "1s", "CPU time from an interrupt to its handler (assumption); 0: none."),
    ROW(t_complete, CONFIG_TIME, "0", "0", "1s", "CPU time for each completion queue entry (assumption); 0: none."),
    ROW(think_time, CONFIG_TIME, "0", "0", "1h",
        "Closed loop: time from a completion until the next request, the constant Z of queueing theory."),
};
const size_t host_config_field_count = ARRAY_SIZE(host_config_fields);

uint32_t host_config_priority(const struct host_config *host, uint32_t id)
{
    uint32_t high = host->urgent_queues + host->high_queues;
    if (id <= host->urgent_queues)
        return NVME_QPRIO_URGENT;
    if (id <= high)
        return NVME_QPRIO_HIGH;
    return id <= high + host->medium_queues ? NVME_QPRIO_MEDIUM : NVME_QPRIO_LOW;
}

static int check_queues(const struct host_config *host, const struct config *config, struct diag *diag)
{
    if (host->queues <= host->cpus)
        return 0;
    CONFIG_ERROR(config, diag, "host.queues",
                 "%u queues for %u processors: the queues above the number of processors would never be used",
                 host->queues, host->cpus);
    return 1;
}

static int check_classes(const struct host_config *host, const struct config *config, struct diag *diag)
{
    uint32_t named = host->urgent_queues + host->high_queues + host->medium_queues;
    if (named <= host_config_queues(host))
        return 0;
    CONFIG_ERROR(config, diag, "host.arbitration",
                 "the urgent, high and medium classes have %u queues together; there are %u", named,
                 host_config_queues(host));
    return 1;
}

int host_config_check(const struct host_config *host, const struct config *config, struct diag *diag)
{
    bool weighted = host->arbitration == NVME_AMS_WEIGHTED;
    return check_queues(host, config, diag) + (weighted ? check_classes(host, config, diag) : 0);
}
