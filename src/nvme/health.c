// What SMART counts and judges: NVM Express 1.4, section 5.14.1.2.
#include "nvme/health.h"

#include "nvme/nvme_internal.h"

void health_busy_enter(struct nvme *nvme, uint64_t count)
{
    if (nvme->health.io_commands == 0)
        nvme->health.busy_since = sim_now(nvme->sim);
    nvme->health.io_commands += count;
}

void health_busy_leave(struct nvme *nvme, uint64_t count)
{
    if (count == 0)
        return;
    nvme->health.io_commands -= count;
    if (nvme->health.io_commands == 0)
        nvme->health.busy += sim_now(nvme->sim) - nvme->health.busy_since;
}

// Of what the host has rung in nothing is left.
void health_reset(struct nvme *nvme, enum nvme_reset kind)
{
    (void)kind;
    health_busy_leave(nvme, nvme->health.io_commands);
}

tick_t health_busy_time(const struct nvme *nvme)
{
    const struct nvme_health *health = &nvme->health;
    return health->busy + (health->io_commands > 0 ? sim_now(nvme->sim) - health->busy_since : 0);
}

uint8_t health_critical_warning(const struct nvme *nvme)
{
    uint32_t over = nvme->features.value[NVME_FEATURE_TEMPERATURE_THRESHOLD], temperature = nvme->config->temperature;
    uint8_t warning = 0;
    if (nvme->health.available_spare < nvme->config->spare_threshold)
        warning |= NVME_WARNING_SPARE;
    if (temperature >= over || temperature <= nvme->features.under_temperature)
        warning |= NVME_WARNING_TEMPERATURE;
    return warning;
}
