// Log pages as rows.
//
// A log page is one row, next to what it tells of, and one line in the list below.
#ifndef SQTAIL_NVME_LOG_LOG_PAGE_H
#define SQTAIL_NVME_LOG_LOG_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/nvme.h"

struct nvme;

struct nvme_log_page {
    uint8_t lid;
    bool clears;               // reading it lets events be reported again
    enum nvme_event_type type; // ... of this type
    size_t (*size)(const struct nvme *nvme);
    // Writes `bytes` of it from `offset` on, a multiple of 4 that lies, with them, within its size, over zeroes.
    void (*fill)(const struct nvme *nvme, uint8_t *to, size_t offset, size_t bytes);
    void (*was_read)(struct nvme *nvme); // ... with its events cleared; NULL: nothing follows
};

#define NVME_LOG_PAGE_LIST(X)                              \
    X(error) X(smart) X(firmware)                          \
    X(changed_namespaces) X(effects)

#define NVME_LOG_PAGE_DECLARE(name) extern const struct nvme_log_page nvme_log_page_##name;
NVME_LOG_PAGE_LIST(NVME_LOG_PAGE_DECLARE)
#undef NVME_LOG_PAGE_DECLARE

#endif
