// Namespaces, and the subsystem that has them.
//
// A namespace is a contiguous range of the drive, with logical blocks of its own size. It is allocated when it has such
// a range, and active when the controller is attached to it as well (NVM Express 1.4, section 6.1).
#ifndef SQTAIL_NVME_NAMESPACE_H
#define SQTAIL_NVME_NAMESPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nvme/admin/firmware.h"
#include "nvme/admin/health.h"
#include "nvme/admin/self_test.h"
#include "nvme/namespace_layout.h"

struct nvme_namespace {
    uint32_t nsid;
    unsigned lba_shift;
    bool allocated;
    uint64_t base;   // its first byte on the drive
    uint64_t blocks; // logical ones
    struct nvme_usage usage;
};

// What outlives a reset of the controller.
struct nvme_subsystem {
    uint32_t limit;    // identifiers from 1 to it may be namespaces': NN
    uint64_t capacity; // bytes
    struct nvme_namespace namespaces[NVME_NAMESPACES_MAX];  // by identifier - 1
    struct nvme_namespace *active[NVME_NAMESPACES_MAX];     // the same; NULL: not active
    uint64_t changed; // by identifier - 1, a bit each: what log page 04h lists
    struct nvme_health health;
    struct nvme_firmware firmware;
    struct nvme_self_tests self_tests;
};

// NULL where no active namespace has that identifier.
static inline struct nvme_namespace *subsystem_namespace(const struct nvme_subsystem *subsystem, uint32_t nsid)
{
    return nsid - 1 < NVME_NAMESPACES_MAX ? subsystem->active[nsid - 1] : NULL;
}

// The namespaces that the layout names, of a drive of so many bytes, all of them active.
void subsystem_create(struct nvme_subsystem *subsystem, const struct nvme_layout *layout, uint32_t limit,
                      uint64_t capacity);

static inline bool subsystem_is_active(const struct nvme_subsystem *subsystem, const struct nvme_namespace *ns)
{
    return subsystem->active[ns->nsid - 1] != NULL;
}

// An allocated one, active or not; NULL.
struct nvme_namespace *subsystem_find(struct nvme_subsystem *subsystem, uint32_t nsid);

// Allocates the first range that is large enough, with the lowest identifier that is free; NULL when there is none.
struct nvme_namespace *subsystem_allocate(struct nvme_subsystem *subsystem, uint64_t blocks, unsigned lba_shift);
void subsystem_attach(struct nvme_subsystem *subsystem, struct nvme_namespace *ns, bool attached);
void subsystem_free(struct nvme_subsystem *subsystem, struct nvme_namespace *ns);

uint64_t subsystem_unallocated(const struct nvme_subsystem *subsystem);

// What was moved in all namespaces there are and were.
struct nvme_usage subsystem_usage(const struct nvme_subsystem *subsystem);

static inline uint64_t namespace_bytes(const struct nvme_namespace *ns)
{
    return ns->blocks << ns->lba_shift;
}

#endif
