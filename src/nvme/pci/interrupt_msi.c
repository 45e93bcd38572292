// MSI: up to 32 messages that differ in their data's low bits.
//
// Sources: PCI Local Bus 3.0, section 6.8.1; NVM Express 1.4, 7.5.1 (single and multiple MSI; masked by INTMS). A host
// that enables fewer messages than the drive has vectors gets several by the same one. Each completion sends one, so
// that none is lost between a host's last look at its queue and its doorbell. Left out: masks by vector in
// configuration space, which the capability says are not there.
#include "nvme/nvme_internal.h"
#include "nvme/pci/bus_master.h"

static uint32_t control_of(const struct nvme *nvme)
{
    return config_space_get(&nvme->pci, PCI_MSI_AT) >> 16;
}

static bool enabled(const struct nvme *nvme)
{
    return control_of(nvme) & PCI_MSI_CONTROL_ENABLE;
}

static bool sends(const struct nvme *nvme, uint32_t vector)
{
    return nvme->pci.master_enabled && !registers_mask_vector(&nvme->registers, vector);
}

static void deliver(struct nvme *nvme, uint32_t vector)
{
    uint64_t address = config_space_get(&nvme->pci, PCI_MSI_AT + PCI_MSI_ADDRESS) |
                       (uint64_t)config_space_get(&nvme->pci, PCI_MSI_AT + PCI_MSI_ADDRESS_HIGH) << 32;
    uint32_t data = config_space_get(&nvme->pci, PCI_MSI_AT + PCI_MSI_DATA) & 0xffff;
    uint32_t supported = NVME_FIELD(control_of(nvme), PCI_MSI_CONTROL_CAPABLE);
    uint32_t bits = MIN(NVME_FIELD(control_of(nvme), PCI_MSI_CONTROL_ENABLED), supported);
    uint32_t message = vector & ((1u << bits) - 1);
    bus_message(nvme, message, address, (data & ~((1u << bits) - 1)) | message);
}

const struct nvme_interrupt_mode nvme_interrupt_msi = {
    .name = "msi",
    .message = LINK_MESSAGE_MSI,
    .enabled = enabled,
    .sends = sends,
    .deliver = deliver,
};
