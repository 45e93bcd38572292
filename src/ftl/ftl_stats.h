// What the core counts.
#ifndef SQTAIL_FTL_FTL_STATS_H
#define SQTAIL_FTL_FTL_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "sim/tick.h"
#include "stats/stat.h"

struct ftl_stats {
    uint64_t host_units_read;
    uint64_t host_units_written;
    uint64_t buffer_hits;
    uint64_t unmapped_reads;
    uint64_t joined_reads;
    uint64_t ahead_units;
    uint64_t ahead_used;
    uint64_t ahead_waits;
    uint64_t ahead_useless;
    uint64_t ahead_refused;
    uint64_t buffer_merges;
    uint64_t buffer_waits;
    uint64_t host_units_programmed;
    uint64_t gc_copies;
    uint64_t gc_victims;
    uint64_t gc_reads;
    uint64_t gc_memory_waits;
    tick_t gc_active_time;
    uint64_t gc_urgent_stalls;
    tick_t gc_urgent_time;
    uint64_t gc_paced_waits;
    tick_t gc_paced_time;
    uint64_t erased_superblocks;
    uint64_t slc_written;
    uint64_t slc_folded;
    uint64_t slc_folded_on_die;
    uint64_t slc_overflows;
    uint64_t slc_waits;
    tick_t slc_wait_time;
    uint64_t padding_units;
    uint64_t parity_programs;
    uint64_t rmw_reads;
    uint64_t trimmed_units;
    uint64_t flushes;
    uint64_t unrecovered_reads;
    uint64_t lost_units;
    uint64_t firmware_waits;
    uint64_t firmware_yields;
    uint64_t firmware_overdue;
    // state at the moment of asking
    double write_amplification;
    double padding_share;
    uint64_t superblocks;
    uint64_t free_superblocks;
    uint64_t slc_superblocks;
    uint64_t gc_headroom_bytes;
    uint64_t mapped_units;
    uint64_t user_units;
    uint64_t pe_cycles_min;
    uint64_t pe_cycles_max;
};

extern const struct stat_field ftl_stat_fields[];
extern const size_t ftl_stat_field_count;

#endif
