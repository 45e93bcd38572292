// Errors on the bus: the bits of Status, Device Status and advanced error reporting that tell of them.
//
// Sources: PCI Express Base 4.0, 2.3.1 (unsupported requests), 6.2.3.2.4 (one that is not posted and not severe is an
// advisory error, which the function counts as a correctable one), 7.5.1.1.4, 7.5.3.5, 7.8.4. Left out: the message to
// the root complex, header logs.
#include "nvme/pci/pci_errors.h"

#include "nvme/nvme_internal.h"

static void set(struct nvme *nvme, uint32_t offset, uint32_t bits)
{
    nvme->pci.space[offset / 4] |= bits;
}

static uint32_t aer(const struct nvme *nvme, uint32_t offset)
{
    return config_space_get(&nvme->pci, PCI_AER_AT + offset);
}

static void note_device_status(struct nvme *nvme, uint32_t bits)
{
    set(nvme, PCI_EXP_AT + PCI_EXP_DEVICE_CONTROL, bits << 16);
}

static void note_uncorrectable(struct nvme *nvme, uint32_t bit)
{
    bool first = aer(nvme, PCI_AER_UNCORRECTABLE) == 0;
    set(nvme, PCI_AER_AT + PCI_AER_UNCORRECTABLE, bit);
    if (first)
        nvme->pci.space[(PCI_AER_AT + PCI_AER_CONTROL) / 4] = (uint32_t)__builtin_ctz(bit);
}

void pci_unsupported_request(struct nvme *nvme, bool posted)
{
    bool fatal = aer(nvme, PCI_AER_SEVERITY) & PCI_AER_UNSUPPORTED_REQUEST, advisory = !posted && !fatal;
    uint32_t kind = fatal ? PCI_EXP_DEVICE_STATUS_FATAL
                    : advisory ? PCI_EXP_DEVICE_STATUS_CORRECTABLE
                               : PCI_EXP_DEVICE_STATUS_NON_FATAL;
    note_device_status(nvme, kind | PCI_EXP_DEVICE_STATUS_UNSUPPORTED);
    if (advisory)
        set(nvme, PCI_AER_AT + PCI_AER_CORRECTABLE, PCI_AER_ADVISORY);
    if (!advisory || !(aer(nvme, PCI_AER_CORRECTABLE_MASK) & PCI_AER_ADVISORY))
        note_uncorrectable(nvme, PCI_AER_UNSUPPORTED_REQUEST);
}

void pci_master_abort(struct nvme *nvme)
{
    set(nvme, PCI_COMMAND, (uint32_t)PCI_STATUS_RECEIVED_MASTER_ABORT << 16);
}
