// Changed Namespace List: NVM Express 1.4, section 5.14.1.4. No namespace ever changes: an empty list.
#include "nvme/log/log_page.h"

static size_t size(const struct nvme *nvme)
{
    (void)nvme;
    return NVME_CHANGED_NAMESPACES_BYTES;
}

static void fill(const struct nvme *nvme, uint8_t *to, size_t offset, size_t bytes)
{
    (void)nvme, (void)to, (void)offset, (void)bytes;
}

const struct nvme_log_page nvme_log_page_changed_namespaces = {
    .lid = NVME_LOG_CHANGED_NAMESPACES,
    .clears = true,
    .type = NVME_EVENT_NOTICE,
    .size = size,
    .fill = fill,
};
