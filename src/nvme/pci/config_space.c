// PCI configuration space of the drive: type 0 header, MSI-X, MSI, power management and PCI Express capabilities, and
// advanced error reporting.
//
// Sources: PCI Local Bus 3.0, section 6; PCI Express Base 4.0, sections 6.6 (resets, what each leaves), 7.5, 7.8.4; PCI
// Power Management 1.2; NVM Express 1.4, section 2. A row a doubleword. Left out: error messages to the root complex
// (the bits that tell of errors are there: pci_errors.c), link retraining, PME.
#include "nvme/pci/config_space.h"

#include <string.h>

#include "nvme/queue/cq_heads.h"
#include "nvme/admin/events.h"
#include "nvme/queue/fetch.h"
#include "nvme/nvme_internal.h"
#include "util/macros.h"

enum { BAR_PAGE = 4096, BAR_MIN = 16384 };

// Device Control after power-on: payloads of 128 bytes, read requests of 512, relaxed ordering, no snoop. Extended
// tags, phantom functions and auxiliary power are not there: their bits read 0.
enum { DEVICE_CONTROL_POWER_ON = 2 << PCI_EXP_DEVICE_CONTROL_MRRS_SHIFT | 1 << 11 | 1 << 4,
       DEVICE_CONTROL_WRITABLE = 0xf8ff,
       DEVICE_CONTROL_KEPT = 7 << PCI_EXP_DEVICE_CONTROL_MPS_SHIFT };
enum { LINK_CONTROL_WRITABLE = 0x00c3 }; // ASPM, common clock, extended synch: the link's, not the function's
enum { POWER_STATE_MASK = 3, POWER_STATE_D0 = 0, POWER_STATE_D3HOT = 3 };
enum { COMMAND_WRITABLE = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_PARITY | PCI_COMMAND_SERR |
                          PCI_COMMAND_INTX_DISABLE };
enum { PM_CAPABILITIES_VERSION = 3, PM_NO_SOFT_RESET = 1 << 3 };
enum { DEVICE_CAPABILITIES_2 = 0x1f }; // completion timeout: all ranges, and it can be disabled

static uint32_t get(const struct nvme *nvme, uint32_t offset)
{
    return config_space_get(&nvme->pci, offset);
}

// --- values that depend on the drive -------------------------------------------------------------------------------

static uint32_t identifiers(const struct nvme *nvme)
{
    return nvme->pcie->vendor_id | nvme->pcie->device_id << 16;
}

static uint32_t class_and_revision(const struct nvme *nvme)
{
    return nvme->pcie->revision | nvme->pcie->class_code << 8;
}

static uint32_t subsystem(const struct nvme *nvme)
{
    return nvme->pcie->subsystem_vendor_id | nvme->pcie->subsystem_id << 16;
}

// Writable address bits tell the BAR's size, PCI 3.0, 6.2.5.1.
static uint32_t bar_mask(const struct nvme *nvme)
{
    return (uint32_t)~(nvme->pci.bar_bytes - 1);
}

static uint32_t msix_size(const struct nvme *nvme)
{
    return (nvme->config->msix_vectors - 1) << 16;
}

static uint32_t msix_table(const struct nvme *nvme)
{
    return (uint32_t)nvme->pci.table_offset;
}

static uint32_t msix_pba(const struct nvme *nvme)
{
    return (uint32_t)nvme->pci.pba_offset;
}

static unsigned floor_log2(uint32_t n)
{
    return 31u - (unsigned)__builtin_clz(n);
}

static uint32_t msi_size(const struct nvme *nvme)
{
    uint32_t log2_messages = MIN(floor_log2(nvme->config->msix_vectors), (unsigned)PCI_MSI_MESSAGES_LOG2_MAX);
    return log2_messages << PCI_MSI_CONTROL_CAPABLE_SHIFT << 16;
}

static uint32_t payload_size(const struct nvme *nvme)
{
    return floor_log2((uint32_t)nvme->pcie->max_payload) - 7; // 128 << n
}

static uint32_t generation(const struct nvme *nvme)
{
    return MAX(nvme->pcie->generation, 1u);
}

static uint32_t link_capabilities(const struct nvme *nvme)
{
    return generation(nvme) | nvme->pcie->lanes << PCI_EXP_LINK_WIDTH_SHIFT;
}

static uint32_t link_status(const struct nvme *nvme)
{
    return link_capabilities(nvme) << 16;
}

static uint32_t link_speeds(const struct nvme *nvme)
{
    return ((1u << generation(nvme)) - 1) << 1;
}

// A vector that is pending, or that the line tells of, while there is no other kind of interrupt.
static uint32_t interrupt_status(struct nvme *nvme)
{
    return interrupts_line_pending(nvme) ? (uint32_t)PCI_STATUS_INTERRUPT << 16 : 0;
}

// --- what acts when written ----------------------------------------------------------------------------------------

// Outside D0 there are no memory accesses either way.
void config_space_decide_access(struct nvme *nvme)
{
    uint32_t command = get(nvme, PCI_COMMAND);
    nvme->pci.powered = (get(nvme, PCI_PM_AT + PCI_PM_CONTROL) & POWER_STATE_MASK) == POWER_STATE_D0;
    nvme->pci.memory_enabled = nvme->pci.powered && (nvme->host.maps_memory || (command & PCI_COMMAND_MEMORY));
    nvme->pci.master_enabled = nvme->pci.powered && (command & PCI_COMMAND_MASTER);
}

// What has waited for bus mastering goes on.
static void command_changed(struct nvme *nvme, uint32_t before)
{
    (void)before;
    config_space_decide_access(nvme);
    interrupts_mode_changed(nvme);
    events_deliver(nvme);
    fetch_pump(nvme);
}

// D1 and D2 are not there: the write completes and is discarded (PCI Power Management 1.2, 3.2.4).
static void power_changed(struct nvme *nvme, uint32_t before)
{
    uint32_t state = get(nvme, PCI_PM_AT + PCI_PM_CONTROL) & POWER_STATE_MASK;
    if (state != POWER_STATE_D0 && state != POWER_STATE_D3HOT)
        nvme->pci.space[(PCI_PM_AT + PCI_PM_CONTROL) / 4] = before;
    else
        command_changed(nvme, before);
}

static void interrupt_control_changed(struct nvme *nvme, uint32_t before)
{
    (void)before;
    interrupts_mode_changed(nvme);
}

static void set_link_limits(struct nvme *nvme)
{
    uint32_t control = get(nvme, PCI_EXP_AT + PCI_EXP_DEVICE_CONTROL);
    link_set_limits(&nvme->link, control >> PCI_EXP_DEVICE_CONTROL_MPS_SHIFT & 7,
                    control >> PCI_EXP_DEVICE_CONTROL_MRRS_SHIFT & 7);
}

static void device_control_changed(struct nvme *nvme, uint32_t before)
{
    (void)before;
    if (get(nvme, PCI_EXP_AT + PCI_EXP_DEVICE_CONTROL) & PCI_EXP_DEVICE_CONTROL_FLR)
        nvme->reset(nvme, NVME_RESET_FUNCTION);
    else
        set_link_limits(nvme);
}

// --- the registers -------------------------------------------------------------------------------------------------

#define CAPABILITY(id, next, control) ((uint32_t)(id) | (uint32_t)(next) << 8 | (uint32_t)(control) << 16)
#define ROW(of, at, ...) {.name = (of), .offset = (at), __VA_ARGS__}

const struct nvme_pci_register nvme_pci_registers[] = {
    ROW("Vendor ID, Device ID", PCI_VENDOR_ID, .value_of = identifiers),
    ROW("Command, Status", PCI_COMMAND, .value = (uint32_t)PCI_STATUS_CAPABILITIES << 16, .rw = COMMAND_WRITABLE,
        .w1c = (uint32_t)PCI_STATUS_ERRORS << 16, .live = interrupt_status, .written = command_changed),
    ROW("Revision ID, Class Code", PCI_REVISION_ID, .value_of = class_and_revision),
    ROW("Cache Line Size, Latency Timer, Header Type, BIST", PCI_CACHE_LINE_SIZE, .rw = 0x000000ff),
    ROW("BAR0", PCI_BAR0, .value = PCI_BAR_64BIT, .rw_of = bar_mask),
    ROW("BAR1", PCI_BAR1, .rw = 0xffffffff),
    ROW("BAR2", PCI_BAR0 + 8, .value = 0),
    ROW("BAR3", PCI_BAR0 + 12, .value = 0),
    ROW("BAR4", PCI_BAR0 + 16, .value = 0),
    ROW("BAR5", PCI_BAR0 + 20, .value = 0),
    ROW("CardBus CIS Pointer", PCI_CARDBUS_CIS, .value = 0),
    ROW("Subsystem Vendor ID, Subsystem ID", PCI_SUBSYSTEM_VENDOR_ID, .value_of = subsystem),
    ROW("Expansion ROM Base Address", PCI_EXPANSION_ROM, .value = 0),
    ROW("Capabilities Pointer", PCI_CAPABILITIES, .value = PCI_MSIX_AT),
    ROW("Interrupt Line, Interrupt Pin", PCI_INTERRUPT_LINE, .value = PCI_PIN_INTA << 8, .rw = 0x000000ff),

    ROW("MSI-X Message Control", PCI_MSIX_AT, .value = CAPABILITY(PCI_CAP_MSIX, PCI_MSI_AT, 0), .value_of = msix_size,
        .rw = (uint32_t)(PCI_MSIX_CONTROL_MASK_ALL | PCI_MSIX_CONTROL_ENABLE) << 16,
        .written = interrupt_control_changed),
    ROW("MSI-X Table Offset", PCI_MSIX_AT + PCI_MSIX_TABLE, .value_of = msix_table),
    ROW("MSI-X PBA Offset", PCI_MSIX_AT + PCI_MSIX_PBA, .value_of = msix_pba),

    ROW("MSI Message Control", PCI_MSI_AT, .value = CAPABILITY(PCI_CAP_MSI, PCI_PM_AT, PCI_MSI_CONTROL_64BIT),
        .value_of = msi_size,
        .rw = (uint32_t)(PCI_MSI_CONTROL_ENABLE | PCI_MSI_CONTROL_ENABLED_MASK << PCI_MSI_CONTROL_ENABLED_SHIFT) << 16,
        .written = interrupt_control_changed),
    ROW("MSI Message Address", PCI_MSI_AT + PCI_MSI_ADDRESS, .rw = 0xfffffffc),
    ROW("MSI Message Upper Address", PCI_MSI_AT + PCI_MSI_ADDRESS_HIGH, .rw = 0xffffffff),
    ROW("MSI Message Data", PCI_MSI_AT + PCI_MSI_DATA, .rw = 0x0000ffff),

    ROW("Power Management Capabilities", PCI_PM_AT,
        .value = CAPABILITY(PCI_CAP_PM, PCI_EXP_AT, PM_CAPABILITIES_VERSION)),
    ROW("Power Management Control/Status", PCI_PM_AT + PCI_PM_CONTROL, .value = PM_NO_SOFT_RESET,
        .rw = POWER_STATE_MASK, .written = power_changed),

    ROW("PCI Express Capabilities", PCI_EXP_AT, .value = CAPABILITY(PCI_CAP_PCIE, 0, 2 | PCI_EXP_TYPE_ENDPOINT << 4)),
    ROW("Device Capabilities", PCI_EXP_AT + PCI_EXP_DEVICE_CAPABILITIES,
        .value = PCI_EXP_DEVICE_CAPABILITIES_RBER | PCI_EXP_DEVICE_CAPABILITIES_FLR, .value_of = payload_size),
    ROW("Device Control, Device Status", PCI_EXP_AT + PCI_EXP_DEVICE_CONTROL, .value = DEVICE_CONTROL_POWER_ON,
        .rw = DEVICE_CONTROL_WRITABLE, .w1c = (uint32_t)PCI_EXP_DEVICE_STATUS_ERRORS << 16, .kept = DEVICE_CONTROL_KEPT,
        .written = device_control_changed),
    ROW("Link Capabilities", PCI_EXP_AT + PCI_EXP_LINK_CAPABILITIES, .value_of = link_capabilities),
    ROW("Link Control, Link Status", PCI_EXP_AT + PCI_EXP_LINK_CONTROL, .value_of = link_status,
        .rw = LINK_CONTROL_WRITABLE, .kept = LINK_CONTROL_WRITABLE),
    ROW("Device Capabilities 2", PCI_EXP_AT + PCI_EXP_DEVICE_CAPABILITIES_2, .value = DEVICE_CAPABILITIES_2),
    ROW("Device Control 2", PCI_EXP_AT + PCI_EXP_DEVICE_CONTROL_2, .rw = DEVICE_CAPABILITIES_2),
    ROW("Link Capabilities 2", PCI_EXP_AT + PCI_EXP_LINK_CAPABILITIES_2, .value_of = link_speeds),
    ROW("Link Control 2", PCI_EXP_AT + PCI_EXP_LINK_CONTROL_2, .value_of = generation, .rw = 0x000f, .sticky = 0x000f),

    ROW("AER Extended Capability Header", PCI_AER_AT, .value = PCI_EXT_CAP_AER | 2 << 16),
    ROW("Uncorrectable Error Status", PCI_AER_AT + PCI_AER_UNCORRECTABLE, .w1c = PCI_AER_UNCORRECTABLE_ERRORS,
        .sticky = PCI_AER_UNCORRECTABLE_ERRORS),
    ROW("Uncorrectable Error Mask", PCI_AER_AT + PCI_AER_UNCORRECTABLE_MASK, .rw = PCI_AER_UNCORRECTABLE_ERRORS,
        .sticky = PCI_AER_UNCORRECTABLE_ERRORS),
    ROW("Uncorrectable Error Severity", PCI_AER_AT + PCI_AER_SEVERITY, .value = PCI_AER_SEVERITY_POWER_ON,
        .rw = PCI_AER_UNCORRECTABLE_ERRORS, .sticky = PCI_AER_UNCORRECTABLE_ERRORS),
    ROW("Correctable Error Status", PCI_AER_AT + PCI_AER_CORRECTABLE, .w1c = PCI_AER_CORRECTABLE_ERRORS,
        .sticky = PCI_AER_CORRECTABLE_ERRORS),
    ROW("Correctable Error Mask", PCI_AER_AT + PCI_AER_CORRECTABLE_MASK, .value = PCI_AER_ADVISORY,
        .rw = PCI_AER_CORRECTABLE_ERRORS, .sticky = PCI_AER_CORRECTABLE_ERRORS),
    ROW("Advanced Error Capabilities and Control", PCI_AER_AT + PCI_AER_CONTROL, .sticky = PCI_AER_FIRST_ERROR_MASK),
};
const size_t nvme_pci_register_count = ARRAY_SIZE(nvme_pci_registers);

static const struct nvme_pci_register *find(uint32_t offset)
{
    for (size_t i = 0; i < nvme_pci_register_count; i++)
        if (nvme_pci_registers[i].offset == offset)
            return &nvme_pci_registers[i];
    return NULL;
}

// --- accesses ------------------------------------------------------------------------------------------------------

static bool is_legal(uint32_t offset, unsigned bytes)
{
    return (bytes == 1 || bytes == 2 || bytes == 4) && offset % bytes == 0 && offset < PCI_CONFIG_BYTES;
}

static uint32_t byte_mask(uint32_t offset, unsigned bytes)
{
    return (uint32_t)((UINT64_C(1) << 8 * bytes) - 1) << 8 * (offset % 4);
}

uint32_t config_space_read(void *self, uint32_t offset, unsigned bytes)
{
    struct nvme *nvme = self;
    if (!is_legal(offset, bytes))
        return UINT32_MAX;
    const struct nvme_pci_register *row = find(offset & ~3u);
    uint32_t value = get(nvme, offset) | (row != NULL && row->live != NULL ? row->live(nvme) : 0);
    return (value & byte_mask(offset, bytes)) >> 8 * (offset % 4);
}

static uint32_t writable(const struct nvme *nvme, const struct nvme_pci_register *row)
{
    return row->rw | (row->rw_of != NULL ? row->rw_of(nvme) : 0);
}

void config_space_write(void *self, uint32_t offset, unsigned bytes, uint32_t value)
{
    struct nvme *nvme = self;
    const struct nvme_pci_register *row = is_legal(offset, bytes) ? find(offset & ~3u) : NULL;
    if (row == NULL)
        return;
    cq_heads_become_events(nvme); // what arrives later finds what is now written
    uint32_t *stored = &nvme->pci.space[offset / 4], before = *stored, mask = byte_mask(offset, bytes);
    uint32_t rw = writable(nvme, row) & mask;
    value <<= 8 * (offset % 4);
    *stored = ((before & ~rw) | (value & rw)) & ~(value & mask & row->w1c);
    if (row->written != NULL)
        row->written(nvme, before);
}

// --- reset ---------------------------------------------------------------------------------------------------------

// What the kind of reset leaves of a register.
static uint32_t left_by(enum nvme_reset kind, const struct nvme_pci_register *row)
{
    return (reset_keeps(kind, KEEPS_STICKY) ? row->sticky : 0) | (reset_keeps(kind, KEEPS_LINK) ? row->kept : 0);
}

void config_space_reset(struct nvme *nvme, enum nvme_reset kind)
{
    for (const struct nvme_pci_register *row = nvme_pci_registers; row < nvme_pci_registers + nvme_pci_register_count;
         row++) {
        uint32_t *stored = &nvme->pci.space[row->offset / 4], left = left_by(kind, row);
        uint32_t value = row->value | (row->value_of != NULL ? row->value_of(nvme) : 0);
        *stored = (*stored & left) | (value & ~left);
    }
    set_link_limits(nvme);
    config_space_decide_access(nvme);
    interrupts_mode_changed(nvme);
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
    nvme->cmb.offset = nvme->pci.pba_offset + BAR_PAGE;
    uint64_t end = nvme->cmb.offset + config->cmb;
    for (nvme->pci.bar_bytes = BAR_MIN; nvme->pci.bar_bytes < end;)
        nvme->pci.bar_bytes *= 2;
}
