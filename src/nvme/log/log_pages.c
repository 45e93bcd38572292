// The list of log pages, and the page that tells of it: Supported Log Pages, NVM Express Base 2.0, section 5.16.1.1.
#include <string.h>

#include "nvme/log/log_page.h"
#include "nvme/nvme_internal.h"

#define LOG_PAGE_ROW(name) &nvme_log_page_##name,
const struct nvme_log_page *const nvme_log_pages[NVME_LOG_PAGE_COUNT] = {NVME_LOG_PAGE_LIST(LOG_PAGE_ROW)};

enum { SUPPORTED = 1 << 0, INDEX_OFFSET = 1 << 1, IDENTIFIERS = 256 };

bool nvme_log_page_offered(const struct nvme *nvme, const struct nvme_log_page *page)
{
    return page->offered == NULL || page->offered(nvme->config);
}

static size_t size(const struct nvme *nvme)
{
    (void)nvme;
    return IDENTIFIERS * sizeof(uint32_t);
}

static void fill(const struct nvme_command *command, uint8_t *to, size_t offset, size_t bytes)
{
    uint32_t log[IDENTIFIERS] = {0};
    for (size_t i = 0; i < NVME_LOG_PAGE_COUNT; i++)
        if (nvme_log_page_offered(command->nvme, nvme_log_pages[i]))
            log[nvme_log_pages[i]->lid] = SUPPORTED | (nvme_log_pages[i]->entry > 0 ? INDEX_OFFSET : 0);
    memcpy(to, (const uint8_t *)log + offset, bytes);
}

const struct nvme_log_page nvme_log_page_supported = {
    .lid = NVME_LOG_SUPPORTED,
    .name = "Supported Log Pages",
    .lpa = NVME_LPA_SUPPORTED,
    .size = size,
    .fill = fill,
};
