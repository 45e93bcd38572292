// MSI-X: a message a vector, by a table in BAR0.
//
// Source: PCI Local Bus 3.0, section 6.8 (6.8.3.4: pending bits). A vector that is masked, by itself or by the function
// mask, or whose function is no bus master, stays pending. A host that keeps the table itself, as QEMU does for devices
// in other processes, never writes it here: then the function mask alone counts, and the host goes by the vector's
// number.
#include <string.h>

#include "nvme/nvme_internal.h"
#include "nvme/pci/bus_master.h"
#include "nvme/pci/msix_table.h"

enum { CONTROL_WORD = 3, ENTRY_WORDS = PCI_MSIX_ENTRY_BYTES / 4 };

static uint32_t control_of(const struct nvme *nvme)
{
    return config_space_get(&nvme->pci, PCI_MSIX_AT) >> 16;
}

static bool enabled(const struct nvme *nvme)
{
    return control_of(nvme) & PCI_MSIX_CONTROL_ENABLE;
}

static bool sends(const struct nvme *nvme, uint32_t vector)
{
    if (!nvme->pci.master_enabled || (control_of(nvme) & PCI_MSIX_CONTROL_MASK_ALL))
        return false;
    return nvme->host.keeps_vectors ||
           !(nvme->interrupts.table[ENTRY_WORDS * vector + CONTROL_WORD] & PCI_MSIX_ENTRY_MASKED);
}

static void deliver(struct nvme *nvme, uint32_t vector)
{
    const uint32_t *entry = nvme->interrupts.table + ENTRY_WORDS * vector;
    bus_message(nvme, vector, entry[0] | (uint64_t)entry[1] << 32, entry[2]);
}

const struct nvme_interrupt_mode nvme_interrupt_msix = {
    .name = "msix",
    .message = LINK_MESSAGE_MSI,
    .enabled = enabled,
    .sends = sends,
    .deliver = deliver,
};

// --- the table -----------------------------------------------------------------------------------------------------

void msix_table_reset(struct nvme *nvme)
{
    static const uint32_t masked[ENTRY_WORDS] = {[CONTROL_WORD] = PCI_MSIX_ENTRY_MASKED};
    for (uint32_t vector = 0; vector < nvme->config->msix_vectors; vector++)
        memcpy(nvme->interrupts.table + ENTRY_WORDS * vector, masked, sizeof masked);
}

static uint32_t pending_bits(const struct nvme *nvme, uint64_t word)
{
    if (word >= 2 * bitmap_words(nvme->config->msix_vectors) || !enabled(nvme))
        return 0;
    return (uint32_t)(nvme->interrupts.pending[word / 2] >> (word % 2 * 32));
}

uint32_t msix_table_read(const struct nvme *nvme, uint64_t offset)
{
    if (offset >= nvme->pci.pba_offset)
        return pending_bits(nvme, (offset - nvme->pci.pba_offset) / 4);
    uint64_t word = (offset - nvme->pci.table_offset) / 4;
    return word < ENTRY_WORDS * (uint64_t)nvme->config->msix_vectors ? nvme->interrupts.table[word] : 0;
}

void msix_table_write(struct nvme *nvme, uint64_t offset, uint32_t value)
{
    static const uint32_t writable[ENTRY_WORDS] = {~UINT32_C(3), UINT32_MAX, UINT32_MAX, PCI_MSIX_ENTRY_MASKED};
    uint64_t word = (offset - nvme->pci.table_offset) / 4;
    nvme->interrupts.table[word] = value & writable[word % ENTRY_WORDS];
}
