// Features of data and of hosts: NVM Express 1.4, sections 5.21.1.3 (LBA range type), 5.21.1.5 (error recovery),
// 5.21.1.6 (volatile write cache), 5.21.1.10 (write atomicity), 5.21.1.14 (timestamp), 5.21.1.18 (host behaviour
// support), 5.21.1.22 (software progress marker).
//
// Error recovery and write atomicity keep what the host sets: the drive retries as its error model says, and writes of
// a logical block are atomic anyhow. LBA ranges and host behaviour are the host's notes.
#include <string.h>

#include "nvme/feature/feature.h"
#include "nvme/io/io.h"
#include "nvme/nvme_internal.h"
#include "util/macros.h"

const struct nvme_feature_row nvme_feature_error_recovery = {
    .fid = NVME_FEATURE_ERROR_RECOVERY,
    .name = "Error Recovery",
    .flags = FEATURE_SAVEABLE,
    .scope = SCOPE_NAMESPACE,
    .reserved = 0xffff0000, // DULBE is not offered
};

const struct nvme_feature_row nvme_feature_write_atomicity = {
    .fid = NVME_FEATURE_WRITE_ATOMICITY,
    .name = "Write Atomicity Normal",
    .flags = FEATURE_SAVEABLE,
    .reserved = 0xfffffffe,
};

const struct nvme_feature_row nvme_feature_host_behaviour = {
    .fid = NVME_FEATURE_HOST_BEHAVIOUR,
    .name = "Host Behavior Support",
    .reserved = 0xffffffff,
    .bytes = 512,
};

const struct nvme_feature_row nvme_feature_software_progress = {
    .fid = NVME_FEATURE_SOFTWARE_PROGRESS,
    .name = "Software Progress Marker",
    .flags = FEATURE_SAVEABLE,
    .reserved = 0xffffff00,
};

// --- volatile write cache ------------------------------------------------------------------------------------------

static uint32_t initial_write_cache(const struct nvme *nvme, uint32_t part, uint8_t *data)
{
    (void)part, (void)data;
    return nvme->config->volatile_write_cache;
}

static bool has_write_cache(const struct nvme *nvme)
{
    return nvme->config->volatile_write_cache; // 5.21.1.6: not supported without
}

// What a cache holds that is switched off is written out.
static void apply_write_cache(struct nvme_command *command)
{
    if (command->nvme->features.value[NVME_FEATURE_VOLATILE_WRITE_CACHE])
        command_complete(command);
    else
        io_flush(command);
}

const struct nvme_feature_row nvme_feature_volatile_write_cache = {
    .fid = NVME_FEATURE_VOLATILE_WRITE_CACHE,
    .name = "Volatile Write Cache",
    .flags = FEATURE_SAVEABLE,
    .reserved = 0xfffffffe,
    .initial = initial_write_cache,
    .offered = has_write_cache,
    .apply = apply_write_cache,
};

// --- LBA range type ------------------------------------------------------------------------------------------------

static uint32_t range_bytes(uint32_t value)
{
    return (NVME_FIELD(value, NVME_LBA_RANGE_NUM) + 1) * (uint32_t)sizeof(struct nvme_lba_range);
}

// At first one range, of no type, which is the whole namespace.
static uint32_t initial_ranges(const struct nvme *nvme, uint32_t part, uint8_t *data)
{
    struct nvme_lba_range range = {.attributes = NVME_LBA_RANGE_OVERWRITABLE,
                                   .blocks = nvme->subsystem.namespaces[part].blocks - 1};
    memcpy(data, &range, sizeof range);
    return 0;
}

static bool overlap(const struct nvme_lba_range *a, const struct nvme_lba_range *b)
{
    return a->slba <= b->slba + b->blocks && b->slba <= a->slba + a->blocks;
}

static unsigned check_ranges(struct nvme *nvme, uint32_t part, uint32_t *value, const uint8_t *data)
{
    uint64_t blocks = nvme->subsystem.namespaces[part].blocks;
    struct nvme_lba_range ranges[64];
    uint32_t count = NVME_FIELD(*value, NVME_LBA_RANGE_NUM) + 1;
    memcpy(ranges, data, count * sizeof *ranges);
    for (uint32_t i = 0; i < count; i++) {
        if (ranges[i].slba >= blocks || ranges[i].blocks >= blocks - ranges[i].slba)
            return NVME_SC_LBA_RANGE;
        for (uint32_t j = 0; j < i; j++)
            if (overlap(&ranges[i], &ranges[j]))
                return NVME_SC_OVERLAPPING_RANGE;
    }
    return NVME_SC_SUCCESS;
}

const struct nvme_feature_row nvme_feature_lba_range_type = {
    .fid = NVME_FEATURE_LBA_RANGE_TYPE,
    .name = "LBA Range Type",
    .flags = FEATURE_SAVEABLE,
    .scope = SCOPE_NAMESPACE,
    .reserved = ~(uint32_t)NVME_LBA_RANGE_NUM_MASK,
    .bytes = 64 * sizeof(struct nvme_lba_range),
    .used = range_bytes,
    .initial = initial_ranges,
    .check = check_ranges,
};

// --- timestamp: milliseconds, which go on -------------------------------------------------------------------------

static bool has_timestamp(const struct nvme *nvme)
{
    return nvme->config->timestamp;
}

static void timestamp_changed(struct nvme *nvme, uint32_t part, uint32_t value, const uint8_t *data)
{
    (void)part, (void)value, (void)data;
    nvme->timestamp.set_at = sim_now(nvme->sim);
}

static unsigned check_timestamp(struct nvme *nvme, uint32_t part, uint32_t *value, const uint8_t *data)
{
    (void)part, (void)value, (void)data;
    nvme->timestamp.set = true;
    return NVME_SC_SUCCESS;
}

static void reset_timestamp(struct nvme *nvme)
{
    nvme->timestamp.set = false;
}

static uint32_t show_timestamp(const struct nvme *nvme, uint32_t value, uint8_t *data)
{
    struct nvme_timestamp timestamp;
    memcpy(&timestamp, data, sizeof timestamp);
    uint64_t passed = (sim_now(nvme->sim) - nvme->timestamp.set_at) / TICKS_PER_MS;
    uint64_t ms = (timestamp.ms + passed) & NVME_TIMESTAMP_MASK;
    timestamp.ms = ms & NVME_TIMESTAMP_MASK;
    timestamp.attributes = (uint8_t)(nvme->timestamp.set << NVME_TIMESTAMP_ORIGIN_SHIFT);
    timestamp.reserved = 0;
    memcpy(data, &timestamp, sizeof timestamp);
    return value;
}

const struct nvme_feature_row nvme_feature_timestamp = {
    .fid = NVME_FEATURE_TIMESTAMP,
    .name = "Timestamp",
    .reserved = 0xffffffff,
    .bytes = sizeof(struct nvme_timestamp),
    .oncs = NVME_ONCS_TIMESTAMP,
    .offered = has_timestamp,
    .check = check_timestamp,
    .changed = timestamp_changed,
    .show = show_timestamp,
    .reset = reset_timestamp,
};
