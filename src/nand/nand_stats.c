// The back-end's statistics as tables.
#include "nand/nand_stats.h"

#include "util/macros.h"

#define COUNT(group, member, unit_name, text)                                                                      \
    {.name = #member, .type = STAT_COUNT, .offset = offsetof(struct group, member), .unit = unit_name, .help = text}
// One of an array.
#define COUNT_OF(group, title, member, unit_name, text)                                                            \
    {.name = title, .type = STAT_COUNT, .offset = offsetof(struct group, member), .unit = unit_name, .help = text}
#define REAL(group, member, unit_name, text)                                                                       \
    {.name = #member, .type = STAT_REAL, .offset = offsetof(struct group, member), .unit = unit_name, .help = text}

const struct stat_field nand_stat_fields[] = {
    COUNT_OF(nand_stats, "reads", done[NAND_READ], "1", "Read operations done, those of reconstructions included."),
    COUNT_OF(nand_stats, "programs", done[NAND_PROGRAM], "1", "Program operations done."),
    COUNT_OF(nand_stats, "folds", done[NAND_FOLD_ON_DIE], "1",
             "Word lines that dies folded by themselves, from pages in SLC mode; not among reads and programs."),
    COUNT_OF(nand_stats, "erases", done[NAND_ERASE], "1", "Erase operations done, each of all planes of a die."),
    COUNT_OF(nand_stats, "host_reads", done_for[NAND_READ][NAND_FOR_HOST], "1", "Reads for the host."),
    COUNT_OF(nand_stats, "ahead_reads", done_for[NAND_READ][NAND_FOR_AHEAD], "1", "Reads ahead of the host."),
    COUNT_OF(nand_stats, "gc_reads", done_for[NAND_READ][NAND_FOR_GC], "1", "Reads for garbage collection."),
    COUNT_OF(nand_stats, "member_reads", done_for[NAND_READ][NAND_FOR_STRIPE], "1",
             "Reads of stripe members for a reconstruction."),
    COUNT_OF(nand_stats, "host_programs", done_for[NAND_PROGRAM][NAND_FOR_HOST], "1", "Programs for the host."),
    COUNT_OF(nand_stats, "gc_programs", done_for[NAND_PROGRAM][NAND_FOR_GC], "1", "Programs for garbage collection."),
    COUNT_OF(nand_stats, "slc_reads", done_in_slc[NAND_READ], "1", "Reads of blocks in SLC mode."),
    COUNT_OF(nand_stats, "slc_programs", done_in_slc[NAND_PROGRAM], "1", "Programs in SLC mode."),
    COUNT_OF(nand_stats, "slc_erases", done_in_slc[NAND_ERASE], "1", "Erases of blocks in SLC mode."),
    COUNT(nand_stats, multi_plane_reads, "1", "Reads of more than one plane."),
    COUNT(nand_stats, bytes_out, "B", "Bytes read over the channels, parity and repetitions included."),
    COUNT(nand_stats, bytes_in, "B", "Bytes to program over the channels, parity included."),
    COUNT(nand_stats, suspends, "1", "Programs and erases suspended for a host read."),
    COUNT(nand_stats, suspends_refused_limit, "1",
          "Host reads that waited for a program or erase which had been suspended nand.suspend_limit times."),
    COUNT(nand_stats, suspends_refused_total, "1",
          "Host reads that waited for one which had rested for nand.suspend_total."),
    COUNT(nand_stats, suspends_too_late, "1", "Host reads that waited for one which was done sooner than suspended."),
    COUNT(nand_stats, suspends_delayed, "1",
          "Host reads that waited until one had run for nand.suspend_min_run since its last suspension."),
};
const size_t nand_stat_field_count = ARRAY_SIZE(nand_stat_fields);

const struct stat_field ecc_stat_fields[] = {
    COUNT(ecc_stats, codewords, "1", "Codewords decoded, repetitions included."),
    COUNT(ecc_stats, corrected_bits, "1", "Raw bit errors corrected."),
    COUNT(ecc_stats, failed_codewords, "1", "Decodings that failed, at any step."),
    COUNT(ecc_stats, retried_reads, "1", "Reads that took more than one step."),
    COUNT(ecc_stats, retry_steps, "1", "Read-retry steps taken."),
    COUNT(ecc_stats, soft_steps, "1", "Soft-sensing steps taken."),
    REAL(ecc_stats, mean_steps, "1", "Read-retry and soft steps per read."),
    COUNT(ecc_stats, uncorrectable_reads, "1", "Reads that ECC could not recover, before RAID."),
};
const size_t ecc_stat_field_count = ARRAY_SIZE(ecc_stat_fields);

const struct stat_field raid_stat_fields[] = {
    COUNT(raid_stats, reconstructions, "1", "Reads recovered, or tried to, from the other dies of the stripe."),
    COUNT(raid_stats, member_reads, "1", "Reads of stripe members for that."),
    COUNT(raid_stats, failures, "1", "Reconstructions that failed, because a second member had."),
};
const size_t raid_stat_field_count = ARRAY_SIZE(raid_stat_fields);

const struct stat_field wear_stat_fields[] = {
    COUNT(wear_stats, pe_min, "1",
          "Program/erase cycles of the least worn block of a die; cycles in SLC mode count by reliability.slc_wear."),
    REAL(wear_stats, pe_mean, "1", "Program/erase cycles of the blocks, mean."),
    COUNT(wear_stats, pe_max, "1", "Program/erase cycles of the most worn block of a die."),
};
const size_t wear_stat_field_count = ARRAY_SIZE(wear_stat_fields);
