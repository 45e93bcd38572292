// The controller memory buffer: NVM Express 1.4, sections 3.1.11 (CMBLOC), 3.1.12 (CMBSZ), 3.1.16 (CMBMSC), 3.1.17
// (CMBSTS) and 4.7.
//
// It lies in BAR0, behind the MSI-X tables, and holds submission queues, PRP lists and data, as QEMU's hw/nvme has it;
// no completion queues. What the controller reads and writes there does not cross the link. The host's stores do, a TLP
// each. Left out: latency and bandwidth of the memory itself.
#include "nvme/pci/cmb.h"

#include <stdlib.h>
#include <string.h>

#include "nvme/nvme_internal.h"
#include "util/alloc.h"

enum { UNIT_SHIFT = 12 }; // CMBSZ.SZU = 0

void cmb_create(struct nvme *nvme)
{
    nvme->cmb.bytes = nvme->config->cmb;
    if (nvme->cmb.bytes > 0)
        nvme->cmb.memory = xcalloc(nvme->cmb.bytes, 1);
}

void cmb_destroy(struct nvme *nvme)
{
    free(nvme->cmb.memory);
}

static uint32_t location(const struct nvme_cmb *cmb)
{
    return (uint32_t)(cmb->offset >> UNIT_SHIFT << NVME_CMBLOC_OFST_SHIFT); // in BAR0
}

static uint32_t size(const struct nvme_cmb *cmb)
{
    return (uint32_t)(cmb->bytes >> UNIT_SHIFT << NVME_CMBSZ_SZ_SHIFT) | NVME_CMBSZ_SQS | NVME_CMBSZ_LISTS |
           NVME_CMBSZ_RDS | NVME_CMBSZ_WDS;
}

void cmb_control_changed(struct nvme *nvme)
{
    struct nvme_cmb *cmb = &nvme->cmb;
    uint32_t *registers = nvme->registers.value;
    uint64_t control = registers_get64(&nvme->registers, NVME_REG_CMBMSC);
    uint64_t base = control & ~UINT64_C(0xfff);
    bool shown = control & NVME_CMBMSC_CRE, asked = shown && (control & NVME_CMBMSC_CMSE);
    bool valid = base <= UINT64_MAX - cmb->bytes;
    registers[NVME_REG_CMBLOC / 4] = shown ? location(cmb) : 0;
    registers[NVME_REG_CMBSZ / 4] = shown ? size(cmb) : 0;
    registers[NVME_REG_CMBSTS / 4] = asked && !valid ? NVME_CMBSTS_CBAI : 0;
    cmb->base = base;
    cmb->window = asked && valid ? cmb->bytes : 0;
}

uint32_t cmb_read(const struct nvme *nvme, uint64_t offset)
{
    uint32_t value = 0;
    if (offset - nvme->cmb.offset < nvme->cmb.bytes)
        memcpy(&value, nvme->cmb.memory + (offset - nvme->cmb.offset), sizeof value);
    return value;
}

void cmb_write(struct nvme *nvme, uint64_t offset, uint32_t value)
{
    if (offset - nvme->cmb.offset < nvme->cmb.bytes)
        memcpy(nvme->cmb.memory + (offset - nvme->cmb.offset), &value, sizeof value);
}

static bool holds(const struct nvme_cmb *cmb, uint64_t address, size_t bytes)
{
    return cmb_has(cmb, address) && bytes <= cmb->window - (address - cmb->base);
}

bool cmb_copy_out(const struct nvme_cmb *cmb, uint64_t address, void *to, size_t bytes)
{
    if (!holds(cmb, address, bytes))
        return false;
    memcpy(to, cmb->memory + (address - cmb->base), bytes);
    return true;
}

bool cmb_copy_in(struct nvme_cmb *cmb, uint64_t address, const void *from, size_t bytes)
{
    if (!holds(cmb, address, bytes))
        return false;
    memcpy(cmb->memory + (address - cmb->base), from, bytes);
    return true;
}
