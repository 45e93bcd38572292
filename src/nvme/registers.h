// The controller's registers, and what they bring about: enabling, reset, shutdown.
#ifndef SQTAIL_NVME_REGISTERS_H
#define SQTAIL_NVME_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "ftl/ftl.h"
#include "nvme/reset.h"
#include "spec/nvme.h"

enum { NVME_REGISTER_BYTES = 0x40 }; // implemented ones; the rest up to the doorbells reads 0

struct nvme_registers {
    uint32_t value[NVME_REGISTER_BYTES / 4];
    tick_t ready_at;
    bool shutting_down; // the core flushes
    uint32_t shutdown_epoch; // in which that flush began
    struct ftl_request shutdown;
    struct breakdown shutdown_path;
};

static inline uint32_t registers_get(const struct nvme_registers *registers, uint32_t offset)
{
    return registers->value[offset / 4];
}

static inline uint64_t registers_get64(const struct nvme_registers *registers, uint32_t offset)
{
    return registers_get(registers, offset) | (uint64_t)registers_get(registers, offset + 4) << 32;
}

// Whether INTMS masks the vector, where it is no MSI-X one.
static inline bool registers_mask_vector(const struct nvme_registers *registers, uint32_t vector)
{
    return vector < 32 && (registers_get(registers, NVME_REG_INTMS) >> vector & 1);
}

void registers_create(struct nvme *nvme);
void registers_reset(struct nvme *nvme, enum nvme_reset kind);
uint32_t registers_read(const struct nvme *nvme, uint32_t offset);
void registers_write(struct nvme *nvme, uint32_t offset, uint32_t value);

#endif
