// What the function does to the host as bus master.
#ifndef SQTAIL_NVME_PCI_BUS_MASTER_H
#define SQTAIL_NVME_PCI_BUS_MASTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nvme;

// DMA from and to host memory; false when it did not take place.
bool bus_read(struct nvme *nvme, uint64_t address, void *to, size_t bytes);
bool bus_write(const struct nvme *nvme, uint64_t address, const void *from, size_t bytes);

// Sends a message, the function's `vector`th; the function must be bus master.
void bus_message(const struct nvme *nvme, uint32_t vector, uint64_t address, uint32_t data);

#endif
