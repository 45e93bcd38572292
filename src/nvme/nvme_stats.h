// The front-end's counters, group `nvme` of the results.
#ifndef SQTAIL_NVME_NVME_STATS_H
#define SQTAIL_NVME_NVME_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "stats/stat.h"

struct nvme_stats {
    uint64_t reads, writes, flushes, write_zeroes, dataset_managements, other_commands, admin_commands;
    uint64_t errors_generic, errors_command, errors_media; // completions by status code type
    uint64_t doorbells, invalid_doorbells;
    uint64_t fetches, entries_fetched;
    uint64_t prp_lists;
    uint64_t interrupts, interrupts_coalesced;
    uint64_t completions, completions_delayed;
    uint64_t events;
    uint64_t data_read_bytes, data_written_bytes;
    uint64_t tlps_to_host, tlps_to_device, wire_bytes_to_host, wire_bytes_to_device;
    double entries_per_fetch;
};

extern const struct stat_field nvme_stat_fields[];
extern const size_t nvme_stat_field_count;

#endif
