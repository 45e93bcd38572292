// PCI configuration space of the drive: header, MSI-X, power management and PCI Express capabilities.
//
// Sources: PCI Local Bus 3.0, section 6; PCI Express Base 4.0, section 7.5; NVM Express 1.4, section 2. Bytes and a
// mask of the bits that software may change; a few registers act when written. Left out: INTx, extended capabilities
// (the first one reads as absent), error reporting, link retraining.
#include <string.h>

#include "nvme/nvme_internal.h"
#include "util/macros.h"

enum { MSIX_AT = 0x40, PM_AT = 0x60, EXP_AT = 0x80 };

// A register with its reset value and the bits that can be written.
struct space_row {
    uint32_t offset;
    uint32_t value;
    uint32_t writable;
};

// What does not depend on the configuration. Registers not named read 0.
static const struct space_row rows[] = {
    {PCI_COMMAND, PCI_STATUS_CAPABILITIES << 16,
     PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE | 0x0140}, // parity and SERR# enable
    {PCI_CACHE_LINE_SIZE, 0, 0x000000ff},
    {PCI_BAR1, 0, 0xffffffff},
    {PCI_CAPABILITIES, MSIX_AT, 0},
    {PCI_INTERRUPT_LINE, 0, 0x000000ff},
    {PM_AT, PCI_CAP_PM | EXP_AT << 8 | 3 << 16, 0},
    {PM_AT + PCI_PM_CONTROL, 0x0008, 0x0003}, // No_Soft_Reset; D0 and D3hot
    {EXP_AT, PCI_CAP_PCIE | 0 << 8 | 2 << 16 | PCI_EXP_TYPE_ENDPOINT << 20, 0},
    {EXP_AT + PCI_EXP_LINK_CONTROL_2, 0, 0x0000000f},
};

static uint32_t get(const struct nvme *nvme, uint32_t offset)
{
    uint32_t value;
    memcpy(&value, nvme->space + offset, sizeof value);
    return value;
}

static void put(struct nvme *nvme, struct space_row row)
{
    memcpy(nvme->space + row.offset, &row.value, sizeof row.value);
    memcpy(nvme->space_writable + row.offset, &row.writable, sizeof row.writable);
}

static void put_header(struct nvme *nvme)
{
    const struct pcie_config *pcie = nvme->pcie;
    put(nvme, (struct space_row){PCI_VENDOR_ID, pcie->vendor_id | pcie->device_id << 16, 0});
    put(nvme, (struct space_row){PCI_REVISION_ID, pcie->revision | (uint32_t)PCI_CLASS_NVME << 8, 0});
    put(nvme, (struct space_row){PCI_BAR0, PCI_BAR_64BIT, (uint32_t)~(nvme->bar_bytes - 1)});
    put(nvme, (struct space_row){PCI_SUBSYSTEM_VENDOR_ID, pcie->subsystem_vendor_id | pcie->subsystem_id << 16, 0});
}

static void put_msix(struct nvme *nvme)
{
    uint32_t control = nvme->config->msix_vectors - 1;
    put(nvme, (struct space_row){MSIX_AT, PCI_CAP_MSIX | PM_AT << 8 | control << 16,
                                 (uint32_t)(PCI_MSIX_CONTROL_MASK_ALL | PCI_MSIX_CONTROL_ENABLE) << 16});
    put(nvme, (struct space_row){MSIX_AT + PCI_MSIX_TABLE, (uint32_t)nvme->table_offset, 0});
    put(nvme, (struct space_row){MSIX_AT + PCI_MSIX_PBA, (uint32_t)nvme->pba_offset, 0});
}

static uint32_t size_code(uint64_t bytes) // 128 << n
{
    return (uint32_t)__builtin_ctzll(bytes) - 7;
}

static void put_express(struct nvme *nvme)
{
    const struct pcie_config *pcie = nvme->pcie;
    uint32_t payload = size_code(pcie->max_payload), request = size_code(pcie->max_read_request);
    uint32_t link = MAX(pcie->generation, 1u) | pcie->lanes << PCI_EXP_LINK_WIDTH_SHIFT;
    uint32_t speeds = ((1u << MAX(pcie->generation, 1u)) - 1) << 1; // supported link speeds vector
    put(nvme, (struct space_row){EXP_AT + PCI_EXP_DEVICE_CAPABILITIES,
                                 payload | PCI_EXP_DEVICE_CAPABILITIES_RBER | PCI_EXP_DEVICE_CAPABILITIES_FLR, 0});
    put(nvme, (struct space_row){EXP_AT + PCI_EXP_DEVICE_CONTROL,
                                 payload << PCI_EXP_DEVICE_CONTROL_MPS_SHIFT |
                                     request << PCI_EXP_DEVICE_CONTROL_MRRS_SHIFT,
                                 0xffff});
    put(nvme, (struct space_row){EXP_AT + PCI_EXP_LINK_CAPABILITIES, link, 0});
    put(nvme, (struct space_row){EXP_AT + PCI_EXP_LINK_CONTROL, link << 16, 0x00c3});
    put(nvme, (struct space_row){EXP_AT + PCI_EXP_LINK_CAPABILITIES_2, speeds, 0});
    link_set_limits(&nvme->link, payload, request);
}

static void command_changed(struct nvme *nvme)
{
    uint32_t command = get(nvme, PCI_COMMAND);
    bool powered = (get(nvme, PM_AT + PCI_PM_CONTROL) & 3) == 0; // D3hot: no memory accesses either way
    nvme->memory_enabled = powered && (command & PCI_COMMAND_MEMORY);
    nvme->master_enabled = powered && (command & PCI_COMMAND_MASTER);
    fetch_pump(nvme);
}

static void msix_changed(struct nvme *nvme)
{
    nvme->msix_control = get(nvme, MSIX_AT) >> 16;
    msix_control_changed(nvme);
}

void config_space_reset(struct nvme *nvme)
{
    memset(nvme->space, 0, sizeof nvme->space);
    memset(nvme->space_writable, 0, sizeof nvme->space_writable);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        put(nvme, rows[i]);
    put_header(nvme);
    put_msix(nvme);
    put_express(nvme);
    nvme->memory_enabled = nvme->master_enabled = false;
    nvme->msix_control = get(nvme, MSIX_AT) >> 16;
}

static void function_reset(struct nvme *nvme)
{
    controller_reset(nvme);
    registers_init(nvme);
    memset(nvme->pending, 0, (nvme->config->msix_vectors + 63) / 64 * sizeof *nvme->pending);
    for (uint32_t vector = 0; vector < nvme->config->msix_vectors; vector++)
        memcpy(nvme->table + 4 * vector, (uint32_t[]){0, 0, 0, PCI_MSIX_ENTRY_MASKED}, PCI_MSIX_ENTRY_BYTES);
    config_space_reset(nvme);
}

static void device_control_changed(struct nvme *nvme)
{
    uint32_t control = get(nvme, EXP_AT + PCI_EXP_DEVICE_CONTROL);
    if (control & PCI_EXP_DEVICE_CONTROL_FLR) {
        function_reset(nvme);
        return;
    }
    link_set_limits(&nvme->link, control >> PCI_EXP_DEVICE_CONTROL_MPS_SHIFT & 7,
                    control >> PCI_EXP_DEVICE_CONTROL_MRRS_SHIFT & 7);
}

static const struct {
    uint32_t offset; // of the doubleword
    void (*changed)(struct nvme *nvme);
} hooks[] = {
    {PCI_COMMAND, command_changed},
    {PM_AT + PCI_PM_CONTROL, command_changed},
    {MSIX_AT, msix_changed},
    {EXP_AT + PCI_EXP_DEVICE_CONTROL, device_control_changed},
};

uint32_t config_space_read(void *self, uint32_t offset, unsigned bytes)
{
    struct nvme *nvme = self;
    uint32_t value = 0;
    memcpy(&value, nvme->space + offset, bytes);
    return value;
}

void config_space_write(void *self, uint32_t offset, unsigned bytes, uint32_t value)
{
    struct nvme *nvme = self;
    for (unsigned i = 0; i < bytes; i++) {
        uint8_t *byte = nvme->space + offset + i, writable = nvme->space_writable[offset + i];
        *byte = (uint8_t)((*byte & ~writable) | ((value >> 8 * i) & writable));
    }
    for (size_t i = 0; i < ARRAY_SIZE(hooks); i++)
        if (hooks[i].offset == (offset & ~3u))
            hooks[i].changed(nvme);
}
