// The host's keys.
#include "host/host_config.h"

#include "util/macros.h"

#define ROW(name, kind, def, low, high, text)                                                                     \
    {                                                                                                             \
        .key = #name, .type = kind, .offset = offsetof(struct host_config, name), .fallback = def, .min = low,    \
        .max = high, .help = text                                                                                 \
    }

const struct config_field host_config_fields[] = {
    ROW(cpus, CONFIG_UINT, "8", "1", "1024", "Processors; a request of CPU n uses queue n modulo the queues."),
    ROW(queues, CONFIG_UINT, "0", "0", "1024",
        "I/O queue pairs to ask the controller for, which may grant fewer; 0: one a CPU (Linux)."),
    ROW(queue_depth, CONFIG_UINT, "1023", "1", "65534",
        "Commands in flight a queue; at most CAP.MQES (Linux 6.1, module parameter io_queue_depth: 1024 entries)."),
    ROW(max_transfer, CONFIG_BYTES, "1280KiB", "4KiB", "4MiB",
        "Largest read, write or write zeroes command; also limited by MDTS (Linux 6.1, BLK_DEF_MAX_SECTORS)."),
    ROW(t_submit, CONFIG_TIME, "0", "0", "1s", "CPU time to submit a request (assumption); 0: none."),
    ROW(t_interrupt, CONFIG_TIME, "0", "0", "1s", "CPU time from an interrupt to its handler (assumption); 0: none."),
    ROW(t_complete, CONFIG_TIME, "0", "0", "1s", "CPU time for each completion queue entry (assumption); 0: none."),
    ROW(think_time, CONFIG_TIME, "0", "0", "1h",
        "Closed loop: time from a completion until the next request, the constant Z of queueing theory."),
};
const size_t host_config_field_count = ARRAY_SIZE(host_config_fields);

int host_config_check(const struct host_config *host, const struct config *config, struct diag *diag)
{
    if (host->queues <= host->cpus)
        return 0;
    diag_error(diag, config_place(config, "host.queues"),
               "%u queues for %u processors: the queues above the number of processors would never be used",
               host->queues, host->cpus);
    return 1;
}
