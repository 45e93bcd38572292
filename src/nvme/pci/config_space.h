// PCI configuration space, and what it says about BAR0.
#ifndef SQTAIL_NVME_PCI_CONFIG_SPACE_H
#define SQTAIL_NVME_PCI_CONFIG_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "nvme/reset.h"
#include "spec/pci.h"

struct nvme_pci {
    uint8_t space[PCI_CONFIG_BYTES];
    uint8_t writable[PCI_CONFIG_BYTES];
    uint64_t bar_bytes, doorbell_end, table_offset, pba_offset;
    bool memory_enabled, master_enabled;
};

void config_space_create(struct nvme *nvme);
void config_space_reset(struct nvme *nvme, enum nvme_reset kind);
uint32_t config_space_read(void *self, uint32_t offset, unsigned bytes);
void config_space_write(void *self, uint32_t offset, unsigned bytes, uint32_t value);

#endif
