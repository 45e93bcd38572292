// What SMART counts and judges: NVM Express 1.4, section 5.14.1.2.
#include "nvme/admin/health.h"

#include <string.h>

#include "nvme/log/log_page.h"
#include "nvme/nvme_internal.h"
#include "util/macros.h"

void health_busy_enter(struct nvme *nvme, uint64_t count)
{
    struct nvme_health *health = &nvme->subsystem.health;
    if (health->io_commands == 0) {
        health->busy_since = sim_now(nvme->sim);
        if (unlikely(health->wake != NULL))
            health->wake(nvme);
    }
    health->io_commands += count;
}

void health_busy_leave(struct nvme *nvme, uint64_t count)
{
    if (count == 0)
        return;
    nvme->subsystem.health.io_commands -= count;
    if (nvme->subsystem.health.io_commands == 0) {
        nvme->subsystem.health.idle_since = sim_now(nvme->sim);
        nvme->subsystem.health.busy += sim_now(nvme->sim) - nvme->subsystem.health.busy_since;
    }
}

// Of what the host has rung in nothing is left.
void health_reset(struct nvme *nvme, enum nvme_reset kind)
{
    (void)kind;
    health_busy_leave(nvme, nvme->subsystem.health.io_commands);
}

static tick_t busy_time(const struct nvme *nvme)
{
    const struct nvme_health *health = &nvme->subsystem.health;
    return health->busy + (health->io_commands > 0 ? sim_now(nvme->sim) - health->busy_since : 0);
}

uint8_t health_critical_warning(const struct nvme *nvme)
{
    uint32_t over = nvme->features.value[NVME_FEATURE_TEMPERATURE_THRESHOLD], temperature = nvme->config->temperature;
    uint8_t warning = 0;
    if (nvme->subsystem.health.available_spare < nvme->config->spare_threshold)
        warning |= NVME_WARNING_SPARE;
    if (temperature >= over || temperature <= nvme->features.under_temperature)
        warning |= NVME_WARNING_TEMPERATURE;
    return warning;
}

// --- log page 02h --------------------------------------------------------------------------------------------------

static uint64_t data_units(uint64_t bytes)
{
    return (bytes + 512 * 1000 - 1) / (512 * 1000);
}

// The time so far with the temperature, which is constant, from `low` to below `high`.
static uint32_t minutes_between(const struct nvme *nvme, uint32_t low, uint32_t high)
{
    uint32_t temperature = nvme->config->temperature;
    bool within = temperature >= low && temperature < high;
    return within ? (uint32_t)(sim_now(nvme->sim) / (60 * TICKS_PER_S)) : 0;
}

// Of one namespace, what was moved; the rest is the controller's.
static struct nvme_smart_log make_log(const struct nvme *nvme, const struct nvme_namespace *ns)
{
    const struct nvme_config *config = nvme->config;
    struct nvme_usage usage = ns != NULL ? ns->usage : subsystem_usage(&nvme->subsystem);
    tick_t now = sim_now(nvme->sim);
    return (struct nvme_smart_log){
        .critical_warning = health_critical_warning(nvme),
        .temperature = (uint16_t)config->temperature,
        .available_spare = (uint8_t)nvme->subsystem.health.available_spare,
        .available_spare_threshold = (uint8_t)config->spare_threshold,
        .percentage_used = (uint8_t)MIN(nvme->subsystem.health.percentage_used, 255u),
        .data_units_read = {.low = data_units(usage.read_bytes)},
        .data_units_written = {.low = data_units(usage.written_bytes)},
        .host_reads = {.low = usage.reads},
        .host_writes = {.low = usage.writes},
        .controller_busy_minutes = {.low = busy_time(nvme) / (60 * TICKS_PER_S)},
        .power_cycles = {.low = 1},
        .power_on_hours = {.low = now / (3600 * TICKS_PER_S)},
        .media_errors = {.low = nvme->subsystem.health.media_errors},
        .error_log_entries = {.low = nvme->errors.count},
        .warning_temperature_minutes =
            minutes_between(nvme, config->warning_temperature, config->critical_temperature),
        .critical_temperature_minutes = minutes_between(nvme, config->critical_temperature, UINT32_MAX),
    };
}

static size_t log_size(const struct nvme *nvme)
{
    (void)nvme;
    return sizeof(struct nvme_smart_log);
}

static void fill_log(const struct nvme_command *command, uint8_t *to, size_t offset, size_t bytes)
{
    struct nvme_smart_log log = make_log(command->nvme, command->ns);
    memcpy(to, (const uint8_t *)&log + offset, bytes);
}

const struct nvme_log_page nvme_log_page_smart = {
    .lid = NVME_LOG_SMART,
    .name = "SMART / Health Information",
    .per_namespace = true,
    .clears = true,
    .type = NVME_EVENT_SMART,
    .size = log_size,
    .fill = fill_log,
};
