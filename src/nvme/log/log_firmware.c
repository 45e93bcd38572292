// Firmware Slot Information: NVM Express 1.4, section 5.14.1.3. One slot, read-only.
#include <string.h>

#include "nvme/log/log_page.h"
#include "nvme/nvme_internal.h"

static size_t size(const struct nvme *nvme)
{
    (void)nvme;
    return sizeof(struct nvme_firmware_log);
}

static void fill(const struct nvme_command *command, uint8_t *to, size_t offset, size_t bytes)
{
    struct nvme_firmware_log log = {.afi = 1};
    const char *revision = command->nvme->config->firmware_revision;
    memset(log.revisions[0], ' ', sizeof log.revisions[0]);
    memcpy(log.revisions[0], revision, strnlen(revision, sizeof log.revisions[0]));
    memcpy(to, (const uint8_t *)&log + offset, bytes);
}

const struct nvme_log_page nvme_log_page_firmware = {
    .lid = NVME_LOG_FIRMWARE,
    .name = "Firmware Slot Information",
    .clears = true,
    .type = NVME_EVENT_NOTICE,
    .size = size,
    .fill = fill,
};
