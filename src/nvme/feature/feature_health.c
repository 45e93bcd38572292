// Features of health: NVM Express 1.4, sections 5.21.1.4 (temperature threshold), 5.21.1.11 (asynchronous event
// configuration). Only the composite temperature is there.
#include "nvme/admin/events.h"
#include "nvme/feature/feature.h"
#include "nvme/nvme_internal.h"

enum { OVER, UNDER, THRESHOLDS }; // parts: THSEL

static uint32_t count_thresholds(const struct nvme *nvme)
{
    (void)nvme;
    return THRESHOLDS;
}

static uint32_t initial_threshold(const struct nvme *nvme, uint32_t part, uint8_t *data)
{
    (void)data;
    return part == OVER ? nvme->config->warning_temperature : 0;
}

static bool find_threshold(const struct nvme *nvme, uint32_t cdw11, bool set, uint32_t *part)
{
    uint32_t sensor = NVME_FIELD(cdw11, NVME_TEMPERATURE_TMPSEL);
    (void)nvme;
    *part = NVME_FIELD(cdw11, NVME_TEMPERATURE_THSEL);
    return *part < THRESHOLDS && (sensor == 0 || (set && sensor == NVME_TEMPERATURE_TMPSEL_ALL));
}

static void threshold_changed(struct nvme *nvme, uint32_t part, uint32_t value, const uint8_t *data)
{
    (void)data;
    if (part == UNDER)
        nvme->features.under_temperature = value;
    events_check_health(nvme);
}

const struct nvme_feature_row nvme_feature_temperature_threshold = {
    .fid = NVME_FEATURE_TEMPERATURE_THRESHOLD,
    .name = "Temperature Threshold",
    .flags = FEATURE_SAVEABLE,
    .reserved = 0xffc00000,
    .selects = ~(uint32_t)NVME_TEMPERATURE_TMPTH_MASK,
    .parts = count_thresholds,
    .part = find_threshold,
    .initial = initial_threshold,
    .changed = threshold_changed,
};

static void events_changed(struct nvme *nvme, uint32_t part, uint32_t value, const uint8_t *data)
{
    (void)part, (void)value, (void)data;
    events_check_health(nvme);
}

const struct nvme_feature_row nvme_feature_async_event = {
    .fid = NVME_FEATURE_ASYNC_EVENT,
    .name = "Asynchronous Event Configuration",
    .flags = FEATURE_SAVEABLE,
    .reserved = 0xfffffc00,
    .changed = events_changed,
};
