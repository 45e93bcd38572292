// PCI configuration space, and what it says about BAR0.
#ifndef SQTAIL_NVME_PCI_CONFIG_SPACE_H
#define SQTAIL_NVME_PCI_CONFIG_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nvme/reset.h"
#include "spec/pci.h"

// Where the capabilities lie.
enum { PCI_MSIX_AT = 0x40, PCI_MSI_AT = 0x50, PCI_PM_AT = 0x60, PCI_EXP_AT = 0x80, PCI_AER_AT = PCI_EXTENDED };

struct nvme_pci {
    uint32_t space[PCI_CONFIG_BYTES / 4];
    uint64_t bar_bytes, doorbell_end, table_offset, pba_offset;
    bool powered; // in D0
    bool memory_enabled, master_enabled;
};

// A register of configuration space: a doubleword. Bits that no mask names are read-only.
struct nvme_pci_register {
    const char *name; // as its specification calls it
    uint32_t offset;
    uint32_t value; // after power-on
    uint32_t (*value_of)(const struct nvme *nvme); // and what the drive's configuration adds to it; NULL: nothing
    uint32_t rw;                                   // bits that a write replaces
    uint32_t (*rw_of)(const struct nvme *nvme);    // and those that depend on the drive; NULL: none
    uint32_t w1c;    // bits that a write of ones clears
    uint32_t kept;   // by a function level reset, beside those that are sticky
    uint32_t sticky; // kept by all resets but power-on's
    uint32_t (*live)(struct nvme *nvme); // bits that are looked up when read; NULL: none
    void (*written)(struct nvme *nvme, uint32_t before); // NULL: a write does nothing more
};

// All of them, by offset; what lies between reads 0.
extern const struct nvme_pci_register nvme_pci_registers[];
extern const size_t nvme_pci_register_count;

static inline uint32_t config_space_get(const struct nvme_pci *pci, uint32_t offset)
{
    return pci->space[offset / 4];
}

void config_space_create(struct nvme *nvme);

// Who may reach whom, as the registers and the host's port say.
void config_space_decide_access(struct nvme *nvme);
void config_space_reset(struct nvme *nvme, enum nvme_reset kind);

// Accesses of other widths than 1, 2 and 4 bytes, across doublewords or beyond the space are nobody's: they read ones
// and write nothing.
uint32_t config_space_read(void *self, uint32_t offset, unsigned bytes);
void config_space_write(void *self, uint32_t offset, unsigned bytes, uint32_t value);

#endif
