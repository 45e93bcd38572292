// PCI configuration space of the drive: header, MSI-X, power management and PCI Express capabilities.
//
// Sources: PCI Local Bus 3.0, section 6; PCI Express Base 4.0, sections 6.6.2 (function level reset), 7.5; PCI Power
// Management 1.2; NVM Express 1.4, section 2. Rows of registers: the value after power-on, the bits that software may
// change, and those of them that outlive a function level reset; a few registers act when written. Left out: INTx,
// extended capabilities (the first one reads as absent), error reporting, link retraining.
#include "nvme/pci/config_space.h"

#include <string.h>

#include "nvme/queue/cq_heads.h"
#include "nvme/admin/events.h"
#include "nvme/queue/fetch.h"
#include "nvme/nvme_internal.h"
#include "util/macros.h"

enum { BAR_PAGE = 4096, BAR_MIN = 16384 };
enum { MSIX_AT = 0x40, PM_AT = 0x60, EXP_AT = 0x80 };

struct space_row {
    uint32_t offset;
    uint32_t value;    // after power-on
    uint32_t writable; // bits that software may change
    uint32_t sticky;   // those that a function level reset leaves alone
};

// Device Control after power-on: payloads of 128 bytes, read requests of 512, relaxed ordering, no snoop. Extended
// tags, phantom functions and auxiliary power are not there: their bits read 0.
enum { DEVICE_CONTROL_POWER_ON = 2 << PCI_EXP_DEVICE_CONTROL_MRRS_SHIFT | 1 << 11 | 1 << 4,
       DEVICE_CONTROL_WRITABLE = 0xf8ff,
       DEVICE_CONTROL_STICKY = 7 << PCI_EXP_DEVICE_CONTROL_MPS_SHIFT };
enum { LINK_CONTROL_WRITABLE = 0x00c3 }; // ASPM, common clock, extended synch: all of them sticky
enum { POWER_STATE_MASK = 3, POWER_STATE_D0 = 0, POWER_STATE_D3HOT = 3 };

// What does not depend on the configuration. Registers not named read 0.
static const struct space_row rows[] = {
    {PCI_COMMAND, PCI_STATUS_CAPABILITIES << 16,
     PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE | 0x0140, 0}, // parity and SERR# enable
    {PCI_CACHE_LINE_SIZE, 0, 0x000000ff, 0},
    {PCI_BAR1, 0, 0xffffffff, 0},
    {PCI_CAPABILITIES, MSIX_AT, 0, 0},
    {PCI_INTERRUPT_LINE, 0, 0x000000ff, 0},
    {PM_AT, PCI_CAP_PM | EXP_AT << 8 | 3 << 16, 0, 0},
    {PM_AT + PCI_PM_CONTROL, 0x0008, POWER_STATE_MASK, 0}, // No_Soft_Reset
    {EXP_AT, PCI_CAP_PCIE | 0 << 8 | 2 << 16 | PCI_EXP_TYPE_ENDPOINT << 20, 0, 0},
    {EXP_AT + PCI_EXP_DEVICE_CONTROL, DEVICE_CONTROL_POWER_ON, DEVICE_CONTROL_WRITABLE, DEVICE_CONTROL_STICKY},
};

static uint32_t get(const struct nvme *nvme, uint32_t offset)
{
    uint32_t value;
    memcpy(&value, nvme->pci.space + offset, sizeof value);
    return value;
}

// `kept` is all ones for a register whose sticky bits keep their value, 0 for one that is powered on.
static void put(struct nvme *nvme, struct space_row row, uint32_t kept)
{
    uint32_t keep = row.sticky & kept, value = (get(nvme, row.offset) & keep) | (row.value & ~keep);
    memcpy(nvme->pci.space + row.offset, &value, sizeof value);
    memcpy(nvme->pci.writable + row.offset, &row.writable, sizeof row.writable);
}

static void put_header(struct nvme *nvme, uint32_t kept)
{
    const struct pcie_config *pcie = nvme->pcie;
    put(nvme, (struct space_row){PCI_VENDOR_ID, pcie->vendor_id | pcie->device_id << 16, 0, 0}, kept);
    put(nvme, (struct space_row){PCI_REVISION_ID, pcie->revision | (uint32_t)PCI_CLASS_NVME << 8, 0, 0}, kept);
    put(nvme, (struct space_row){PCI_BAR0, PCI_BAR_64BIT, (uint32_t)~(nvme->pci.bar_bytes - 1), 0}, kept);
    put(nvme, (struct space_row){PCI_SUBSYSTEM_VENDOR_ID, pcie->subsystem_vendor_id | pcie->subsystem_id << 16, 0, 0},
        kept);
}

static void put_msix(struct nvme *nvme, uint32_t kept)
{
    uint32_t control = nvme->config->msix_vectors - 1;
    put(nvme, (struct space_row){MSIX_AT, PCI_CAP_MSIX | PM_AT << 8 | control << 16,
                                 (uint32_t)(PCI_MSIX_CONTROL_MASK_ALL | PCI_MSIX_CONTROL_ENABLE) << 16, 0}, kept);
    put(nvme, (struct space_row){MSIX_AT + PCI_MSIX_TABLE, (uint32_t)nvme->pci.table_offset, 0, 0}, kept);
    put(nvme, (struct space_row){MSIX_AT + PCI_MSIX_PBA, (uint32_t)nvme->pci.pba_offset, 0, 0}, kept);
}

static uint32_t size_code(uint64_t bytes) // 128 << n
{
    return (uint32_t)__builtin_ctzll(bytes) - 7;
}

static void put_express(struct nvme *nvme, uint32_t kept)
{
    const struct pcie_config *pcie = nvme->pcie;
    uint32_t generation = MAX(pcie->generation, 1u), payload = size_code(pcie->max_payload);
    uint32_t link = generation | pcie->lanes << PCI_EXP_LINK_WIDTH_SHIFT;
    uint32_t speeds = ((1u << generation) - 1) << 1; // supported link speeds vector
    put(nvme, (struct space_row){EXP_AT + PCI_EXP_DEVICE_CAPABILITIES,
                                 payload | PCI_EXP_DEVICE_CAPABILITIES_RBER | PCI_EXP_DEVICE_CAPABILITIES_FLR, 0, 0},
        kept);
    put(nvme, (struct space_row){EXP_AT + PCI_EXP_LINK_CAPABILITIES, link, 0, 0}, kept);
    put(nvme, (struct space_row){EXP_AT + PCI_EXP_LINK_CONTROL, link << 16, LINK_CONTROL_WRITABLE,
                                 LINK_CONTROL_WRITABLE}, kept);
    put(nvme, (struct space_row){EXP_AT + PCI_EXP_LINK_CAPABILITIES_2, speeds, 0, 0}, kept);
    put(nvme, (struct space_row){EXP_AT + PCI_EXP_LINK_CONTROL_2, generation, 0x000f, 0x000f}, kept); // target speed
}

static void set_link_limits(struct nvme *nvme)
{
    uint32_t control = get(nvme, EXP_AT + PCI_EXP_DEVICE_CONTROL);
    link_set_limits(&nvme->link, control >> PCI_EXP_DEVICE_CONTROL_MPS_SHIFT & 7,
                    control >> PCI_EXP_DEVICE_CONTROL_MRRS_SHIFT & 7);
}

static void put_all(struct nvme *nvme, uint32_t kept)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        put(nvme, rows[i], kept);
    put_header(nvme, kept);
    put_msix(nvme, kept);
    put_express(nvme, kept);
    set_link_limits(nvme);
    nvme->pci.memory_enabled = nvme->pci.master_enabled = false;
    nvme->msix.control = get(nvme, MSIX_AT) >> 16;
}

static uint64_t page_up(uint64_t bytes)
{
    return (bytes + BAR_PAGE - 1) / BAR_PAGE * BAR_PAGE;
}

void config_space_create(struct nvme *nvme)
{
    const struct nvme_config *config = nvme->config;
    uint64_t doorbells = 2 * ((uint64_t)config->max_queues + 1);
    nvme->pci.doorbell_end = NVME_REG_DOORBELLS + (doorbells << (2 + config->doorbell_stride));
    nvme->pci.table_offset = page_up(nvme->pci.doorbell_end);
    nvme->pci.pba_offset = page_up(nvme->pci.table_offset + (uint64_t)config->msix_vectors * PCI_MSIX_ENTRY_BYTES);
    uint64_t end = nvme->pci.pba_offset + BAR_PAGE;
    for (nvme->pci.bar_bytes = BAR_MIN; nvme->pci.bar_bytes < end;)
        nvme->pci.bar_bytes *= 2;
}

void config_space_reset(struct nvme *nvme, enum nvme_reset kind)
{
    put_all(nvme, kind == NVME_RESET_POWER_ON ? 0 : UINT32_MAX);
}

// --- what acts when written ----------------------------------------------------------------------------------------

// Outside D0 there are no memory accesses either way. What has waited for bus mastering goes on.
static void command_changed(struct nvme *nvme, uint32_t before)
{
    (void)before;
    uint32_t command = get(nvme, PCI_COMMAND);
    bool powered = (get(nvme, PM_AT + PCI_PM_CONTROL) & POWER_STATE_MASK) == POWER_STATE_D0;
    nvme->pci.memory_enabled = powered && (command & PCI_COMMAND_MEMORY);
    nvme->pci.master_enabled = powered && (command & PCI_COMMAND_MASTER);
    msix_control_changed(nvme);
    events_deliver(nvme);
    fetch_pump(nvme);
}

// D1 and D2 are not there: the write completes and is discarded (PCI Power Management 1.2, 3.2.4).
static void power_changed(struct nvme *nvme, uint32_t before)
{
    uint32_t state = get(nvme, PM_AT + PCI_PM_CONTROL) & POWER_STATE_MASK;
    if (state != POWER_STATE_D0 && state != POWER_STATE_D3HOT)
        memcpy(nvme->pci.space + PM_AT + PCI_PM_CONTROL, &before, sizeof before);
    else
        command_changed(nvme, before);
}

static void msix_changed(struct nvme *nvme, uint32_t before)
{
    (void)before;
    nvme->msix.control = get(nvme, MSIX_AT) >> 16;
    msix_control_changed(nvme);
}

static void device_control_changed(struct nvme *nvme, uint32_t before)
{
    (void)before;
    if (get(nvme, EXP_AT + PCI_EXP_DEVICE_CONTROL) & PCI_EXP_DEVICE_CONTROL_FLR)
        nvme->reset(nvme, NVME_RESET_FUNCTION);
    else
        set_link_limits(nvme);
}

static const struct {
    uint32_t offset; // of the doubleword
    void (*changed)(struct nvme *nvme, uint32_t before);
} hooks[] = {
    {PCI_COMMAND, command_changed},
    {PM_AT + PCI_PM_CONTROL, power_changed},
    {MSIX_AT, msix_changed},
    {EXP_AT + PCI_EXP_DEVICE_CONTROL, device_control_changed},
};

uint32_t config_space_read(void *self, uint32_t offset, unsigned bytes)
{
    struct nvme *nvme = self;
    uint32_t value = 0;
    memcpy(&value, nvme->pci.space + offset, bytes);
    return value;
}

void config_space_write(void *self, uint32_t offset, unsigned bytes, uint32_t value)
{
    struct nvme *nvme = self;
    uint32_t before = get(nvme, offset & ~3u);
    cq_heads_become_events(nvme); // what arrives later finds what is now written
    for (unsigned i = 0; i < bytes; i++) {
        uint8_t *byte = nvme->pci.space + offset + i, writable = nvme->pci.writable[offset + i];
        *byte = (uint8_t)((*byte & ~writable) | ((value >> 8 * i) & writable));
    }
    for (size_t i = 0; i < ARRAY_SIZE(hooks); i++)
        if (hooks[i].offset == (offset & ~3u))
            hooks[i].changed(nvme, before);
}
