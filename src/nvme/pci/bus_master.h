// What the function does to the host as bus master.
#ifndef SQTAIL_NVME_PCI_BUS_MASTER_H
#define SQTAIL_NVME_PCI_BUS_MASTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/tick.h"

struct nvme;

// When `bytes` that are asked for now at the address have come: across the link, unless they lie in the drive.
tick_t bus_read_arrival(struct nvme *nvme, uint64_t address, uint64_t bytes);

// DMA from and to host memory; false when it did not take place.
bool bus_read(struct nvme *nvme, uint64_t address, void *to, size_t bytes);
bool bus_write(struct nvme *nvme, uint64_t address, const void *from, size_t bytes);

// Sends a message, the function's `vector`th; the function must be bus master.
void bus_message(const struct nvme *nvme, uint32_t vector, uint64_t address, uint32_t data);

#endif
