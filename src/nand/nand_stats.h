// What the back-end counts.
#ifndef SQTAIL_NAND_NAND_STATS_H
#define SQTAIL_NAND_NAND_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "nand/nand.h"
#include "stats/stat.h"

struct nand_stats {
    uint64_t done[NAND_KIND_COUNT];                     // operations
    uint64_t done_for[NAND_KIND_COUNT][NAND_TAG_COUNT]; // of those
    uint64_t done_in_slc[NAND_KIND_COUNT];              // of those: at blocks in SLC mode
    uint64_t multi_plane_reads; // of more than one plane
    uint64_t bytes_out, bytes_in;
    uint64_t suspends;
    uint64_t suspends_refused_limit, suspends_refused_total, suspends_too_late, suspends_delayed;
};

struct ecc_stats {
    uint64_t codewords, corrected_bits;
    uint64_t failed_codewords; // decodings that failed, at whatever step
    uint64_t retried_reads, retry_steps, soft_steps;
    double mean_steps; // further steps / reads
    uint64_t uncorrectable_reads; // left over after the last step
};

struct raid_stats {
    uint64_t reconstructions, member_reads, failures;
};

struct wear_stats {
    uint64_t pe_min, pe_max;
    double pe_mean;
};

extern const struct stat_field nand_stat_fields[], ecc_stat_fields[], raid_stat_fields[], wear_stat_fields[];
extern const size_t nand_stat_field_count, ecc_stat_field_count, raid_stat_field_count, wear_stat_field_count;

#endif
