// Endurance Group Information: NVM Express 1.4, section 5.14.1.9. The drive is one group. What the flash writes for
// itself is not known here: media units are those that the host wrote.
#include <string.h>

#include "nvme/log/log_page.h"
#include "nvme/nvme_internal.h"
#include "util/macros.h"

static size_t size(const struct nvme *nvme)
{
    (void)nvme;
    return sizeof(struct nvme_endurance_group_log);
}

// Billions of bytes, rounded up.
static struct nvme_u128 units(uint64_t bytes)
{
    return (struct nvme_u128){.low = (bytes + 999999999) / 1000000000};
}

static void fill(const struct nvme_command *command, uint8_t *to, size_t offset, size_t bytes)
{
    const struct nvme *nvme = command->nvme;
    const struct nvme_health *health = &nvme->subsystem.health;
    struct nvme_usage usage = subsystem_usage(&nvme->subsystem);
    struct nvme_endurance_group_log log = {
        .critical_warning = health_critical_warning(nvme) & NVME_WARNING_SPARE,
        .available_spare = (uint8_t)health->available_spare,
        .available_spare_threshold = (uint8_t)nvme->config->spare_threshold,
        .percentage_used = (uint8_t)MIN(health->percentage_used, 255u),
        .data_units_read = units(usage.read_bytes),
        .data_units_written = units(usage.written_bytes),
        .media_units_written = units(usage.written_bytes),
        .host_reads = {.low = usage.reads},
        .host_writes = {.low = usage.writes},
        .media_errors = {.low = health->media_errors},
        .error_log_entries = {.low = nvme->errors.count},
    };
    memcpy(to, (const uint8_t *)&log + offset, bytes);
}

static unsigned check(struct nvme_command *command)
{
    return NVME_FIELD(command->sqe.cdw11, NVME_LOG_LSI) == NVME_ENDURANCE_GROUP ? NVME_SC_SUCCESS
                                                                               : NVME_SC_INVALID_FIELD;
}

const struct nvme_log_page nvme_log_page_endurance_group = {
    .lid = NVME_LOG_ENDURANCE_GROUP,
    .name = "Endurance Group Information",
    .size = size,
    .fill = fill,
    .check = check,
};
