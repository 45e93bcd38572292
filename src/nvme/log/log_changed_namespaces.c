// Changed Namespace List: NVM Express 1.4, section 5.14.1.4: those that changed since the page was read, without
// retaining its event, for the last time.
#include <string.h>

#include "nvme/log/log_page.h"
#include "nvme/nvme_internal.h"

static size_t size(const struct nvme *nvme)
{
    (void)nvme;
    return NVME_CHANGED_NAMESPACES_BYTES;
}

static void fill(const struct nvme_command *command, uint8_t *to, size_t offset, size_t bytes)
{
    uint32_t list[NVME_CHANGED_NAMESPACES_BYTES / sizeof(uint32_t)] = {0}, count = 0;
    for (uint32_t nsid = 1; nsid <= NVME_NAMESPACES_MAX; nsid++)
        if (command->nvme->subsystem.changed >> (nsid - 1) & 1)
            list[count++] = nsid;
    memcpy(to, (const uint8_t *)list + offset, bytes);
}

static void was_read(struct nvme *nvme)
{
    nvme->subsystem.changed = 0;
}

const struct nvme_log_page nvme_log_page_changed_namespaces = {
    .lid = NVME_LOG_CHANGED_NAMESPACES,
    .name = "Changed Namespace List",
    .clears = true,
    .type = NVME_EVENT_NOTICE,
    .size = size,
    .fill = fill,
    .was_read = was_read,
};
