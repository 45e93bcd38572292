// DMA reads of user data, as many at once as the engine's window allows.
#ifndef SQTAIL_NVME_PCI_DMA_READ_H
#define SQTAIL_NVME_PCI_DMA_READ_H

#include <stdint.h>

#include "util/list.h"
#include "util/pool.h"

enum { DMA_READ_PIECE = 16 << 10 }; // bytes

struct nvme;
struct nvme_command;

// Some of a Write command's data, on their way to the core or waiting for it.
struct nvme_dma {
    struct list_link link;
    struct nvme_command *command;
    uint64_t bytes;
    uint32_t requests; // read requests that are under way for it
};

struct nvme_dma_reads {
    struct pool pool;
    struct list waiting;
    uint32_t under_way; // read requests
};

void dma_read_create(struct nvme *nvme);
void dma_read_destroy(struct nvme *nvme);

// The core has room for `bytes` of the command's data: they are read, behind what was asked for before, and the core is
// told as they come.
void dma_read_data(struct nvme_command *command, uint64_t bytes);

#endif
