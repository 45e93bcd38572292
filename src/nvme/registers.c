// The controller's registers: NVM Express 1.4, section 3.1.
//
// A table of doublewords, each with the bits that a write replaces (rw), sets (w1s) or clears (w1c); all other bits
// are read-only; and whether it outlives a controller reset (7.3.2: the admin queues' registers do). 64-bit registers
// are two rows, as hosts that write doublewords see them. What a write sets off is the row's hook. Left out: CMB,
// PMR, boot partitions, NVM subsystem reset (CAP.NSSRS is 0).
#include "nvme/registers.h"

#include "nvme/queue/fetch.h"
#include "nvme/nvme_internal.h"
#include "util/macros.h"

typedef void write_hook(struct nvme *nvme, uint32_t before);

static void controller_configuration_changed(struct nvme *nvme, uint32_t before);
static void interrupt_mask_changed(struct nvme *nvme, uint32_t before);

struct register_row {
    uint32_t offset;
    uint32_t storage; // offset of the doubleword that holds the value: INTMC shows INTMS
    uint32_t rw, w1s, w1c;
    bool kept; // by a controller reset
    write_hook *written; // `before` is the value before the write; NULL for none
};

static const struct register_row rows[] = {
    {.offset = NVME_REG_CAP, .storage = NVME_REG_CAP, .kept = true},
    {.offset = NVME_REG_CAP + 4, .storage = NVME_REG_CAP + 4, .kept = true},
    {.offset = NVME_REG_VS, .storage = NVME_REG_VS, .kept = true},
    {.offset = NVME_REG_INTMS, .storage = NVME_REG_INTMS, .w1s = 0xffffffff,
     .written = interrupt_mask_changed},
    {.offset = NVME_REG_INTMC, .storage = NVME_REG_INTMS, .w1c = 0xffffffff,
     .written = interrupt_mask_changed},
    {.offset = NVME_REG_CC, .storage = NVME_REG_CC, .rw = 0x00fffff1, .written = controller_configuration_changed},
    {.offset = NVME_REG_CSTS, .storage = NVME_REG_CSTS, .w1c = NVME_CSTS_NSSRO},
    {.offset = NVME_REG_NSSR, .storage = NVME_REG_NSSR},
    {.offset = NVME_REG_AQA, .storage = NVME_REG_AQA, .rw = 0x0fff0fff, .kept = true},
    {.offset = NVME_REG_ASQ, .storage = NVME_REG_ASQ, .rw = 0xfffff000, .kept = true},
    {.offset = NVME_REG_ASQ + 4, .storage = NVME_REG_ASQ + 4, .rw = 0xffffffff, .kept = true},
    {.offset = NVME_REG_ACQ, .storage = NVME_REG_ACQ, .rw = 0xfffff000, .kept = true},
    {.offset = NVME_REG_ACQ + 4, .storage = NVME_REG_ACQ + 4, .rw = 0xffffffff, .kept = true},
};

static const struct register_row *find(uint32_t offset)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        if (rows[i].offset == offset)
            return &rows[i];
    return NULL;
}

static void interrupt_mask_changed(struct nvme *nvme, uint32_t before)
{
    (void)before;
    interrupts_masks_changed(nvme, 0, nvme->config->msix_vectors);
}

uint32_t registers_read(const struct nvme *nvme, uint32_t offset)
{
    const struct register_row *row = find(offset);
    return row == NULL ? 0 : nvme->registers.value[row->storage / 4];
}

void registers_write(struct nvme *nvme, uint32_t offset, uint32_t value)
{
    const struct register_row *row = find(offset);
    if (row == NULL)
        return;
    uint32_t *stored = &nvme->registers.value[row->storage / 4], before = *stored;
    *stored = ((before & ~row->rw) | (value & row->rw) | (value & row->w1s)) & ~(value & row->w1c);
    if (row->written != NULL)
        row->written(nvme, before);
}

static uint64_t capabilities(const struct nvme_config *config)
{
    static const tick_t timeout_unit = 500 * TICKS_PER_MS;
    uint64_t timeout = config->ready_delay / timeout_unit + 1;
    return NVME_MAKE(NVME_CAP_MQES, config->max_queue_entries - 1) | NVME_MAKE(NVME_CAP_CQR, 1) |
           NVME_MAKE(NVME_CAP_AMS, config->arbitration == NVME_AMS_WEIGHTED) | NVME_MAKE(NVME_CAP_TO, timeout) |
           NVME_MAKE(NVME_CAP_DSTRD, config->doorbell_stride) | NVME_MAKE(NVME_CAP_CSS, 1) |
           NVME_MAKE(NVME_CAP_MPSMAX, config->mpsmax);
}

static uint32_t *status(struct nvme *nvme)
{
    return &nvme->registers.value[NVME_REG_CSTS / 4];
}

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

// --- reset ---------------------------------------------------------------------------------------------------------

static void power_on(struct nvme *nvme)
{
    uint64_t cap = capabilities(nvme->config);
    for (size_t i = 0; i < ARRAY_SIZE(nvme->registers.value); i++)
        nvme->registers.value[i] = 0;
    nvme->registers.value[NVME_REG_CAP / 4] = (uint32_t)cap;
    nvme->registers.value[NVME_REG_CAP / 4 + 1] = (uint32_t)(cap >> 32);
    nvme->registers.value[NVME_REG_VS / 4] = NVME_VS_1_4;
}

static void forget_what_is_not_kept(struct nvme *nvme)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        if (!rows[i].kept)
            nvme->registers.value[rows[i].storage / 4] = 0;
}

static void set_fatal(struct nvme *nvme)
{
    *status(nvme) |= NVME_CSTS_CFS;
}

void registers_reset(struct nvme *nvme, enum nvme_reset kind)
{
    static void (*const resets[])(struct nvme *nvme) = {
        [NVME_RESET_POWER_ON] = power_on,
        [NVME_RESET_FATAL] = set_fatal,
        [NVME_RESET_CONTROLLER] = forget_what_is_not_kept,
        [NVME_RESET_FUNCTION] = power_on,
    };
    nvme->registers.ready_at = TICK_NEVER;
    resets[kind](nvme);
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
    if (nvme->stopped && shutdown_occurs(nvme) && !nvme->registers.shutting_down && drained(nvme))
        flush_core(nvme);
}

// Normal and abrupt shutdown alike: nothing more is fetched, what is under way ends, the core writes out what it holds.
static void shut_down(struct nvme *nvme)
{
    set_shutdown_status(nvme, NVME_SHST_OCCURRING);
    nvme->stopped = true;
    advance_shutdown(nvme);
}

static void controller_configuration_changed(struct nvme *nvme, uint32_t before)
{
    uint32_t cc = registers_get(&nvme->registers, NVME_REG_CC);
    bool enabled = NVME_FIELD(cc, NVME_CC_EN), was_enabled = NVME_FIELD(before, NVME_CC_EN);
    if (enabled && !was_enabled)
        enable(nvme, cc);
    if (!enabled && was_enabled)
        nvme->reset(nvme, NVME_RESET_CONTROLLER);
    else if (NVME_FIELD(cc, NVME_CC_SHN) != NVME_SHN_NONE && NVME_FIELD(before, NVME_CC_SHN) == NVME_SHN_NONE)
        shut_down(nvme);
}

void registers_create(struct nvme *nvme)
{
    nvme->commands.settled = advance_shutdown;
}
