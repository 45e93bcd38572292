// The MSI-X table and its pending bits, as BAR0 shows them.
#ifndef SQTAIL_NVME_PCI_MSIX_TABLE_H
#define SQTAIL_NVME_PCI_MSIX_TABLE_H

#include <stdint.h>

struct nvme;

void msix_table_reset(struct nvme *nvme);
uint32_t msix_table_read(const struct nvme *nvme, uint64_t offset);
// An offset within the table.
void msix_table_write(struct nvme *nvme, uint64_t offset, uint32_t value);

#endif
