// Namespaces, and the subsystem that has them.
#ifndef SQTAIL_NVME_NAMESPACE_H
#define SQTAIL_NVME_NAMESPACE_H

#include <stddef.h>
#include <stdint.h>

#include "nvme/admin/health.h"

enum { NVME_NAMESPACES = 1 };

struct nvme_namespace {
    uint32_t nsid;
    unsigned lba_shift;
    uint64_t base;   // its first byte on the drive
    uint64_t blocks; // logical ones
};

// What outlives a reset of the controller.
struct nvme_subsystem {
    struct nvme_namespace namespaces[NVME_NAMESPACES]; // by ascending identifier
    struct nvme_health health;
};

// NULL where no namespace has that identifier.
static inline const struct nvme_namespace *subsystem_namespace(const struct nvme_subsystem *subsystem, uint32_t nsid)
{
    return nsid - 1 < NVME_NAMESPACES ? &subsystem->namespaces[nsid - 1] : NULL;
}

#endif
