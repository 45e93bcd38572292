// What the block layer counts of itself.
#ifndef SQTAIL_HOST_BLOCK_BLOCK_STATS_H
#define SQTAIL_HOST_BLOCK_BLOCK_STATS_H

#include "sim/tick.h"
#include "stats/stat.h"

struct block_stats {
    uint64_t bios, requests, issued;
    uint64_t splits;                     // parts that were cut off bios
    uint64_t back_merges, front_merges, discard_merges;
    uint64_t plugs, unplugs_full, unplugs_end, unplugs_sleep;
    uint64_t plugged;                    // requests that went through a plug
    uint64_t tag_waits, throttled;
    uint64_t polls, poll_hits;
    uint64_t flushes, flushes_shared, flushes_needless;
    tick_t plug_time, scheduler_time, tag_time, flush_time, poll_time, poll_sleep, cpu_time; // sums
};

extern const struct stat_field block_stat_fields[];
extern const size_t block_stat_field_count;

#endif
