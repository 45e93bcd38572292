// Log pages as rows.
//
// A log page is one row, next to what it tells of, and one line in the list below. LPA, the page that lists the pages
// and what Get Log Page checks derive from the rows.
#ifndef SQTAIL_NVME_LOG_LOG_PAGE_H
#define SQTAIL_NVME_LOG_LOG_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spec/nvme.h"

struct nvme;
struct nvme_command;
struct nvme_config;

struct nvme_log_page {
    uint8_t lid;
    uint8_t lpa; // Identify Controller's bits that tell of it
    const char *name;
    bool (*offered)(const struct nvme_config *config); // NULL: always
    bool clears;               // reading it lets events be reported again
    bool per_namespace;        // a namespace may be named, where there are several
    enum nvme_event_type type; // ... of this type
    uint16_t entry;            // bytes of one of its entries, where CDW12 and CDW13 may be an index (NVMe 2.0); 0: no
    size_t (*size)(const struct nvme *nvme);
    // Writes `bytes` of it from `offset` on, a multiple of 4 that lies, with them, within its size, over zeroes.
    void (*fill)(const struct nvme_command *command, uint8_t *to, size_t offset, size_t bytes);
    // Whether the command may ask for it so, as a status; also what it asks for beside. NULL: any.
    unsigned (*check)(struct nvme_command *command);
    void (*was_read)(struct nvme *nvme); // ... with its events cleared; NULL: nothing follows
};

#define NVME_LOG_PAGE_LIST(X)                              \
    X(supported) X(error) X(smart) X(firmware)             \
    X(changed_namespaces) X(effects) X(self_test)          \
    X(telemetry_host) X(telemetry_controller) X(endurance_group)             \
    X(feature_effects) X(management_effects)

#define NVME_LOG_PAGE_DECLARE(name) extern const struct nvme_log_page nvme_log_page_##name;
NVME_LOG_PAGE_LIST(NVME_LOG_PAGE_DECLARE)
#undef NVME_LOG_PAGE_DECLARE

#define NVME_LOG_PAGE_NUMBER(name) NVME_LOG_PAGE_AT_##name,
enum { NVME_LOG_PAGE_LIST(NVME_LOG_PAGE_NUMBER) NVME_LOG_PAGE_COUNT };
#undef NVME_LOG_PAGE_NUMBER

extern const struct nvme_log_page *const nvme_log_pages[NVME_LOG_PAGE_COUNT];

bool nvme_log_page_offered(const struct nvme *nvme, const struct nvme_log_page *page);

#endif
