// The namespaces that a drive begins with, as the configuration names them.
#ifndef SQTAIL_NVME_NAMESPACE_LAYOUT_H
#define SQTAIL_NVME_NAMESPACE_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "config/tuples.h"
#include "nvme/nvme_config.h"

enum { NVME_NAMESPACES_MAX = 64 };
enum { NVME_LBA_SHIFT_MIN = 9, NVME_LBA_SHIFT_MAX = 12, NVME_LBA_FORMATS = 4 }; // 512 B to 4 KiB: format n is 2^(9 + n) bytes
#define NVME_NAMESPACE_GRANULE (UINT64_C(1) << 20)

struct nvme_layout_row {
    uint64_t size;        // bytes, or a share of the capacity; 0: all that is left
    uint64_t block_bytes; // of a logical block
};

struct nvme_layout {
    uint32_t count;
    struct nvme_layout_row row[NVME_NAMESPACES_MAX];
};

bool nvme_is_block_size(uint64_t bytes);

// Of `nvme.namespaces`: false when that is no layout, with the reason in `problem`.
bool layout_read(const struct nvme_config *config, struct nvme_layout *layout, struct config_problem *problem);

// Of the namespace of that place: a lone one has all, down to whole blocks; others have whole granules.
uint64_t layout_bytes(const struct nvme_layout *layout, uint32_t index, uint64_t capacity);

// Whether a drive of so many bytes has room for all of them, none being empty.
bool layout_fits(const struct nvme_layout *layout, uint64_t capacity);

#endif
