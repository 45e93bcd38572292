// Firmware Slot Information: NVM Express 1.4, section 5.14.1.3.
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
    const struct nvme_firmware *firmware = &command->nvme->subsystem.firmware;
    struct nvme_firmware_log log = {.afi = (uint8_t)(firmware->active | firmware->next << NVME_AFI_NEXT_SHIFT)};
    memcpy(log.revisions, firmware->slots, sizeof log.revisions);
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
