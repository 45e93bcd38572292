// PCI configuration space and MSI-X as they stand on the wire.
//
// Sources: PCI Local Bus 3.0 section 6 (header, MSI-X: 6.8.2), PCI Express Base 4.0 section 7 (PCI Express and power
// management capabilities), NVM Express Base 1.4 section 2 (class code).
#ifndef SQTAIL_SPEC_PCI_H
#define SQTAIL_SPEC_PCI_H

#include <stdint.h>

enum { PCI_CONFIG_BYTES = 4096, PCI_HEADER_BYTES = 64 };

enum pci_header { // type 0
    PCI_VENDOR_ID = 0x00,
    PCI_DEVICE_ID = 0x02,
    PCI_COMMAND = 0x04,
    PCI_STATUS = 0x06,
    PCI_REVISION_ID = 0x08,
    PCI_CLASS_CODE = 0x09, // 3 bytes
    PCI_CACHE_LINE_SIZE = 0x0c,
    PCI_LATENCY_TIMER = 0x0d,
    PCI_HEADER_TYPE = 0x0e,
    PCI_BIST = 0x0f,
    PCI_BAR0 = 0x10,
    PCI_BAR1 = 0x14,
    PCI_SUBSYSTEM_VENDOR_ID = 0x2c,
    PCI_SUBSYSTEM_ID = 0x2e,
    PCI_EXPANSION_ROM = 0x30,
    PCI_CAPABILITIES = 0x34,
    PCI_INTERRUPT_LINE = 0x3c,
    PCI_INTERRUPT_PIN = 0x3d,
    PCI_EXTENDED = 0x100, // first extended capability
};

enum { PCI_CLASS_NVME = 0x010802 };

enum {
    PCI_COMMAND_MEMORY = 1 << 1,
    PCI_COMMAND_MASTER = 1 << 2,
    PCI_COMMAND_INTX_DISABLE = 1 << 10,
    PCI_STATUS_CAPABILITIES = 1 << 4,
    PCI_BAR_64BIT = 0x4,
};

enum pci_capability { PCI_CAP_PM = 0x01, PCI_CAP_PCIE = 0x10, PCI_CAP_MSIX = 0x11 };

// A capability: identifier, pointer to the next one (0 ends the chain), then its registers at these offsets.
enum {
    PCI_CAP_ID = 0,
    PCI_CAP_NEXT = 1,

    PCI_PM_CAPABILITIES = 2, // version 3
    PCI_PM_CONTROL = 4,      // bits 1:0 power state
    PCI_PM_BYTES = 8,

    PCI_MSIX_CONTROL = 2,
    PCI_MSIX_TABLE = 4, // bits 2:0 BAR, the rest offset
    PCI_MSIX_PBA = 8,
    PCI_MSIX_BYTES = 12,

    PCI_EXP_CAPABILITIES = 2, // version 2, bits 7:4 type
    PCI_EXP_DEVICE_CAPABILITIES = 4,
    PCI_EXP_DEVICE_CONTROL = 8,
    PCI_EXP_DEVICE_STATUS = 10,
    PCI_EXP_LINK_CAPABILITIES = 12,
    PCI_EXP_LINK_CONTROL = 16,
    PCI_EXP_LINK_STATUS = 18,
    PCI_EXP_DEVICE_CAPABILITIES_2 = 36,
    PCI_EXP_DEVICE_CONTROL_2 = 40,
    PCI_EXP_LINK_CAPABILITIES_2 = 44,
    PCI_EXP_LINK_CONTROL_2 = 48,
    PCI_EXP_LINK_STATUS_2 = 50,
    PCI_EXP_BYTES = 60,
};

enum {
    PCI_MSIX_CONTROL_SIZE_MASK = 0x7ff, // vectors, 0's based
    PCI_MSIX_CONTROL_MASK_ALL = 1 << 14,
    PCI_MSIX_CONTROL_ENABLE = 1 << 15,
    PCI_EXP_TYPE_ENDPOINT = 0,
    PCI_EXP_DEVICE_CAPABILITIES_RBER = 1 << 15, // role-based error reporting
    PCI_EXP_DEVICE_CAPABILITIES_FLR = 1 << 28,
    PCI_EXP_SIZE_MASK = 7,                 // of a size: device capabilities in bits 2:0, device control below
    PCI_EXP_DEVICE_CONTROL_MPS_SHIFT = 5,  // 128 << n bytes
    PCI_EXP_DEVICE_CONTROL_MRRS_SHIFT = 12,
    PCI_EXP_DEVICE_CONTROL_FLR = 1 << 15,  // initiate function level reset
    PCI_EXP_LINK_WIDTH_SHIFT = 4,          // in link capabilities and link status; bits 3:0 are the generation
};

// An entry of the MSI-X table, 6.8.2.6 ff.
struct pci_msix_entry {
    uint64_t address;
    uint32_t data;
    uint32_t control; // bit 0: masked
};
_Static_assert(sizeof(struct pci_msix_entry) == 16, "PCI 3.0, figure 6-11");

enum { PCI_MSIX_ENTRY_BYTES = 16, PCI_MSIX_ENTRY_MASKED = 1 };

#endif
