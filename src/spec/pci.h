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
    PCI_CARDBUS_CIS = 0x28,
    PCI_SUBSYSTEM_VENDOR_ID = 0x2c,
    PCI_SUBSYSTEM_ID = 0x2e,
    PCI_EXPANSION_ROM = 0x30,
    PCI_CAPABILITIES = 0x34,
    PCI_INTERRUPT_LINE = 0x3c,
    PCI_INTERRUPT_PIN = 0x3d,
    PCI_EXTENDED = 0x100, // first extended capability
};

enum { PCI_CLASS_NVME = 0x010802 };

enum { PCI_PIN_INTA = 1 };

enum {
    PCI_COMMAND_MEMORY = 1 << 1,
    PCI_COMMAND_MASTER = 1 << 2,
    PCI_COMMAND_PARITY = 1 << 6,
    PCI_COMMAND_SERR = 1 << 8,
    PCI_COMMAND_INTX_DISABLE = 1 << 10,
    PCI_STATUS_INTERRUPT = 1 << 3, // one is pending, whether INTx is disabled or not
    PCI_STATUS_CAPABILITIES = 1 << 4,
    PCI_STATUS_RECEIVED_MASTER_ABORT = 1 << 13,
    PCI_STATUS_ERRORS = 0xf900, // all that a write of ones clears
    PCI_BAR_64BIT = 0x4,
};

enum pci_capability { PCI_CAP_PM = 0x01, PCI_CAP_MSI = 0x05, PCI_CAP_PCIE = 0x10, PCI_CAP_MSIX = 0x11 };

// A capability: identifier, pointer to the next one (0 ends the chain), then its registers at these offsets.
enum {
    PCI_CAP_ID = 0,
    PCI_CAP_NEXT = 1,

    PCI_PM_CAPABILITIES = 2, // version 3
    PCI_PM_CONTROL = 4,      // bits 1:0 power state
    PCI_PM_BYTES = 8,

    PCI_MSI_CONTROL = 2, // with 64-bit addresses, without masks
    PCI_MSI_ADDRESS = 4,
    PCI_MSI_ADDRESS_HIGH = 8,
    PCI_MSI_DATA = 12, // 16 bits
    PCI_MSI_BYTES = 14,

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

enum { // 6.8.1.3
    PCI_MSI_CONTROL_ENABLE = 1 << 0,
    PCI_MSI_CONTROL_CAPABLE_SHIFT = 1, PCI_MSI_CONTROL_CAPABLE_MASK = 7, // 2^n messages
    PCI_MSI_CONTROL_ENABLED_SHIFT = 4, PCI_MSI_CONTROL_ENABLED_MASK = 7,
    PCI_MSI_CONTROL_64BIT = 1 << 7,
    PCI_MSI_MESSAGES_LOG2_MAX = 5,
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
    PCI_EXP_DEVICE_STATUS_CORRECTABLE = 1 << 0,
    PCI_EXP_DEVICE_STATUS_NON_FATAL = 1 << 1,
    PCI_EXP_DEVICE_STATUS_FATAL = 1 << 2,
    PCI_EXP_DEVICE_STATUS_UNSUPPORTED = 1 << 3,
    PCI_EXP_DEVICE_STATUS_ERRORS = 0xf,
    PCI_EXP_LINK_WIDTH_SHIFT = 4,          // in link capabilities and link status; bits 3:0 are the generation
};

// Advanced error reporting, PCI Express Base 4.0, 7.8.4: an extended capability, registers at these offsets.
enum {
    PCI_EXT_CAP_AER = 0x0001,
    PCI_AER_UNCORRECTABLE = 0x04, // status
    PCI_AER_UNCORRECTABLE_MASK = 0x08,
    PCI_AER_SEVERITY = 0x0c,
    PCI_AER_CORRECTABLE = 0x10, // status
    PCI_AER_CORRECTABLE_MASK = 0x14,
    PCI_AER_CONTROL = 0x18,
};

enum {
    PCI_AER_UNSUPPORTED_REQUEST = 1 << 20,
    // Data link protocol, surprise down, poisoned, flow control, completion timeout, completer abort, unexpected
    // completion, receiver overflow, malformed, unsupported request, internal.
    PCI_AER_UNCORRECTABLE_ERRORS = 0x0057f030,
    PCI_AER_SEVERITY_POWER_ON = 0x00462030,
    PCI_AER_ADVISORY = 1 << 13,
    PCI_AER_CORRECTABLE_ERRORS = 0x000031c1, // receiver, bad TLP and DLLP, replays, advisory
    PCI_AER_FIRST_ERROR_MASK = 0x1f,
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
