// The controller's registers: NVM Express 1.4, section 3.1; 2.0, 3.1.3 (CRTO).
//
// A table of registers, each with the bits that a write replaces, sets or clears; all other bits are read-only or
// reserved. Hosts access doublewords, so a 64-bit register is written by halves. What a write sets off is the row's
// hook. Left out: PMR, boot partitions (BPINFO and its like read 0, as CAP.BPS says).
#include "nvme/registers.h"

#include "nvme/queue/fetch.h"
#include "nvme/nvme_internal.h"
#include "util/macros.h"

static uint32_t *status(struct nvme *nvme)
{
    return &nvme->registers.value[NVME_REG_CSTS / 4];
}

// --- values that depend on the drive -------------------------------------------------------------------------------

// 500 ms units: CAP.TO and CRTO, rounded up.
static uint64_t ready_timeout(const struct nvme *nvme)
{
    static const tick_t timeout_unit = 500 * TICKS_PER_MS;
    return nvme->config->ready_delay / timeout_unit + 1;
}

static bool is_version_2(const struct nvme *nvme)
{
    return nvme->config->version == NVME_VERSION_2_0;
}

static uint64_t capabilities(const struct nvme *nvme)
{
    const struct nvme_config *config = nvme->config;
    return NVME_MAKE(NVME_CAP_MQES, config->max_queue_entries - 1) |
           NVME_MAKE(NVME_CAP_CQR, config->contiguous_queues) |
           NVME_MAKE(NVME_CAP_AMS, config->arbitration == NVME_AMS_WEIGHTED) |
           NVME_MAKE(NVME_CAP_TO, ready_timeout(nvme)) | NVME_MAKE(NVME_CAP_DSTRD, config->doorbell_stride) |
           NVME_MAKE(NVME_CAP_NSSRS, config->subsystem_reset) | NVME_MAKE(NVME_CAP_CSS, 1) |
           NVME_MAKE(NVME_CAP_MPSMAX, config->mpsmax) | NVME_MAKE(NVME_CAP_CMBS, config->cmb > 0) |
           NVME_MAKE(NVME_CAP_CRWMS, is_version_2(nvme));
}

static uint64_t version(const struct nvme *nvme)
{
    return is_version_2(nvme) ? NVME_VS_2_0 : NVME_VS_1_4;
}

static uint64_t ready_timeouts(const struct nvme *nvme)
{
    return NVME_MAKE(NVME_CRTO_CRWMT, ready_timeout(nvme));
}

static bool has_cmb(const struct nvme *nvme)
{
    return nvme->config->cmb > 0;
}

static bool has_subsystem_reset(const struct nvme *nvme)
{
    return nvme->config->subsystem_reset;
}

// --- enabling ------------------------------------------------------------------------------------------------------

static void set_shutdown_status(struct nvme *nvme, enum nvme_shst shst)
{
    uint32_t mask = NVME_CSTS_SHST_MASK << NVME_CSTS_SHST_SHIFT;
    *status(nvme) = (*status(nvme) & ~mask) | (uint32_t)shst << NVME_CSTS_SHST_SHIFT;
}

// What the controller can be enabled with. The admin queues lie on pages of the size that CC.MPS asks for (3.1.9,
// 3.1.10); 0 is an address like any other.
static bool configuration_valid(const struct nvme *nvme, uint32_t cc)
{
    uint32_t aqa = registers_get(&nvme->registers, NVME_REG_AQA);
    uint64_t bases = registers_get64(&nvme->registers, NVME_REG_ASQ) | registers_get64(&nvme->registers, NVME_REG_ACQ);
    uint64_t page = UINT64_C(1) << (NVME_PAGE_SHIFT_MIN + NVME_FIELD(cc, NVME_CC_MPS));
    return NVME_FIELD(cc, NVME_CC_CSS) == 0 && NVME_FIELD(cc, NVME_CC_MPS) <= nvme->config->mpsmax &&
           NVME_FIELD(cc, NVME_CC_AMS) <= nvme->config->arbitration && NVME_FIELD(aqa, NVME_AQA_ASQS) > 0 &&
           NVME_FIELD(aqa, NVME_AQA_ACQS) > 0 && (bases & (page - 1)) == 0;
}

static void become_ready(void *context)
{
    struct nvme *nvme = context;
    if (nvme->registers.ready_at != sim_now(nvme->sim))
        return; // disabled meanwhile
    nvme->registers.ready_at = TICK_NEVER;
    nvme->ready = true;
    *status(nvme) |= NVME_CSTS_RDY;
    fetch_pump(nvme);
}

static void enable(struct nvme *nvme, uint32_t cc)
{
    set_shutdown_status(nvme, NVME_SHST_NORMAL);
    if (!configuration_valid(nvme, cc)) {
        *status(nvme) |= NVME_CSTS_CFS;
        return;
    }
    nvme->page_shift = NVME_PAGE_SHIFT_MIN + NVME_FIELD(cc, NVME_CC_MPS);
    nvme->fetch.arbitration = nvme_arbitrations[NVME_FIELD(cc, NVME_CC_AMS)];
    queues_create_admin(nvme);
    nvme->registers.ready_at = sim_now(nvme->sim) + nvme->config->ready_delay;
    sim_at(nvme->sim, nvme->registers.ready_at, become_ready, nvme);
}

// --- shutdown, 7.6.2 -----------------------------------------------------------------------------------------------

static bool shutdown_occurs(const struct nvme *nvme)
{
    return NVME_FIELD(registers_get(&nvme->registers, NVME_REG_CSTS), NVME_CSTS_SHST) == NVME_SHST_OCCURRING;
}

static void advance_shutdown(struct nvme *nvme);

static void flushed(struct ftl_request *request)
{
    struct nvme *nvme = request->owner;
    nvme->registers.shutting_down = false;
    if (shutdown_occurs(nvme) && nvme->registers.shutdown_epoch == nvme->epoch)
        set_shutdown_status(nvme, NVME_SHST_COMPLETE);
    else
        advance_shutdown(nvme); // it was for a shutdown before a reset
}

static void flush_core(struct nvme *nvme)
{
    nvme->registers.shutting_down = true;
    nvme->registers.shutdown_epoch = nvme->epoch;
    breakdown_start(&nvme->registers.shutdown_path, STAGE_CONTROLLER, sim_now(nvme->sim));
    nvme->registers.shutdown = (struct ftl_request){
        .kind = FTL_FLUSH, .done = flushed, .owner = nvme, .path = &nvme->registers.shutdown_path};
    ftl_submit(&nvme->core, &nvme->registers.shutdown);
}

// Nothing is under way; what is left waits for the host.
static bool drained(const struct nvme *nvme)
{
    for (uint32_t i = 0; i < nvme->commands.total; i++) {
        enum nvme_command_state state = nvme->commands.all[i].state;
        if (state == NVME_COMMAND_EVENT || state == NVME_COMMAND_CORE)
            return false;
    }
    return nvme->fetch.under_way == 0;
}

// Goes on with a shutdown when the commands that it waits for have left.
static void advance_shutdown(struct nvme *nvme)
{
    if (nvme->stopped && shutdown_occurs(nvme) && !nvme->registers.shutting_down &&
        (!nvme->registers.shutdown_waits || drained(nvme)))
        flush_core(nvme);
}

// Nothing more is fetched, and the core writes out what it holds: after a normal notification when what is under way
// has ended, after an abrupt one, which says that power is about to go, at once.
static void shut_down(struct nvme *nvme, enum nvme_shn notification)
{
    set_shutdown_status(nvme, NVME_SHST_OCCURRING);
    nvme->stopped = true;
    nvme->registers.shutdown_waits = notification == NVME_SHN_NORMAL;
    advance_shutdown(nvme);
}

static void controller_configuration_changed(struct nvme *nvme, uint32_t before, uint32_t value)
{
    (void)value;
    uint32_t cc = registers_get(&nvme->registers, NVME_REG_CC);
    bool enabled = NVME_FIELD(cc, NVME_CC_EN), was_enabled = NVME_FIELD(before, NVME_CC_EN);
    if (enabled && !was_enabled)
        enable(nvme, cc);
    if (!enabled && was_enabled)
        nvme->reset(nvme, NVME_RESET_CONTROLLER);
    else if (NVME_FIELD(cc, NVME_CC_SHN) != NVME_SHN_NONE && NVME_FIELD(before, NVME_CC_SHN) == NVME_SHN_NONE)
        shut_down(nvme, NVME_FIELD(cc, NVME_CC_SHN));
}


static void interrupt_mask_changed(struct nvme *nvme, uint32_t before, uint32_t value)
{
    (void)before, (void)value;
    interrupts_masks_changed(nvme, 0, nvme->config->msix_vectors);
}

static void cmb_written(struct nvme *nvme, uint32_t before, uint32_t value)
{
    (void)before, (void)value;
    cmb_control_changed(nvme);
}

// 3.1.7: the letters "NVMe" reset the subsystem, all else does nothing.
static void subsystem_reset_written(struct nvme *nvme, uint32_t before, uint32_t value)
{
    (void)before;
    if (has_subsystem_reset(nvme) && value == NVME_NSSR_NVME)
        nvme->reset(nvme, NVME_RESET_SUBSYSTEM);
}

// --- the registers -------------------------------------------------------------------------------------------------

const struct nvme_register_row nvme_register_rows[] = {
    {.name = "CAP", .title = "Controller Capabilities", .offset = NVME_REG_CAP, .bytes = 8, .initial = capabilities},
    {.name = "VS", .title = "Version", .offset = NVME_REG_VS, .bytes = 4, .initial = version},
    {.name = "INTMS", .title = "Interrupt Mask Set", .offset = NVME_REG_INTMS, .bytes = 4, .w1s = 0xffffffff,
     .written = interrupt_mask_changed},
    {.name = "INTMC", .title = "Interrupt Mask Clear", .offset = NVME_REG_INTMC, .bytes = 4, .w1c = 0xffffffff,
     .shows = NVME_REG_INTMS, .written = interrupt_mask_changed},
    {.name = "CC", .title = "Controller Configuration", .offset = NVME_REG_CC, .bytes = 4, .rw = 0x00fffff1,
     .written = controller_configuration_changed},
    {.name = "CSTS", .title = "Controller Status", .offset = NVME_REG_CSTS, .bytes = 4, .w1c = NVME_CSTS_NSSRO,
     .kept = NVME_CSTS_NSSRO},
    {.name = "NSSR", .title = "NVM Subsystem Reset", .offset = NVME_REG_NSSR, .bytes = 4,
     .written = subsystem_reset_written},
    {.name = "AQA", .title = "Admin Queue Attributes", .offset = NVME_REG_AQA, .bytes = 4, .rw = 0x0fff0fff,
     .kept = 0x0fff0fff},
    {.name = "ASQ", .title = "Admin Submission Queue Base Address", .offset = NVME_REG_ASQ, .bytes = 8,
     .rw = ~UINT64_C(0xfff), .kept = ~UINT64_C(0xfff)},
    {.name = "ACQ", .title = "Admin Completion Queue Base Address", .offset = NVME_REG_ACQ, .bytes = 8,
     .rw = ~UINT64_C(0xfff), .kept = ~UINT64_C(0xfff)},
    {.name = "CMBLOC", .title = "Controller Memory Buffer Location", .offset = NVME_REG_CMBLOC, .bytes = 4,
     .offered = has_cmb, .kept = 0xffffffff},
    {.name = "CMBSZ", .title = "Controller Memory Buffer Size", .offset = NVME_REG_CMBSZ, .bytes = 4,
     .offered = has_cmb, .kept = 0xffffffff},
    {.name = "BPINFO", .title = "Boot Partition Information", .offset = NVME_REG_BPINFO, .bytes = 4},
    {.name = "BPRSEL", .title = "Boot Partition Read Select", .offset = NVME_REG_BPRSEL, .bytes = 4},
    {.name = "BPMBL", .title = "Boot Partition Memory Buffer Location", .offset = NVME_REG_BPMBL, .bytes = 8},
    {.name = "CMBMSC", .title = "Controller Memory Buffer Memory Space Control", .offset = NVME_REG_CMBMSC, .bytes = 8,
     .offered = has_cmb, .rw = ~UINT64_C(0xffc), .kept = ~UINT64_C(0xffc), .written = cmb_written},
    {.name = "CMBSTS", .title = "Controller Memory Buffer Status", .offset = NVME_REG_CMBSTS, .bytes = 4,
     .offered = has_cmb, .kept = 0xffffffff},
    {.name = "CRTO", .title = "Controller Ready Timeouts", .offset = NVME_REG_CRTO, .bytes = 4,
     .offered = is_version_2, .initial = ready_timeouts},
};
const size_t nvme_register_count = ARRAY_SIZE(nvme_register_rows);

static const struct nvme_register_row *find(const struct nvme *nvme, uint32_t offset)
{
    for (size_t i = 0; i < nvme_register_count; i++) {
        const struct nvme_register_row *row = &nvme_register_rows[i];
        if (offset >= row->offset && offset < row->offset + row->bytes)
            return row->offered == NULL || row->offered(nvme) ? row : NULL;
    }
    return NULL;
}

static uint32_t place_of(const struct nvme_register_row *row, uint32_t offset)
{
    return (row->shows != 0 ? row->shows : offset) / 4;
}

uint32_t registers_read(const struct nvme *nvme, uint32_t offset)
{
    const struct nvme_register_row *row = find(nvme, offset);
    return row == NULL ? 0 : nvme->registers.value[place_of(row, offset)];
}

void registers_write(struct nvme *nvme, uint32_t offset, uint32_t value)
{
    const struct nvme_register_row *row = find(nvme, offset);
    if (row == NULL)
        return;
    unsigned shift = 8 * (offset - row->offset);
    uint32_t rw = (uint32_t)(row->rw >> shift), w1s = (uint32_t)(row->w1s >> shift);
    uint32_t w1c = (uint32_t)(row->w1c >> shift);
    uint32_t *stored = &nvme->registers.value[place_of(row, offset)], before = *stored;
    *stored = ((before & ~rw) | (value & rw) | (value & w1s)) & ~(value & w1c);
    if (row->written != NULL)
        row->written(nvme, before, value);
}

// --- reset ---------------------------------------------------------------------------------------------------------

static void restore(struct nvme *nvme, const struct nvme_register_row *row, uint64_t kept)
{
    uint64_t initial = row->initial == NULL ? 0 : row->initial(nvme);
    uint64_t value = (registers_get64(&nvme->registers, row->offset) & kept) | (initial & ~kept);
    nvme->registers.value[row->offset / 4] = (uint32_t)value;
    if (row->bytes == 8)
        nvme->registers.value[row->offset / 4 + 1] = (uint32_t)(value >> 32);
}

void registers_reset(struct nvme *nvme, enum nvme_reset kind)
{
    nvme->registers.ready_at = TICK_NEVER;
    for (size_t i = 0; i < nvme_register_count && !reset_keeps(kind, KEEPS_REGISTERS); i++)
        restore(nvme, &nvme_register_rows[i], reset_keeps(kind, KEEPS_ADMIN_QUEUE) ? nvme_register_rows[i].kept : 0);
    if (has_cmb(nvme))
        cmb_control_changed(nvme);
    if (kind == NVME_RESET_FATAL)
        *status(nvme) |= NVME_CSTS_CFS;
    if (kind == NVME_RESET_SUBSYSTEM)
        *status(nvme) |= NVME_CSTS_NSSRO; // 3.1.6: until the host clears it
}

void registers_create(struct nvme *nvme)
{
    nvme->commands.settled = advance_shutdown;
}
