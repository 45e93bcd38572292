// The table of the core's statistics, and what is computed from the counters.
#include "ftl/ftl_stats.h"

#include <stddef.h>

#include "ftl/ftl_internal.h"

#define ROW(name, type, unit, help) {#name, STAT_##type, offsetof(struct ftl_stats, name), unit, help}

const struct stat_field ftl_stat_fields[] = {
    ROW(host_units_read, COUNT, "units", "Mapping units that host reads touched."),
    ROW(host_units_written, COUNT, "units", "Mapping units that host writes put into the write buffer."),
    ROW(buffer_hits, COUNT, "units", "Units read from the write buffer."),
    ROW(unmapped_reads, COUNT, "units", "Units read that hold no data: zeroes without NAND."),
    ROW(joined_reads, COUNT, "1", "Reads done with another of the same page that waited for its die."),
    ROW(ahead_units, COUNT, "units", "Units read ahead of the host."),
    ROW(ahead_used, COUNT, "units", "Of these, units that the host has read."),
    ROW(ahead_waits, COUNT, "1", "Times that a host read had to wait for what was being read ahead."),
    ROW(ahead_useless, COUNT, "units", "Units read ahead that were given up unread."),
    ROW(ahead_refused, COUNT, "1", "Times that memory was too full to read on ahead."),
    ROW(buffer_merges, COUNT, "units", "Units that took the place of an older buffered version."),
    ROW(buffer_waits, COUNT, "requests", "Writes that found too little room in the write buffer."),
    ROW(host_units_programmed, COUNT, "units", "Units of host data sent to the flash."),
    ROW(gc_copies, COUNT, "units", "Units that garbage collection sent to the flash."),
    ROW(gc_victims, COUNT, "superblocks", "Superblocks chosen for collection."),
    ROW(gc_reads, COUNT, "operations", "NAND reads of multi-plane pages by garbage collection."),
    ROW(gc_memory_waits, COUNT, "1", "Times that copies had to wait for memory."),
    ROW(gc_active_time, TIME, "us", "Time in which collection was on: after gc_start was passed and until gc_stop."),
    ROW(gc_urgent_stalls, COUNT, "1", "Times that host programs had to wait for a free superblock."),
    ROW(gc_urgent_time, TIME, "us", "Time in which host programs waited for a free superblock."),
    ROW(gc_paced_waits, COUNT, "1", "Times that host programs were held back for copies to keep pace."),
    ROW(gc_paced_time, TIME, "us", "Time in which host programs were held back for copies to keep pace."),
    ROW(erased_superblocks, COUNT, "superblocks", "Superblocks erased."),
    ROW(slc_written, COUNT, "units", "Units of host data sent to the SLC cache, among those programmed."),
    ROW(slc_folded, COUNT, "units", "Units moved from the SLC cache to native superblocks."),
    ROW(slc_folded_on_die, COUNT, "units", "Of these, units that dies moved by themselves; the others were copied."),
    ROW(slc_overflows, COUNT, "1", "Times that host data began to go past the SLC cache, because it was full."),
    ROW(slc_waits, COUNT, "1", "Times that host programs had to wait for the SLC cache to be folded."),
    ROW(slc_wait_time, TIME, "us", "Time in which host programs waited for the SLC cache to be folded."),
    ROW(padding_units, COUNT, "units", "Units of padding in program units sent before they were full."),
    ROW(parity_programs, COUNT, "operations", "Program units of RAID parity."),
    ROW(rmw_reads, COUNT, "operations", "NAND reads to complete partly written units."),
    ROW(trimmed_units, COUNT, "units", "Mapped units that trims and zero-writes unmapped."),
    ROW(flushes, COUNT, "requests", "Flush requests."),
    ROW(unrecovered_reads, COUNT, "requests", "Host reads that ended with an unrecovered read error."),
    ROW(lost_units, COUNT, "units", "Units that garbage collection could not read and copied as bad data."),
    ROW(firmware_waits, COUNT, "1", "Background work of the firmware that waited for an idle processor."),
    ROW(firmware_yields, COUNT, "1", "Times that firmware work gave way after a slice."),
    ROW(firmware_overdue, COUNT, "1", "Times that firmware work had waited for background_bound."),
    ROW(write_amplification, REAL, "1",
        "Units programmed (host, copies, folded, padding; not parity) a host unit that left the write buffer."),
    ROW(padding_share, REAL, "1", "Padding among the units programmed (host, copies, folded, padding; not parity)."),
    ROW(superblocks, COUNT, "superblocks", "Superblocks of the drive."),
    ROW(free_superblocks, COUNT, "superblocks", "Superblocks free at the end."),
    ROW(slc_superblocks, COUNT, "superblocks", "Superblocks of the SLC cache in use at the end."),
    ROW(gc_headroom_bytes, COUNT, "bytes", "Writes that the drive takes from the end on until collection starts."),
    ROW(mapped_units, COUNT, "units", "Units that hold data at the end."),
    ROW(user_units, COUNT, "units", "Units of the drive's capacity."),
    ROW(pe_cycles_min, COUNT, "1", "Erasures of the least worn superblock, those before the start among them."),
    ROW(pe_cycles_max, COUNT, "1", "Erasures of the most worn superblock, those before the start among them."),
};
const size_t ftl_stat_field_count = ARRAY_SIZE(ftl_stat_fields);

static void compute_wear(struct ftl *ftl)
{
    struct ftl_stats *stats = &ftl->base.stats;
    stats->pe_cycles_min = UINT64_MAX;
    stats->pe_cycles_max = 0;
    for (uint32_t s = 0; s < ftl->base.geometry.blocks; s++) {
        uint64_t cycles = ftl->space.superblocks[s].pe_cycles;
        stats->pe_cycles_min = MIN(stats->pe_cycles_min, cycles);
        stats->pe_cycles_max = MAX(stats->pe_cycles_max, cycles);
    }
}

static uint64_t units_programmed(const struct ftl_stats *stats)
{
    return stats->host_units_programmed + stats->gc_copies + stats->slc_folded + stats->padding_units;
}

// What stays in the buffer, at the window's start or end, is in neither number, so the ratio holds for a window of any
// length.
static double amplification(const struct ftl_stats *stats)
{
    uint64_t programmed = units_programmed(stats);
    uint64_t left_the_buffer = stats->host_units_programmed + stats->buffer_merges;
    return left_the_buffer == 0 ? 0 : (double)programmed / (double)left_the_buffer;
}

const struct ftl_stats *ftl_get_stats(struct ftl *ftl)
{
    struct ftl_stats *stats = &ftl->base.stats;
    pace_count_time(&ftl->pace);
    stats->firmware_waits = ftl->base.firmware.stats.waits;
    stats->firmware_yields = ftl->base.firmware.stats.yields;
    stats->firmware_overdue = ftl->base.firmware.stats.overdue;
    uint64_t programmed = units_programmed(stats);
    stats->write_amplification = amplification(stats);
    stats->padding_share = programmed == 0 ? 0 : (double)stats->padding_units / (double)programmed;
    stats->superblocks = ftl->base.geometry.blocks;
    stats->free_superblocks = ftl->space.free_count;
    stats->slc_superblocks = ftl->space.slc.count;
    stats->gc_headroom_bytes = pace_headroom(&ftl->pace) << ftl->base.unit_shift;
    stats->mapped_units = ftl->map.mapped;
    stats->user_units = ftl->map.lpns;
    compute_wear(ftl);
    return stats;
}

void ftl_stats_restart(struct ftl *ftl, tick_t origin)
{
    ftl->base.stats = (struct ftl_stats){0};
    ftl->pace.counted = MAX(ftl->pace.counted, origin);
    ftl->base.firmware.stats = (struct firmware_stats){0};
    meter_restart(&ftl->base.firmware.meter, origin);
}
