// Firmware slots.
#ifndef SQTAIL_NVME_ADMIN_FIRMWARE_H
#define SQTAIL_NVME_ADMIN_FIRMWARE_H

#include <stdbool.h>
#include <stdint.h>

#include "nvme/reset.h"

enum { NVME_FIRMWARE_SLOTS = 7, NVME_FIRMWARE_REVISION = 8 };

// What was downloaded and not yet committed.
struct nvme_firmware_image {
    uint32_t bytes; // from the beginning on
    uint64_t hash;  // of them
};

struct nvme_firmware {
    char slots[NVME_FIRMWARE_SLOTS][NVME_FIRMWARE_REVISION]; // revisions; all zeroes: empty
    uint32_t active, next; // slots, from 1 on; next: from a reset on, 0: it stays
    struct nvme_firmware_image image;
};

void firmware_create(struct nvme *nvme);
void firmware_reset(struct nvme *nvme, enum nvme_reset kind);

#endif
