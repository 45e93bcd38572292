// The configuration keys of the core, and the arithmetic of capacity.
//
// Capacity. Of the T units of the flash that are not RAID parity the user gets U. Over-provisioning is the spare over
// the user's share, OP = T / U - 1 (not the spare factor 1 - U / T: 7 % of the one is 6.5 % of the other). Free
// superblocks that the core keeps are taken from the spare.
#include "ftl/ftl_config.h"

#include <stddef.h>

#include "ftl/ftl_internal.h"
#include "util/macros.h"

#define POLICY_NAME(id, name) #name,
static const char *const alloc_names[] = {FTL_ALLOC_LIST(POLICY_NAME) NULL};
static const char *const place_names[] = {FTL_PLACE_LIST(POLICY_NAME) NULL};
static const char *const gc_names[] = {FTL_GC_LIST(POLICY_NAME) NULL};
static const char *const destage_names[] = {FTL_DESTAGE_LIST(POLICY_NAME) NULL};
static const char *const erase_names[] = {"at_once", "die_by_die", "before_program", NULL};
static const char *const striping_names[] = {"off", "plane_first", "plane_between", "plane_last", NULL};
static const char *const slc_full_names[] = {"direct", "wait", NULL};
static const char *const slc_fold_names[] = {"copy", "on_die", NULL};
static const char *const precondition_names[] = {"empty", "sequential", "random", NULL};
static const char *const verify_names[] = {"off", "versions", NULL};

#define KEY(name, kind, initial, low, high, text, ...)                                                             \
    {.key = #name, .type = CONFIG_##kind, .offset = offsetof(struct ftl_config, name), .fallback = initial,       \
     .min = low, .max = high, .help = text, ##__VA_ARGS__}
#define CHOICE(name, initial, names, text, ...)                                                                    \
    {.key = #name, .type = CONFIG_CHOICE, .offset = offsetof(struct ftl_config, name), .fallback = initial,       \
     .choices = names, .help = text, ##__VA_ARGS__}
#define TIME(name, text) KEY(name, TIME, "0", "0", "1s", text)

#define CACHED "ftl.write_buffer is not 0 and ftl.write_through is false"
#define COMMANDS_WORK                                                                                              \
    "ftl.t_read is not 0 or ftl.t_read_unit is not 0 or ftl.t_write is not 0 or ftl.t_write_unit is not 0 "        \
    "or ftl.t_trim is not 0 or ftl.t_trim_unit is not 0 or ftl.t_flush is not 0"
#define SLC "ftl.placement is slc"
#define FIRMWARE_WORKS COMMANDS_WORK " or ftl.t_gc_unit is not 0"

const struct config_field ftl_config_fields[] = {
    KEY(mapping_unit, BYTES, "4KiB", "512B", "64KiB",
        "Bytes that one entry of the page map stands for; a power of two that divides the NAND page."),
    KEY(over_provisioning, RATIO, "7%", "0.1%", "1000%",
        "Spare over user capacity, OP = T/U - 1 with T the flash less RAID parity; takes the place of a capacity given "
        "before, as by the file that a --set is for.",
        .when = "ftl.capacity is 0", .instead_of = "ftl.capacity"),
    KEY(capacity, BYTES, "0", "0", "256TiB", "User capacity; 0: from over_provisioning."),
    KEY(write_buffer, SIZE_OR_SHARE, "4MiB", "0", "64GiB",
        "Data that writes may leave in the controller, or the share of ftl.memory that they take; 0: no write cache, a write is "
        "done when programmed."),
    KEY(write_through, BOOL, "false", NULL, NULL,
        "A write is done when it is programmed; the buffer is only what data pass through on their way.",
        .when = "ftl.write_buffer is not 0"),
    KEY(merge, BOOL, "true", NULL, NULL, "An overwrite of a unit still queued in the buffer replaces it.",
        .when = CACHED),
    KEY(merge_renews, BOOL, "false", NULL, NULL,
        "An overwrite makes the unit the youngest of the buffer, so that what is overwritten often stays.",
        .when = "ftl.merge is true and " CACHED),
    CHOICE(destage, "full", destage_names, "When buffered data go to the flash.", .when = CACHED),
    KEY(destage_high, RATIO, "75%", "0", "100%", "Share of the buffer from which on data go to the flash.",
        .when = "ftl.destage is water and " CACHED),
    KEY(destage_low, RATIO, "50%", "0", "100%", "Share of the buffer that stays in it then.",
        .when = "ftl.destage is water and " CACHED),
    KEY(destage_age, TIME, "0", "0", "1000s",
        "How long a unit may wait in the buffer before it is sent, in a program that is not full if need be; "
        "0: no limit.",
        .when = CACHED),
    KEY(destage_idle, TIME, "0", "0", "1000s",
        "How long the host must have no request before all that is buffered is sent; 0: never.",
        .when = CACHED),
    KEY(forced_wait, TIME, "20us", "0", "10ms",
        "How long what flush and FUA ask for may wait for more of the kind while other programs are under way, so that "
        "they share a program."),
    KEY(power_loss_protection, BOOL, "false", NULL, NULL,
        "Buffered data survive power loss: flush and FUA are done when the data are buffered.",
        .when = CACHED),
    KEY(join_reads, BOOL, "false", NULL, NULL,
        "A read of a page that waits for its die already is done with it, by one read of the array."),
    KEY(read_ahead, BYTES, "0", "0", "1GiB", "Most that is read ahead of a stream of sequential reads; 0: nothing is."),
    KEY(read_ahead_buffer, SIZE_OR_SHARE, "4MiB", "0", "64GiB",
        "Memory for what is read ahead, shared by the streams, or its share of ftl.memory.",
        .when = "ftl.read_ahead is not 0"),
    KEY(read_ahead_streams, UINT, "8", "1", "64", "Streams of sequential reads that are known at a time.",
        .when = "ftl.read_ahead is not 0"),
    KEY(read_ahead_after, UINT, "2", "2", "64", "Reads in sequence after which what comes next is read ahead.",
        .when = "ftl.read_ahead is not 0"),
    CHOICE(allocation, "round_robin", alloc_names, "The order in which the dies of a row are given data."),
    CHOICE(striping, "off", striping_names,
           "Whether consecutive pages go round dies filled together, and if so, where the next plane comes: first, "
           "after a die of each channel (way_first: of each way), or after all dies."),
    KEY(stripe_dies, UINT, "0", "0", "65536",
        "Dies filled together; 0: as many as half the write buffer holds program units, at most a row's.",
        .when = "ftl.striping is not off"),
    CHOICE(placement, "separate", place_names, "Which data go to open superblocks of their own.",
           .formerly = "ftl.gc_separate"),
    KEY(slc_size, BYTES, "0", "0", "64TiB",
        "Data that the SLC cache holds in any case, in superblocks set aside for it.", .when = SLC),
    KEY(slc_dynamic, RATIO, "0", "0", "100%",
        "Share of the flash for units that hold no data which the SLC cache may use, too.", .when = SLC),
    CHOICE(slc_full, "direct", slc_full_names,
           "When the SLC cache is full host data go past it, or wait until some of it is folded.", .when = SLC),
    CHOICE(slc_fold, "copy", slc_fold_names,
           "How the SLC cache is folded: data are read and programmed by the controller, or dies copy them by themselves "
           "where whole word lines are valid.", .when = SLC),
    KEY(slc_fold_idle, TIME, "100ms", "0", "1000s",
        "How long the host must have no request before the SLC cache is folded; 0: not in idle time.", .when = SLC),
    KEY(slc_fold_from, RATIO, "0", "0", "100%",
        "Share of the SLC cache in use from which on it is folded beside host writes; 0: only when nothing else helps.",
        .when = SLC),
    CHOICE(gc_policy, "greedy", gc_names, "Which superblock garbage collection takes next."),
    KEY(gc_choices, UINT, "10", "1", "1000", "How many superblocks d_choices draws.",
        .when = "ftl.gc_policy is d_choices"),
    KEY(gc_start, UINT, "4", "1", "4194304", "Free superblocks below which garbage collection starts."),
    KEY(gc_stop, UINT, "6", "2", "4194304", "Free superblocks at which garbage collection stops."),
    KEY(memory, BYTES, "0", "0", "64TiB",
        "Memory of the controller, for 4 bytes of map a mapping unit, the write buffer, what is read ahead and copies; "
        "0: as much as they take."),
    KEY(gc_share, RATIO, "2.5%", "0", "50%",
        "Share of the spare superblocks that takes the place of gc_stop where it is more, and gc_start's with it, so that "
        "the levels grow with the drive; 0: they do not."),
    KEY(gc_reserve, UINT, "2", "1", "4194304", "Free superblocks that only copies may take; host programs wait."),
    KEY(gc_idle, TIME, "0", "0", "1000s",
        "How long the host must have no request before garbage collection goes on without it; 0: never."),
    KEY(gc_idle_free, RATIO, "50%", "0", "100%",
        "Share of the spare, less gc_stop superblocks and the open ones, that is then to be free beyond gc_stop.",
        .when = "ftl.gc_idle is not 0"),
    CHOICE(erase, "at_once", erase_names,
           "When the blocks of a superblock that holds nothing any more are erased: all at once, one die after the "
           "other, or each just before its first program."),
    KEY(gc_parallel, UINT, "0", "0", "4096",
        "NAND reads of garbage collection outstanding at most; 0: two a die, so that it can use all dies."),
    KEY(gc_buffer, SIZE_OR_SHARE, "0", "0", "64GiB",
        "Memory for copies, from the read of a unit until it is programmed elsewhere, or its share of ftl.memory; 0: two "
        "program units a die."),
    CHOICE(precondition, "empty", precondition_names,
           "State at the start: empty, filled in order, or what uniform random writes leave in the long run."),
    KEY(precondition_fill, RATIO, "100%", "0", "100%", "Share of the capacity that preconditioning fills.",
        .when = "ftl.precondition is not empty"),
    KEY(processors, UINT, "1", "1", "64", "Firmware processors (assumption).", .when = FIRMWARE_WORKS),
    KEY(clock, FREQUENCY, "0", "0", "10GHz", "Clock of the processors, whose work takes whole cycles; 0: ideal.",
        .when = FIRMWARE_WORKS),
    KEY(host_first, BOOL, "true", NULL, NULL,
        "Background work is begun only by a processor that is idle; false: in order of arrival, as the host's "
        "commands.",
        .when = "ftl.t_gc_unit is not 0 and " COMMANDS_WORK),
    KEY(slice, TIME, "20us", "0", "1s",
        "Firmware work that takes longer gives way after each slice; 0: it runs to its end (assumption).",
        .when = FIRMWARE_WORKS),
    KEY(background_bound, TIME, "1ms", "0", "10s",
        "Firmware work that has waited so long for an idle processor gets a slice in order of arrival; 0: never "
        "(assumption).",
        .when = "ftl.host_first is true or ftl.slice is not 0"),
    TIME(t_read, "Firmware time of a read command."),
    TIME(t_read_unit, "Firmware time of each mapping unit of a read."),
    TIME(t_write, "Firmware time of a write command."),
    TIME(t_write_unit, "Firmware time of each mapping unit of a write."),
    TIME(t_trim, "Firmware time of a trim or write-zeroes command."),
    KEY(t_trim_unit, TIME, "0", "0", "1ms", "Firmware time of each unit that a trim finds mapped."),
    TIME(t_flush, "Firmware time of a flush command."),
    TIME(t_gc_unit, "Firmware time of each unit that garbage collection copies."),
    TIME(t_buffer_hit, "From lookup to data for units in the buffer or without data."),
    CHOICE(verify, "off", verify_names, "Check of data; versions: every read must return what was last written."),
};
const size_t ftl_config_field_count = ARRAY_SIZE(ftl_config_fields);

uint32_t ftl_config_data_units(const struct nand_geometry *geometry, const struct raid_layout *raid)
{
    uint32_t units = geometry->units_per_superblock;
    return raid == NULL ? units : (uint32_t)raid_data_units(raid, units);
}

struct ftl_config ftl_config_in_bytes(const struct ftl_config *ftl)
{
    struct ftl_config config = *ftl;
    config.write_buffer = config_bytes_of(ftl->write_buffer, ftl->memory);
    config.read_ahead_buffer = config_bytes_of(ftl->read_ahead_buffer, ftl->memory);
    config.gc_buffer = config_bytes_of(ftl->gc_buffer, ftl->memory);
    return config;
}

uint64_t ftl_config_copy_units(const struct ftl_config *ftl, const struct nand_geometry *geometry)
{
    enum { PROGRAMS_A_DIE = 2 };
    uint64_t given = config_bytes_of(ftl->gc_buffer, ftl->memory);
    uint64_t units = (uint64_t)PROGRAMS_A_DIE * geometry->dies * geometry->units_per_program;
    return ftl->gc_buffer == 0 ? MAX(units, ftl_config_least_copy_units(geometry)) : given / ftl->mapping_unit;
}

// Who collects and who folds may each wait with what is nearly a program unit: then one of them can read a page more.
uint64_t ftl_config_least_copy_units(const struct nand_geometry *geometry)
{
    return 2 * geometry->units_per_program + geometry->units_per_multi_page;
}

uint32_t ftl_config_slc_units(const struct nand_geometry *geometry, const struct raid_layout *raid)
{
    uint32_t row_units = ftl_config_data_units(geometry, raid) / geometry->rows;
    return nand_mode_rows(geometry, NAND_SLC) * (row_units / geometry->pages_per_row);
}

uint32_t ftl_config_slc_superblocks(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                                    const struct raid_layout *raid)
{
    if (ftl->placement != FTL_PLACE_SLC)
        return 0;
    uint64_t units = ftl_config_slc_units(geometry, raid);
    return (uint32_t)((ftl->slc_size / ftl->mapping_unit + units - 1) / units);
}

uint64_t ftl_config_user_units(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                               const struct raid_layout *raid)
{
    if (ftl->capacity != 0)
        return ftl->capacity / ftl->mapping_unit;
    uint64_t flash = (uint64_t)ftl_config_data_units(geometry, raid) * geometry->blocks;
    return (uint64_t)((double)flash / (1 + ftl->over_provisioning));
}

// Units of a superblock that may be valid on average. Collecting one gives something back for certain only when a
// whole program unit of it is invalid, since copies may have to be padded.
uint64_t ftl_config_usable_units(const struct nand_geometry *geometry, const struct raid_layout *raid)
{
    return ftl_config_data_units(geometry, raid) - geometry->units_per_program + 1;
}

struct ftl_memory ftl_config_memory(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                                    const struct raid_layout *raid)
{
    enum { MAP_ENTRY_BYTES = 4 };
    return (struct ftl_memory){
        .map = ftl_config_user_units(ftl, geometry, raid) * MAP_ENTRY_BYTES,
        .buffer = config_bytes_of(ftl->write_buffer, ftl->memory),
        .ahead = ftl->read_ahead == 0 ? 0 : config_bytes_of(ftl->read_ahead_buffer, ftl->memory),
        .copies = ftl_config_copy_units(ftl, geometry) * ftl->mapping_unit,
    };
}

// Sizes in bytes, and the levels of collection as they hold on this flash: gc_stop or a share of the spare, whatever is more, and gc_start as
// far between gc_reserve and it as it was given. The spare are the superblocks that a full drive's data, the open ones
// and the SLC cache leave, so that the drive can always have as many free.
struct ftl_config ftl_config_on_flash(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                                      const struct raid_layout *raid)
{
    struct ftl_config config = ftl_config_in_bytes(ftl);
    uint64_t taken = ftl_config_superblocks_needed(ftl, geometry, raid) - ftl->gc_stop;
    uint64_t spare = geometry->blocks - MIN(taken, (uint64_t)geometry->blocks);
    uint32_t share = (uint32_t)((double)spare * ftl->gc_share);
    if (share <= ftl->gc_stop)
        return config;
    uint64_t start = ftl->gc_start - ftl->gc_reserve, span = ftl->gc_stop - ftl->gc_reserve;
    config.gc_stop = share;
    config.gc_start = ftl->gc_reserve + (uint32_t)((share - ftl->gc_reserve) * start / span);
    return config;
}

// Superblocks for the user's data, those that collection keeps free, the SLC cache's, and the open ones.
uint64_t ftl_config_superblocks_needed(const struct ftl_config *ftl, const struct nand_geometry *geometry,
                                       const struct raid_layout *raid)
{
    uint64_t usable = ftl_config_usable_units(geometry, raid);
    uint64_t cache = ftl->placement == FTL_PLACE_SLC ? ftl_config_slc_superblocks(ftl, geometry, raid) + 1 : 0;
    return (ftl_config_user_units(ftl, geometry, raid) + usable - 1) / usable + ftl->gc_stop + 2 + cache;
}
