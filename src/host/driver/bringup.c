// Bringing the controller up: the steps of Linux 6.1, in its order, as a table that a small state machine walks.
//
// Sources: NVM Express Base 1.4 section 7.6.1 (initialization), Linux 6.1 drivers/nvme/host/{pci,core}.c (order,
// which commands are optional and what decides it), confirmed by a recording of a Linux 6.1 guest that probes a
// device: tests/host/linux_probe.txt. Registers are accessed 32 bits at a time, as Linux does.
//
// Beyond Linux 6.1: weighted round robin arbitration, when host.arbitration asks for it (NVMe 1.4, 4.13.2).
//
// Left out: saving and restoring configuration space, power states (APST), keep alive, the controller and host memory
// buffers, shadow doorbells (Doorbell Buffer Config), command set profiles other than NVM, resets after time-outs.
#include <string.h>

#include "host/driver/host_internal.h"

// Facts of NVMe 2.0 and of Linux that the common wire layouts do not name.
enum {
    CAP_CMBS_SHIFT = 57, CAP_CMBS_MASK = 1,
    CAP_CSS_IO_SETS = 1 << 6, // I/O command sets by CC.CSS = 110b
    CC_CSS_IO_SETS = 6,
    CTRATT_ELBAS = 1 << 15,
    FEATURE_TIMESTAMP = 0x0e,
    FEATURE_HOST_BEHAVIOUR = 0x16,
    ONCS_TIMESTAMP = 1 << 6,
    VS_1_1 = 0x00010100,
    VS_1_3 = 0x00010300,
    REG_CMBMSC = 0x50,
};
// Namespace attributes, firmware activation, asymmetric access, discovery log.
#define EVENTS_WANTED (1 << 8 | 1 << 9 | 1 << 11 | UINT32_C(1) << 31)
#define READY_POLL (1 * TICKS_PER_MS) // usleep_range(1000, 2000)

enum step_kind { REGISTER_READ, REGISTER_WRITE, CALL, READY, ADMIN, REPEAT };

struct step {
    const char *name; // as told in a failure
    enum step_kind kind;
    uint32_t offset; // REGISTER_*: in BAR0; READY: the CSTS.RDY waited for; REPEAT: rows to go back
    bool (*wanted)(const struct host *host);         // NULL: always; REPEAT: while true
    void (*take)(struct host *host, uint32_t value); // REGISTER_READ; may be NULL
    uint32_t (*value)(const struct host *host);      // REGISTER_WRITE
    bool (*call)(struct host *host);                 // CALL: false when it has failed the bring-up
    void (*build)(struct host *host, struct nvme_sqe *sqe);        // ADMIN: fills in the zeroed entry
    bool (*accept)(struct host *host, const struct nvme_cqe *cqe); // ADMIN: NULL accepts any status
};

static void advance(struct host *host);

static unsigned cqe_status(const struct nvme_cqe *cqe)
{
    return cqe->status >> NVME_CQE_STATUS_SHIFT;
}

// --- configuration space -------------------------------------------------------------------------------------------

static uint32_t config_read(struct host *host, uint32_t offset, unsigned bytes)
{
    return host->device.config_read(host->device.self, offset, bytes);
}

static void config_write(struct host *host, uint32_t offset, unsigned bytes, uint32_t value)
{
    host->device.config_write(host->device.self, offset, bytes, value);
}

static void register_write(struct host *host, uint64_t offset, uint32_t value)
{
    host->device.mmio_write(host->device.self, offset, 4, value);
}

static uint32_t find_capability(struct host *host, uint32_t id)
{
    uint32_t at = config_read(host, PCI_CAPABILITIES, 1) & ~3u;
    for (int hops = 0; at >= PCI_HEADER_BYTES && hops < 48; hops++) {
        if (config_read(host, at + PCI_CAP_ID, 1) == id)
            return at;
        at = config_read(host, at + PCI_CAP_NEXT, 1) & ~3u;
    }
    return 0;
}

static uint32_t size_code(uint64_t bytes) // 128 << n
{
    return (uint32_t)__builtin_ctzll(bytes) - 7;
}

// What firmware and the kernel's PCI core do before a driver sees the device: the payload that both ends take, and the
// platform's read request size.
static void set_link_sizes(struct host *host)
{
    uint32_t express = find_capability(host, PCI_CAP_PCIE), at = express + PCI_EXP_DEVICE_CONTROL;
    if (express == 0)
        return;
    uint32_t supported = config_read(host, express + PCI_EXP_DEVICE_CAPABILITIES, 4) & PCI_EXP_SIZE_MASK;
    uint32_t payload = MIN(size_code(host->pcie->max_payload), supported);
    uint32_t both = PCI_EXP_SIZE_MASK << PCI_EXP_DEVICE_CONTROL_MPS_SHIFT |
                    PCI_EXP_SIZE_MASK << PCI_EXP_DEVICE_CONTROL_MRRS_SHIFT;
    config_write(host, at, 2, (config_read(host, at, 2) & ~both) | payload << PCI_EXP_DEVICE_CONTROL_MPS_SHIFT |
                                  size_code(host->pcie->max_read_request) << PCI_EXP_DEVICE_CONTROL_MRRS_SHIFT);
}

static bool enumerate(struct host *host)
{
    uint32_t class_code = config_read(host, PCI_REVISION_ID, 4) >> 8;
    if (class_code != PCI_CLASS_NVME)
        return host_fail(host, "the PCI function has class code %06x, not %06x", class_code, PCI_CLASS_NVME), false;
    host->msix = find_capability(host, PCI_CAP_MSIX);
    if (host->msix == 0)
        return host_fail(host, "the PCI function has no MSI-X capability"), false;
    host->vectors = (config_read(host, host->msix + PCI_MSIX_CONTROL, 2) & PCI_MSIX_CONTROL_SIZE_MASK) + 1;
    set_link_sizes(host);
    uint32_t command = config_read(host, PCI_COMMAND, 2);
    config_write(host, PCI_COMMAND, 2, command | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    return true;
}

static void write_msix_entry(struct host *host, uint32_t table, uint32_t vector)
{
    // One message address; the data tell the vectors apart.
    uint64_t at = table + (uint64_t)vector * PCI_MSIX_ENTRY_BYTES;
    register_write(host, at, (uint32_t)MEMORY_INTERRUPT_BASE);
    register_write(host, at + 4, (uint32_t)(MEMORY_INTERRUPT_BASE >> 32));
    register_write(host, at + 8, vector);
    register_write(host, at + 12, 0);
}

static bool enable_msix(struct host *host, uint32_t vectors)
{
    uint32_t control_at = host->msix + PCI_MSIX_CONTROL;
    uint32_t control = config_read(host, control_at, 2) | PCI_MSIX_CONTROL_ENABLE;
    config_write(host, control_at, 2, control | PCI_MSIX_CONTROL_MASK_ALL);
    uint32_t table = config_read(host, host->msix + PCI_MSIX_TABLE, 4);
    if ((table & 7) != 0)
        return host_fail(host, "the MSI-X table lies in BAR%u; only BAR0 is supported", table & 7), false;
    for (uint32_t v = 0; v < vectors; v++)
        write_msix_entry(host, table, v);
    config_write(host, PCI_COMMAND, 2, config_read(host, PCI_COMMAND, 2) | PCI_COMMAND_INTX_DISABLE);
    config_write(host, control_at, 2, control & ~(uint32_t)PCI_MSIX_CONTROL_MASK_ALL);
    return true;
}

static bool enable_one_vector(struct host *host)
{
    return enable_msix(host, 1);
}

static bool enable_all_vectors(struct host *host)
{
    uint32_t control_at = host->msix + PCI_MSIX_CONTROL;
    uint32_t both = PCI_MSIX_CONTROL_ENABLE | PCI_MSIX_CONTROL_MASK_ALL;
    config_write(host, control_at, 2, config_read(host, control_at, 2) & ~both);
    config_write(host, PCI_COMMAND, 2, config_read(host, PCI_COMMAND, 2) & ~(uint32_t)PCI_COMMAND_INTX_DISABLE);
    return enable_msix(host, MIN(host->queue_count + 1, host->vectors));
}

// --- registers -----------------------------------------------------------------------------------------------------

static void take_csts(struct host *host, uint32_t value)
{
    host->csts = value;
}

static bool check_present(struct host *host)
{
    if (host->csts == UINT32_MAX)
        host_fail(host, "the device does not answer: CSTS reads as ffffffff");
    return host->csts != UINT32_MAX;
}

static void take_cap_low(struct host *host, uint32_t value)
{
    host->cap = (host->cap & ~(uint64_t)UINT32_MAX) | value;
}

static void take_cap_high(struct host *host, uint32_t value)
{
    host->cap = (host->cap & UINT32_MAX) | (uint64_t)value << 32;
}

static void take_vs(struct host *host, uint32_t value)
{
    host->vs = value;
}

static bool is_weighted(const struct host *host)
{
    return host->config->arbitration == NVME_AMS_WEIGHTED;
}

static bool check_capabilities(struct host *host)
{
    if (NVME_FIELD(host->cap, NVME_CAP_MPSMIN) != 0)
        return host_fail(host, "CAP.MPSMIN: the controller's smallest page is larger than the host's 4 KiB"), false;
    if (is_weighted(host) && NVME_FIELD(host->cap, NVME_CAP_AMS) == 0)
        return host_fail(host, "CAP.AMS: the controller does not offer weighted round robin"), false;
    uint32_t most = (uint32_t)NVME_FIELD(host->cap, NVME_CAP_MQES); // entries - 1: one entry stays empty
    host->depth = MIN(host->config->queue_depth, most);
    if (host->depth == 0)
        return host_fail(host, "CAP.MQES is 0: no queue can hold a command"), false;
    unsigned stride = 4u << NVME_FIELD(host->cap, NVME_CAP_DSTRD);
    host->admin.sq_doorbell = NVME_REG_DOORBELLS;
    host->admin.cq_doorbell = NVME_REG_DOORBELLS + stride;
    return true;
}

static bool has_cmb(const struct host *host)
{
    return NVME_FIELD(host->cap, CAP_CMBS) != 0;
}

static bool has_subsystem_reset(const struct host *host)
{
    return NVME_FIELD(host->cap, NVME_CAP_NSSRS) != 0;
}

static bool was_subsystem_reset(const struct host *host)
{
    return has_subsystem_reset(host) && (host->csts & NVME_CSTS_NSSRO) != 0;
}

static uint32_t value_zero(const struct host *host)
{
    (void)host;
    return 0;
}

static uint32_t value_nssro(const struct host *host)
{
    (void)host;
    return NVME_CSTS_NSSRO;
}

static uint32_t value_cmb_registers(const struct host *host)
{
    (void)host;
    return 1; // CRE
}

static uint32_t value_aqa(const struct host *host)
{
    uint32_t last = host->admin.entries - 1;
    return last << NVME_AQA_ACQS_SHIFT | last << NVME_AQA_ASQS_SHIFT;
}

static uint32_t value_asq_low(const struct host *host)
{
    return (uint32_t)host->admin.sq_address;
}

static uint32_t value_asq_high(const struct host *host)
{
    return (uint32_t)(host->admin.sq_address >> 32);
}

static uint32_t value_acq_low(const struct host *host)
{
    return (uint32_t)host->admin.cq_address;
}

static uint32_t value_acq_high(const struct host *host)
{
    return (uint32_t)(host->admin.cq_address >> 32);
}

static bool has_io_sets(const struct host *host)
{
    return (NVME_FIELD(host->cap, NVME_CAP_CSS) & CAP_CSS_IO_SETS) != 0;
}

static uint32_t value_cc_disabled(const struct host *host)
{
    return (uint32_t)(NVME_MAKE(NVME_CC_CSS, has_io_sets(host) ? CC_CSS_IO_SETS : 0) |
                      NVME_MAKE(NVME_CC_AMS, host->config->arbitration) |
                      NVME_MAKE(NVME_CC_IOSQES, NVME_SQE_SHIFT) | NVME_MAKE(NVME_CC_IOCQES, NVME_CQE_SHIFT));
}

static uint32_t value_cc_enabled(const struct host *host)
{
    return value_cc_disabled(host) | (uint32_t)NVME_MAKE(NVME_CC_EN, 1);
}

// --- CSTS.RDY: polled until the time that CAP.TO allows has passed -------------------------------------------------

static void read_ready(void *context);

static void ready_was_read(void *context, uint64_t value)
{
    struct host *host = context;
    host->csts = (uint32_t)value;
    if (host->state != HOST_BRINGUP || !check_present(host))
        return;
    if ((host->csts & NVME_CSTS_RDY) == host->current->offset)
        advance(host);
    else if (sim_now(host->sim) >= host->deadline)
        host_fail(host, "%s: still not so after the %llu ms that CAP.TO allows, CSTS=0x%x", host->current->name,
                  (unsigned long long)(NVME_FIELD(host->cap, NVME_CAP_TO) + 1) * 500, host->csts);
    else
        sim_after(host->sim, READY_POLL, read_ready, host);
}

static void read_ready(void *context)
{
    struct host *host = context;
    host->device.mmio_read(host->device.self, NVME_REG_CSTS, 4, ready_was_read, host);
}

// --- admin commands ------------------------------------------------------------------------------------------------

static void *scratch(const struct host *host)
{
    return memory_at(&host->memory, host->scratch, MEMORY_PAGE_BYTES);
}

// The page for the command's data, empty.
static void use_scratch(struct host *host, struct nvme_sqe *sqe)
{
    memset(scratch(host), 0, MEMORY_PAGE_BYTES);
    sqe->prp1 = host->scratch;
}

static bool refuse(struct host *host, const struct nvme_cqe *cqe)
{
    host_fail(host, "%s: status 0x%03x", host->current->name, cqe_status(cqe) & NVME_STATUS_CODE_MASK);
    return false;
}

static bool require_success(struct host *host, const struct nvme_cqe *cqe)
{
    return cqe_status(cqe) == NVME_SC_SUCCESS || refuse(host, cqe);
}

static void build_identify(struct host *host, struct nvme_sqe *sqe, enum nvme_cns cns, uint32_t nsid)
{
    sqe->opcode = NVME_ADMIN_IDENTIFY;
    sqe->nsid = nsid;
    sqe->cdw10 = cns;
    use_scratch(host, sqe);
}

static void build_identify_controller(struct host *host, struct nvme_sqe *sqe)
{
    build_identify(host, sqe, NVME_CNS_CONTROLLER, 0);
}

static bool accept_identify_controller(struct host *host, const struct nvme_cqe *cqe)
{
    if (!require_success(host, cqe))
        return false;
    *host->controller = *(const struct nvme_identify_controller *)scratch(host);
    return true;
}

static void build_log(struct host *host, struct nvme_sqe *sqe, enum nvme_log log, uint32_t bytes)
{
    sqe->opcode = NVME_ADMIN_GET_LOG_PAGE;
    sqe->nsid = NVME_NSID_ALL;
    sqe->cdw10 = (bytes / 4 - 1) << 16 | log;
    use_scratch(host, sqe);
}

static bool has_effects_log(const struct host *host)
{
    return (host->controller->lpa & NVME_LPA_EFFECTS) != 0;
}

static void build_effects_log(struct host *host, struct nvme_sqe *sqe)
{
    build_log(host, sqe, NVME_LOG_COMMANDS_EFFECTS, sizeof(struct nvme_effects_log));
}

static void build_smart_log(struct host *host, struct nvme_sqe *sqe)
{
    build_log(host, sqe, NVME_LOG_SMART, sizeof(struct nvme_smart_log));
}

static void build_set_feature(struct nvme_sqe *sqe, uint32_t feature, uint32_t value)
{
    sqe->opcode = NVME_ADMIN_SET_FEATURES;
    sqe->cdw10 = feature;
    sqe->cdw11 = value;
}

static bool has_timestamp(const struct host *host)
{
    return (host->controller->oncs & ONCS_TIMESTAMP) != 0;
}

static void build_timestamp(struct host *host, struct nvme_sqe *sqe)
{
    build_set_feature(sqe, FEATURE_TIMESTAMP, 0);
    use_scratch(host, sqe); // simulated time begins at 0
}

static bool has_extended_formats(const struct host *host)
{
    return (host->controller->ctratt & CTRATT_ELBAS) != 0;
}

static bool has_host_behaviour(const struct host *host)
{
    return host->controller->crdt[0] != 0 || has_extended_formats(host);
}

static void build_host_behaviour(struct host *host, struct nvme_sqe *sqe)
{
    build_set_feature(sqe, FEATURE_HOST_BEHAVIOUR, 0);
    use_scratch(host, sqe);
    uint8_t *behaviour = scratch(host);
    behaviour[0] = host->controller->crdt[0] != 0; // ACRE
    behaviour[2] = has_extended_formats(host);     // LBAFEE
}

static void build_number_of_queues(struct host *host, struct nvme_sqe *sqe)
{
    uint32_t last = host_config_queues(host->config) - 1;
    build_set_feature(sqe, NVME_FEATURE_NUMBER_OF_QUEUES, last << 16 | last);
}

// Dword 0 of the completion: granted completion queues, submission queues, both 0's based.
static bool accept_number_of_queues(struct host *host, const struct nvme_cqe *cqe)
{
    if (!require_success(host, cqe))
        return false;
    uint32_t granted = MIN(cqe->dw0 >> 16, cqe->dw0 & 0xffff) + 1;
    uint32_t vectors = MAX(host->vectors - 1, 1u); // of I/O queues: the first one is the admin queue's
    host->queue_count = MIN(MIN(host_config_queues(host->config), granted), vectors);
    host->map = host_make_map(host);
    host->pair = 1;
    return true;
}

// The burst is the one that the controller recommends; weights are 0's based.
static void build_arbitration(struct host *host, struct nvme_sqe *sqe)
{
    const struct host_config *config = host->config;
    build_set_feature(sqe, NVME_FEATURE_ARBITRATION,
                      (config->high_weight - 1) << NVME_ARBITRATION_HPW_SHIFT |
                          (config->medium_weight - 1) << NVME_ARBITRATION_MPW_SHIFT |
                          (config->low_weight - 1) << NVME_ARBITRATION_LPW_SHIFT |
                          (host->controller->rab & NVME_ARBITRATION_AB_MASK));
}

static bool create_memory(struct host *host)
{
    queue_create_all(host);
    return true;
}

static uint32_t queue_size(const struct host_ring *ring)
{
    return (ring->entries - 1) << 16;
}

static void build_create_cq(struct host *host, struct nvme_sqe *sqe)
{
    const struct host_ring *ring = &host->queues[host->pair - 1].ring;
    sqe->opcode = NVME_ADMIN_CREATE_CQ;
    sqe->prp1 = ring->cq_address;
    sqe->cdw10 = queue_size(ring) | host->pair;
    uint32_t vector = host->vectors == 1 ? 0 : host->pair;
    bool polled = map_set_of(&host->map, host->pair - 1) == SET_POLL;
    sqe->cdw11 = (polled ? 0 : vector << NVME_CQ_VECTOR_SHIFT | NVME_CQ_IEN) | NVME_QUEUE_PC;
}

static void build_create_sq(struct host *host, struct nvme_sqe *sqe)
{
    const struct host_ring *ring = &host->queues[host->pair - 1].ring;
    sqe->opcode = NVME_ADMIN_CREATE_SQ;
    sqe->prp1 = ring->sq_address;
    sqe->cdw10 = queue_size(ring) | host->pair;
    sqe->cdw11 = host->pair << NVME_SQ_CQID_SHIFT | NVME_QUEUE_PC;
    if (is_weighted(host))
        sqe->cdw11 |= host_config_priority(host->config, host->pair) << NVME_SQ_QPRIO_SHIFT;
}

static bool accept_create_sq(struct host *host, const struct nvme_cqe *cqe)
{
    host->pair++;
    return require_success(host, cqe);
}

static bool more_pairs(const struct host *host)
{
    return host->pair <= host->queue_count;
}

static uint32_t events_wanted(const struct host *host)
{
    return host->controller->oaes & EVENTS_WANTED;
}

static bool has_events(const struct host *host)
{
    return events_wanted(host) != 0;
}

static void build_event_configuration(struct host *host, struct nvme_sqe *sqe)
{
    build_set_feature(sqe, NVME_FEATURE_ASYNC_EVENT, events_wanted(host));
}

static bool has_cns_lists(const struct host *host)
{
    return host->vs >= VS_1_1;
}

static void build_identify_io_controller(struct host *host, struct nvme_sqe *sqe)
{
    build_identify(host, sqe, NVME_CNS_IO_CONTROLLER, 0);
}

static void build_identify_active(struct host *host, struct nvme_sqe *sqe)
{
    build_identify(host, sqe, NVME_CNS_ACTIVE_NAMESPACES, host->config->nsid - 1);
}

// The namespace to be used is the list's first; a controller that has no such list is not asked.
static bool accept_identify_active(struct host *host, const struct nvme_cqe *cqe)
{
    if (cqe_status(cqe) != NVME_SC_SUCCESS)
        return true;
    bool active = *(const uint32_t *)scratch(host) == host->nsid;
    if (!active)
        host_fail(host, "the controller has no active namespace %u", host->nsid);
    return active;
}

static bool has_descriptors(const struct host *host)
{
    return host->vs >= VS_1_3 || has_io_sets(host);
}

static void build_identify_descriptors(struct host *host, struct nvme_sqe *sqe)
{
    build_identify(host, sqe, NVME_CNS_NAMESPACE_DESCRIPTORS, host->nsid);
}

static void build_identify_namespace(struct host *host, struct nvme_sqe *sqe)
{
    build_identify(host, sqe, NVME_CNS_NAMESPACE, host->nsid);
}

static bool accept_identify_namespace(struct host *host, const struct nvme_cqe *cqe)
{
    if (!require_success(host, cqe))
        return false;
    const struct nvme_identify_namespace *ns = scratch(host);
    host->block_shift = ns->lbaf[ns->flbas & 0xf].lbads;
    if (host->block_shift < 9 || host->block_shift > MEMORY_PAGE_SHIFT)
        return host_fail(host, "logical blocks of 2^%u bytes are not supported", host->block_shift), false;
    host->capacity_bytes = ns->nsze << host->block_shift;
    host->deallocates = (ns->dlfeat & NVME_DLFEAT_READS_MASK) == NVME_DLFEAT_READS_ZERO &&
                        (ns->dlfeat & NVME_DLFEAT_WRITE_ZEROES_DEAC);
    return true;
}

static bool has_io_namespace(const struct host *host)
{
    return has_io_sets(host) && has_extended_formats(host);
}

static void build_identify_io_namespace(struct host *host, struct nvme_sqe *sqe)
{
    build_identify(host, sqe, NVME_CNS_IO_NAMESPACE, host->nsid);
}

static void send_admin(struct host *host, const struct nvme_sqe *command)
{
    *host_ring_push(&host->admin) = *command;
    register_write(host, host->admin.sq_doorbell, host->admin.sq_tail);
}

// An Asynchronous Event Request stays with the controller until there is an event.
static bool request_event(struct host *host)
{
    send_admin(host, &(struct nvme_sqe){.opcode = NVME_ADMIN_ASYNC_EVENT_REQUEST, .cid = ADMIN_EVENT_CID});
    return true;
}

static void receive_admin(struct host *host, const struct nvme_cqe *cqe)
{
    if (cqe->cid == ADMIN_EVENT_CID) {
        host->stats.async_events++;
        if (cqe_status(cqe) == NVME_SC_SUCCESS)
            request_event(host);
        return;
    }
    if (host->state != HOST_BRINGUP)
        return; // given up meanwhile
    const struct step *step = host->current;
    SIM_CHECK(host->sim, "host", cqe->cid == ADMIN_CID && step != NULL && step->kind == ADMIN,
              "completion of an admin command that was not sent, identifier %u", cqe->cid);
    if (step->accept == NULL || step->accept(host, cqe))
        advance(host);
}

void bringup_interrupt(struct host *host)
{
    struct nvme_cqe cqe;
    while (host_ring_peek(&host->admin, &cqe)) {
        host_ring_pop(&host->admin);
        register_write(host, host->admin.cq_doorbell, host->admin.cq_head);
        receive_admin(host, &cqe);
    }
}

// --- the table -----------------------------------------------------------------------------------------------------

#define READ(text, at, to) {.name = text, .kind = REGISTER_READ, .offset = at, .take = to}
#define WRITE(text, at, from) {.name = text, .kind = REGISTER_WRITE, .offset = at, .value = from}
#define DO(text, function) {.name = text, .kind = CALL, .call = function}
#define COMMAND(text, make, check) {.name = text, .kind = ADMIN, .build = make, .accept = check}
#define OPTIONAL(condition, ...) {.wanted = condition, __VA_ARGS__}

static const struct step steps[] = {
    DO("PCI enumeration, bus master", enumerate),
    READ("CSTS", NVME_REG_CSTS, take_csts),
    DO("device present", check_present),
    DO("MSI-X, one vector", enable_one_vector),
    READ("CAP, low half", NVME_REG_CAP, take_cap_low),
    READ("CAP, high half", NVME_REG_CAP + 4, take_cap_high),
    DO("CAP", check_capabilities),
    OPTIONAL(has_cmb, .name = "CMBMSC", .kind = REGISTER_WRITE, .offset = REG_CMBMSC, .value = value_cmb_registers),
    READ("CMBSZ", NVME_REG_CMBSZ, NULL),
    READ("VS", NVME_REG_VS, take_vs),
    OPTIONAL(has_subsystem_reset, .name = "CSTS", .kind = REGISTER_READ, .offset = NVME_REG_CSTS, .take = take_csts),
    OPTIONAL(was_subsystem_reset, .name = "CSTS.NSSRO", .kind = REGISTER_WRITE, .offset = NVME_REG_CSTS,
             .value = value_nssro),
    WRITE("CC", NVME_REG_CC, value_zero),
    {.name = "CSTS.RDY = 0", .kind = READY, .offset = 0},
    WRITE("AQA", NVME_REG_AQA, value_aqa),
    WRITE("ASQ, low half", NVME_REG_ASQ, value_asq_low),
    WRITE("ASQ, high half", NVME_REG_ASQ + 4, value_asq_high),
    WRITE("ACQ, low half", NVME_REG_ACQ, value_acq_low),
    WRITE("ACQ, high half", NVME_REG_ACQ + 4, value_acq_high),
    READ("CAP, low half", NVME_REG_CAP, take_cap_low),
    READ("CAP, high half", NVME_REG_CAP + 4, take_cap_high),
    WRITE("CC", NVME_REG_CC, value_cc_disabled),
    READ("CC", NVME_REG_CC, NULL),
    READ("CAP, low half", NVME_REG_CAP, take_cap_low),
    READ("CAP, high half", NVME_REG_CAP + 4, take_cap_high),
    WRITE("CC.EN", NVME_REG_CC, value_cc_enabled),
    {.name = "CSTS.RDY = 1", .kind = READY, .offset = NVME_CSTS_RDY},
    READ("VS", NVME_REG_VS, take_vs),
    COMMAND("Identify controller", build_identify_controller, accept_identify_controller),
    OPTIONAL(has_effects_log, .name = "Get Log Page: commands supported and effects", .kind = ADMIN,
             .build = build_effects_log),
    OPTIONAL(has_timestamp, .name = "Set Features: timestamp", .kind = ADMIN, .build = build_timestamp),
    OPTIONAL(has_host_behaviour, .name = "Set Features: host behaviour", .kind = ADMIN,
             .build = build_host_behaviour),
    COMMAND("Get Log Page: SMART", build_smart_log, NULL),
    COMMAND("Set Features: number of queues", build_number_of_queues, accept_number_of_queues),
    OPTIONAL(is_weighted, .name = "Set Features: arbitration", .kind = ADMIN, .build = build_arbitration,
             .accept = require_success),
    DO("MSI-X, a vector for each queue", enable_all_vectors),
    DO("queue memory", create_memory),
    COMMAND("Create I/O Completion Queue", build_create_cq, require_success),
    COMMAND("Create I/O Submission Queue", build_create_sq, accept_create_sq),
    {.name = "the next queue pair", .kind = REPEAT, .offset = 2, .wanted = more_pairs},
    OPTIONAL(has_events, .name = "Set Features: asynchronous event configuration", .kind = ADMIN,
             .build = build_event_configuration),
    OPTIONAL(has_events, .name = "Asynchronous Event Request", .kind = CALL, .call = request_event),
    OPTIONAL(has_cns_lists, .name = "Identify I/O command set controller", .kind = ADMIN,
             .build = build_identify_io_controller),
    OPTIONAL(has_cns_lists, .name = "Identify active namespaces", .kind = ADMIN, .build = build_identify_active,
             .accept = accept_identify_active),
    OPTIONAL(has_descriptors, .name = "Identify namespace descriptors", .kind = ADMIN,
             .build = build_identify_descriptors),
    COMMAND("Identify namespace", build_identify_namespace, accept_identify_namespace),
    COMMAND("Identify namespace", build_identify_namespace, accept_identify_namespace),
    OPTIONAL(has_io_namespace, .name = "Identify I/O command set namespace", .kind = ADMIN,
             .build = build_identify_io_namespace),
};

static void register_was_read(void *context, uint64_t value)
{
    struct host *host = context;
    if (host->state != HOST_BRINGUP)
        return;
    if (host->current->take != NULL)
        host->current->take(host, (uint32_t)value);
    advance(host);
}

// Takes the step; true when the next one may follow at once.
static bool take_step(struct host *host, const struct step *step)
{
    struct nvme_sqe sqe = {.cid = ADMIN_CID};
    switch (step->kind) {
    case REGISTER_READ:
        host->device.mmio_read(host->device.self, step->offset, 4, register_was_read, host);
        return false;
    case REGISTER_WRITE:
        register_write(host, step->offset, step->value(host));
        return true;
    case CALL:
        return step->call(host);
    case READY:
        host->deadline = sim_now(host->sim) + (NVME_FIELD(host->cap, NVME_CAP_TO) + 1) * 500 * TICKS_PER_MS;
        read_ready(host);
        return false;
    case ADMIN:
        step->build(host, &sqe);
        send_admin(host, &sqe);
        return false;
    case REPEAT:
        host->step -= step->offset + 1;
        return true;
    }
    return false;
}

static void advance(struct host *host)
{
    while (host->step < ARRAY_SIZE(steps)) {
        const struct step *step = &steps[host->step++];
        if (step->wanted != NULL && !step->wanted(host))
            continue;
        host->current = step;
        if (!take_step(host, step))
            return;
    }
    host->current = NULL;
    host_begin(host);
}

void bringup_start(struct host *host)
{
    host->nsid = host->config->nsid;
    advance(host);
}

const char *bringup_waits_for(const struct host *host)
{
    return host->current == NULL ? NULL : host->current->name;
}
