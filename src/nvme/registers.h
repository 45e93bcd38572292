// The controller's registers, and what they bring about: enabling, reset, shutdown.
#ifndef SQTAIL_NVME_REGISTERS_H
#define SQTAIL_NVME_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ftl/ftl.h"
#include "nvme/reset.h"
#include "spec/nvme.h"

enum { NVME_REGISTER_BYTES = 0x70 }; // of those in the table; the rest up to the doorbells reads 0

// A register of 4 or 8 bytes. Hosts read and write doublewords of it, or, of 8 bytes, the whole. Bits that no mask
// names are read-only or reserved.
struct nvme_register_row {
    const char *name; // as the standard calls it
    const char *title;
    uint32_t offset;
    unsigned bytes;
    bool (*offered)(const struct nvme *nvme);     // NULL: always; otherwise it is reserved, and reads 0
    uint64_t (*initial)(const struct nvme *nvme); // its value after a reset; NULL: 0
    uint64_t rw;    // bits that a write replaces
    uint64_t w1s;   // that written ones set
    uint64_t w1c;   // that written ones clear
    uint32_t shows; // the offset of the register whose value it shows, if that is another one
    uint64_t kept;  // bits that a controller reset leaves
    void (*written)(struct nvme *nvme, uint32_t before, uint32_t value); // a doubleword of it; NULL: nothing more
};

// By offset.
extern const struct nvme_register_row nvme_register_rows[];
extern const size_t nvme_register_count;

struct nvme_registers {
    uint32_t value[NVME_REGISTER_BYTES / 4];
    tick_t ready_at;
    bool shutdown_waits;  // for commands under way
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

// Doublewords, as the host sees them.
uint32_t registers_read(const struct nvme *nvme, uint32_t offset);
void registers_write(struct nvme *nvme, uint32_t offset, uint32_t value);

// All registers, as `nvme show-regs` of nvme-cli prints them: names and values, with their fields, or as JSON.
enum registers_form { REGISTERS_PLAIN, REGISTERS_HUMAN, REGISTERS_JSON };
void registers_show(const struct nvme *nvme, FILE *out, enum registers_form form);

#endif
