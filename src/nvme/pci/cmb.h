// The controller memory buffer: memory of the drive's that the host reaches through BAR0, and gives addresses of its
// own.
#ifndef SQTAIL_NVME_PCI_CMB_H
#define SQTAIL_NVME_PCI_CMB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/macros.h"

struct nvme;

struct nvme_cmb {
    uint8_t *memory;
    uint64_t bytes;  // 0: there is none
    uint64_t offset; // in BAR0
    uint64_t base;   // by which commands name it, CMBMSC.CBA
    uint64_t window; // bytes from there on; 0 while CMBMSC.CMSE is not set
};

// Whether the address lies in it.
static inline bool cmb_has(const struct nvme_cmb *cmb, uint64_t address)
{
    return unlikely(cmb->window > 0) && address - cmb->base < cmb->window;
}

void cmb_create(struct nvme *nvme);
void cmb_destroy(struct nvme *nvme);

// CMBMSC has been written or reset: CMBLOC, CMBSZ and CMBSTS follow, and what commands can name.
void cmb_control_changed(struct nvme *nvme);

// The host's accesses, a doubleword at an offset in BAR0.
uint32_t cmb_read(const struct nvme *nvme, uint64_t offset);
void cmb_write(struct nvme *nvme, uint64_t offset, uint32_t value);

// The controller's own; false where the bytes do not end within it.
bool cmb_copy_out(const struct nvme_cmb *cmb, uint64_t address, void *to, size_t bytes);
bool cmb_copy_in(struct nvme_cmb *cmb, uint64_t address, const void *from, size_t bytes);

#endif
